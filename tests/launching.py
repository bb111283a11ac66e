"""Real processes of ours for journeys: web, worker and beat on the test's engines."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import connection

from newsletter import health
from scripts import processes
from scripts.home import WORKER, answers

ROOT = Path(settings.BASE_DIR)
PATIENCE = 180.0  # a busy machine starts a worker slowly; a healthy one takes 3 s


class Launcher:
    """Starts our programs against the test's database, broker and mail server.

    Each method returns when the program does its work. All are stopped at the end of
    the test; their logs are then in the test's captured output.
    """

    def __init__(self, folder: Path, *, email_url: str) -> None:
        self._folder = folder
        self._started: list[tuple[str, subprocess.Popen[bytes]]] = []
        self.address = settings.PUBLIC_URL
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": _test_database_url(),
            "PUBLIC_URL": self.address,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "EMAIL_URL": email_url,
            "PYTHONUNBUFFERED": "1",
        }

    def worker(self, *, concurrency: int = 2, **env: str) -> subprocess.Popen[bytes]:
        """A Celery worker that has carried out a task."""
        name = f"worker{len(self._started)}"
        process = self._celery(
            *(*WORKER, "-n", f"{name}@%h", "--concurrency", str(concurrency)),
            name=name,
            env=env,
        )
        node = f"{name}@{socket.gethostname()}"
        self._expect(
            name, process, lambda: health.worker_answers(worker=node, seconds=1)
        )
        return process

    def beat(self, **env: str) -> subprocess.Popen[bytes]:
        """Celery's clock; its ticks come out at a worker if one runs."""
        schedule = self._folder / "beat-schedule"
        return self._celery(
            *("beat", "--schedule", str(schedule), "--pidfile", ""),
            name="beat",
            env=env,
        )

    def web(self, *, workers: int = 1, **env: str) -> str:
        """A gunicorn that answers at the address given back (PUBLIC_URL)."""
        process = self._start(
            [
                *(sys.executable, "-m", "gunicorn", "newsletter.wsgi"),
                *("--bind", urlsplit(self.address).netloc, "--no-control-socket"),
                *("--worker-class", "gthread", "--threads", "8"),
                *("--workers", str(workers)),
            ],
            name="web",
            env=env,
        )
        self._expect("web", process, lambda: answers(f"{self.address}/healthz"))
        return self.address

    def stop(self, *, patience: float = 10.0) -> None:
        """End everything and print the logs; safe to call twice."""
        processes.stop([process for _, process in self._started], patience=patience)
        for name, _ in self._started:
            print(f"--- {name}\n{self.log(name)}")
        self._started.clear()

    def log(self, name: str) -> str:
        """What a program has written so far."""
        return (self._folder / f"{name}.log").read_text(errors="replace")

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a program and its children with -9, as a power cut would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _celery(
        self, *arguments: str, name: str, env: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "newsletter", *arguments]
        return self._start(command, name=name, env=env)

    def _start(
        self, command: list[str], *, name: str, env: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            process = processes.spawn(command, env=self.env | env, cwd=ROOT, output=log)
        self._started.append((name, process))
        return process

    def _expect(self, name, process, works) -> None:
        started = processes.wait_until(
            lambda: process.poll() is not None or works(), seconds=PATIENCE
        )
        if process.poll() is not None or not started:
            raise AssertionError(f"{name} did not start:\n{self.log(name)}")


def empty_broker() -> None:
    """Forget what earlier tests rang for."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushdb()


def _test_database_url() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
