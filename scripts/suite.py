"""`scripts/test`: every check and every test, on engines that come from wheels."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from .environment import ROOT, SetupError, prepare

HELP = """\
usage: scripts/test [PYTEST ARGUMENTS]

Without arguments: lint, import rule, types, migrations, deployment settings, then the
whole suite on PostgreSQL and what is marked `engines` once more on SQLite.
With arguments: only the tests, on both databases, chosen by pytest's own arguments:

    scripts/test -k word
    scripts/test tests/editorial -x

DATABASE_URL and REDIS_URL replace the engines that would be started otherwise; with
DATABASE_URL there is one run. MASTHEAD_REQUIRE_ALL=1 makes a skipped browser or
PostgreSQL test a failure.
"""
NO_TESTS_CHOSEN = 5  # pytest's exit status when its arguments chose nothing


def main(arguments: Sequence[str]) -> int:
    if list(arguments) in (["--help"], ["-h"]):
        print(HELP, end="")
        return 0
    try:
        python = prepare("requirements.txt", "requirements-dev.txt")
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="masthead-suite-") as folder:
        environment = _environment(Path(folder))
        failed = [] if arguments else _checks(python, Path(folder), environment)
        failed += _tests(python, arguments, Path(folder), environment)
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _checks(python: Path, folder: Path, environment: dict[str, str]) -> list[str]:
    """The names of the checks that failed; what they said is on the screen."""
    module = [str(python), "-m"]
    manage = [str(python), "-W", "ignore", "manage.py"]
    production = environment | _production(folder)
    steps = {
        "ruff check": ([*module, "ruff", "check", "."], environment),
        "ruff format": ([*module, "ruff", "format", "--check", "."], environment),
        "import rule": ([str(python.with_name("lint-imports"))], environment),
        "types": ([*module, "mypy"], environment),
        "missing migrations": (
            [*manage, "makemigrations", "--check", "--dry-run"],
            production,
        ),
        "deployment settings": (
            [*manage, "check", "--deploy", "--fail-level", "WARNING"],
            production,
        ),
    }
    return [name for name, step in steps.items() if not _passes(name, *step)]


def _passes(name: str, command: Sequence[str], environment: dict[str, str]) -> bool:
    began = time.monotonic()
    ran = subprocess.run(  # noqa: S603
        command,
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    verdict = "FAILED" if ran.returncode else "ok"
    print(f"{name:20} {verdict} ({time.monotonic() - began:.1f} s)", flush=True)
    if ran.returncode:
        print(ran.stdout, flush=True)
    return ran.returncode == 0


def _tests(
    python: Path,
    arguments: Sequence[str],
    folder: Path,
    environment: dict[str, str],
) -> list[str]:
    """The runs of the suite that failed."""
    if not _passes(
        "translations",
        [str(python), "manage.py", "compile_translations"],
        environment | _production(folder),
    ):
        return ["translations"]
    runs: dict[str, tuple[list[str], dict[str, str]]] = {"tests": ([], environment)}
    if "DATABASE_URL" not in environment:
        sqlite = {"DATABASE_URL": f"sqlite:///{folder / 'tests.sqlite3'}"}
        runs["tests on SQLite"] = (["--engines-only"], environment | sqlite)
    statuses = {
        name: _pytest(python, [*arguments, *extra], run_environment)
        for name, (extra, run_environment) in runs.items()
    }
    if set(statuses.values()) == {NO_TESTS_CHOSEN}:
        return ["the choice of tests: nothing matches"]
    return [
        name for name, status in statuses.items() if status not in (0, NO_TESTS_CHOSEN)
    ]


def _pytest(python: Path, arguments: Sequence[str], environment: dict[str, str]) -> int:
    spread = [] if _says_how_many(arguments) else ["-n", "auto", "--maxprocesses", "4"]
    return subprocess.run(  # noqa: S603
        [str(python), "-m", "pytest", *spread, *arguments],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
    ).returncode


def _says_how_many(arguments: Sequence[str]) -> bool:
    return any(part.startswith(("-n", "--numprocesses", "--pdb")) for part in arguments)


def _environment(folder: Path) -> dict[str, str]:
    """Ours, without what `scripts/up --env` or a deployment set in this shell."""
    foreign = {"SECRET_KEY", "PUBLIC_URL", "ALLOWED_HOSTS", "EMAIL_URL"}
    if "MASTHEAD_DEVELOPMENT" in os.environ:
        foreign |= {"MASTHEAD_DEVELOPMENT", "DATABASE_URL", "REDIS_URL"}
    ours = {
        name: value
        for name, value in os.environ.items()
        if name not in foreign and not name.startswith("DJANGO_")
    }
    return ours | {"VAR_DIR": str(folder)}


def _production(folder: Path) -> dict[str, str]:
    """What deploy/env.example asks for, filled in as a careful owner would."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "PUBLIC_URL": "https://news.example.org",
        "DATABASE_URL": f"sqlite:///{folder / 'production.sqlite3'}",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "EMAIL_URL": "smtp+tls://desk:secret@mail.example.org:587",
        "SENDER": "Weekly <desk@news.example.org>",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
