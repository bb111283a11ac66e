"""Runs of one checker over one world, each in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import kinds

TIMEOUT = 5  # seconds of one visit
PER_HOST, AT_ONCE, GAP = 4, 256, "50ms"  # as `fetching.manners` has them
PATIENCE = 100  # seconds


@dataclass(frozen=True, slots=True)
class Run:
    """What one run cost, and its verdict by URL: ok, unsure or broken.

    `settled` are, by kind of link, the seconds until the last of them was stored.
    """

    seconds: float
    cpu: float
    memory: float  # MB at its peak, of a million bytes
    verdicts: dict[str, str]
    before: float = 0.0  # MB of a process with everything loaded and nothing done
    finished: bool = True
    settled: dict[str, float] = field(default_factory=dict)


def run_ours(world: str, ca: str) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            "DATABASE_URL": f"sqlite:///{folder}/links.sqlite3",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "FETCHING_SECONDS": str(TIMEOUT),
            "SSL_CERT_FILE": ca,
            "VAR_DIR": folder,
        }
        _call(env, "manage.py", "migrate", "--verbosity=0")
        _call(env, "-m", "benchmarks.links.ours", "plant", world)
        told = _call(env, "-m", "benchmarks.links.ours", "run", world)
    return Run(**json.loads(told.splitlines()[-1]))


def _call(env: dict[str, str], *arguments: str) -> bytes:
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True).stdout


def run_lychee(world: str, ca: str) -> Run:
    """lychee as polite as we are, without the links that make it wait for minutes."""
    named = kinds.links_of(world).items()
    urls = [url for url, kind in named if kind.name != kinds.TIRING]
    with tempfile.TemporaryDirectory() as folder:
        listed, report = Path(folder) / "links.txt", Path(folder) / "report.json"
        listed.write_text("\n".join(urls))
        seconds, cpu, memory, finished = _measure(
            _lychee(listed, report), os.environ | {"SSL_CERT_FILE": ca}
        )
        verdicts = _read(report) if finished else {}
    return Run(seconds, cpu, memory, verdicts, finished=finished)


def _lychee(listed: Path, report: Path) -> list[str]:
    return [
        str(Path(sys.executable).with_name("lychee")),
        "--no-progress",
        "--verbose",
        "--format=json",
        f"--output={report}",
        f"--timeout={TIMEOUT}",
        f"--host-concurrency={PER_HOST}",
        f"--max-concurrency={AT_ONCE}",
        f"--host-request-interval={GAP}",
        "--max-retries=1",  # as we visit once more
        "--include-fragments",
        str(listed),
    ]


def _measure(
    command: list[str], env: dict[str, str]
) -> tuple[float, float, float, bool]:
    """Seconds, CPU seconds, peak MB, and whether it ended by itself."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    ended = threading.Event()
    guard = threading.Thread(target=lambda: ended.wait(PATIENCE) or process.kill())
    guard.start()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    guard.join()
    cpu = usage.ru_utime + usage.ru_stime
    finished = process.returncode >= 0
    return time.monotonic() - started, cpu, usage.ru_maxrss * 1024 / 1e6, finished


def _read(report: Path) -> dict[str, str]:
    """lychee knows two values; what timed out is an error to it."""
    told = json.loads(report.read_text())
    verdicts: dict[str, str] = {}
    for name, verdict in (
        ("success_map", "ok"),
        ("redirect_map", "ok"),
        ("excluded_map", "unsure"),
        ("timeout_map", "broken"),
        ("error_map", "broken"),
    ):
        for answers in told.get(name, {}).values():
            verdicts |= {
                answer["url"]: verdict for answer in answers if "url" in answer
            }
    return verdicts
