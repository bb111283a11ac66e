"""One small supervisor: starts parts, starts again what dies, ends all of it.

Each part goes waiting → running → (dies) waiting → …, until `stop` ends it. What runs
is written to a state file, so that the next start can end what a killed supervisor
left (on Linux the kernel has done so already, see `processes.spawn`).
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import processes

MAX_LOG_BYTES = 5_000_000
TAIL_LINES = 8
STEADY_AFTER = 20.0  # a part that ran this long starts afresh with its first pause
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before the next start


@dataclass(frozen=True)
class Part:
    """One long-running program and how to tell that it has started."""

    name: str
    command: Sequence[str | Path]
    env: Mapping[str, str]
    is_ready: Callable[[], bool] = lambda: True
    outlives: bool = False  # others need it while they end: it is stopped after them


@dataclass
class _Child:
    part: Part
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_again_at: float | None = None  # set while it waits for its next start


class Supervisor:
    """Runs parts until told to stop. Use it from the main thread only."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        state_file: Path,
        logs: Path,
        cwd: Path,
        say: Callable[[str], None],
    ) -> None:
        self._children = [_Child(part, logs / f"{part.name}.log") for part in parts]
        self._state_file = state_file
        self._cwd = cwd
        self._say = say

    def start(
        self, *, stopping: threading.Event | None = None, seconds: float = 60.0
    ) -> list[str]:
        """Start every part in order, each when the one before is ready.

        Gives back the names of parts that were not ready in time; breaks off when
        `stopping` is set.
        """
        stopping = stopping or threading.Event()
        late = []
        for child in self._children:
            if stopping.is_set():
                break
            self._launch(child)
            if not self._until_ready(child, stopping, time.monotonic() + seconds):
                late.append(child.part.name)
        return late

    def tend(self) -> None:
        """Notice deaths, and start again what has waited long enough."""
        now = time.monotonic()
        for child in self._children:
            if child.process and child.process.poll() is not None:
                self._mourn(child, child.process)
            elif child.start_again_at is not None and now >= child.start_again_at:
                self._launch(child)

    def stop(self) -> None:
        """End every part within 5 seconds, those that others need last."""
        for outlives in (False, True):
            processes.stop(
                [
                    child.process
                    for child in self._children
                    if child.process and child.part.outlives is outlives
                ],
                patience=1.0 if outlives else 3.0,
                insist=0.4,
            )
        self._state_file.unlink(missing_ok=True)

    def log_tail(self, name: str) -> list[str]:
        """The last lines that a part wrote."""
        [child] = [child for child in self._children if child.part.name == name]
        return _tail(child.log)

    def _until_ready(
        self, child: _Child, stopping: threading.Event, deadline: float
    ) -> bool:
        while not (child.process and child.part.is_ready()):
            if time.monotonic() > deadline:
                return False
            if stopping.wait(0.05):
                break
            self.tend()
        return True

    def _launch(self, child: _Child) -> None:
        _roll(child.log)
        with child.log.open("ab") as log:
            child.process = processes.spawn(
                child.part.command,
                env=child.part.env,
                cwd=self._cwd,
                output=log,
                death_signal=signal.SIGTERM,
            )
        child.started_at = time.monotonic()
        child.start_again_at = None
        self._write_state()

    def _mourn(self, child: _Child, process: subprocess.Popen[bytes]) -> None:
        processes.kill_group(process.pid)
        now = time.monotonic()
        if now - child.started_at > STEADY_AFTER:
            child.deaths = 0
        pause = PAUSES[min(child.deaths, len(PAUSES) - 1)]
        child.deaths += 1
        child.process = None
        child.start_again_at = now + pause
        self._write_state()
        if child.deaths == 1:  # later ones of a series have the same to say
            for line in _tail(child.log):
                self._say(f"{child.part.name} | {line}")
        self._say(
            f"{child.part.name} ended with status {process.returncode}; "
            f"starting it again in {pause:g} s. Its log: {child.log}"
        )

    def _write_state(self) -> None:
        running = {
            child.part.name: [child.process.pid, processes.birth_of(child.process.pid)]
            for child in self._children
            if child.process
        }
        written = self._state_file.with_suffix(".new")
        written.write_text(json.dumps(running))
        written.replace(self._state_file)


def end_left_overs(state_file: Path) -> list[str]:
    """End what a killed supervisor left running; gives back the names of the parts."""
    try:
        recorded = json.loads(state_file.read_text())
    except (OSError, ValueError):
        return []
    left = {
        name: pid
        for name, (pid, birth) in recorded.items()
        if birth and processes.birth_of(pid) == birth
    }
    for pid in left.values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    processes.wait_until(
        lambda: not any(processes.birth_of(pid) for pid in left.values()), seconds=3
    )
    for pid in left.values():
        processes.kill_group(pid)
    state_file.unlink(missing_ok=True)
    return list(left)


def _roll(log: Path) -> None:
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def _tail(log: Path) -> list[str]:
    try:
        with log.open("rb") as text:
            text.seek(max(0, log.stat().st_size - 8_000))
            return text.read().decode(errors="replace").splitlines()[-TAIL_LINES:]
    except OSError:
        return []


def say(line: str) -> None:
    """To the console at once; a console that is gone is no reason to die."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)
