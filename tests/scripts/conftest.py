"""A Masthead of one's own, started by scripts/up in a folder of the test."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.environment import ROOT
from scripts.processes import free_port, wait_until

STARTED = "Ctrl-C stops everything."


class Up:
    """`scripts/up` as a person at a terminal has it."""

    def __init__(self, folder: Path) -> None:
        self.var = folder / "var"
        self.port = free_port()
        self._output = folder / "output.txt"
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start it and wait for its greeting."""
        self._output.write_bytes(b"")
        with self._output.open("ab") as output:
            process = subprocess.Popen(
                [ROOT / "scripts" / "up", "--empty", f"--port={self.port}", *arguments],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        wait_until(
            lambda: STARTED in self.said() or process.poll() is not None, seconds=120
        )
        assert STARTED in self.said(), self.said()
        return process

    def run(self, *arguments: str, words: str = "") -> subprocess.CompletedProcess[str]:
        """Run it to its end, typing these words."""
        return subprocess.run(
            [ROOT / "scripts" / "up", *arguments],
            env=self._environment(),
            input=words,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def said(self) -> str:
        return self._output.read_text()

    def pids(self) -> dict[str, int]:
        """The main process of each part."""
        state = json.loads((self.var / "run" / "parts.json").read_text())
        return {name: pid for name, (pid, _) in state.items()}

    def living(self) -> list[str]:
        """Every process that runs on this home, whoever its parent is now."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self._runs_here(process):
                    found.append((process / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue  # it ended while we looked
        return found

    def _runs_here(self, process: Path) -> bool:
        environment = (process / "environ").read_bytes().split(b"\0")
        # Valkey writes its title over its environment; it runs in its data folder.
        folder = (process / "cwd").readlink()
        return f"VAR_DIR={self.var}".encode() in environment or self.var in (
            folder.parents
        )

    def everything_runs(self) -> bool:
        """Ourselves, five parts, and the children of gunicorn and Celery."""
        return wait_until(lambda: len(self.living()) >= 9, seconds=60)

    def all_ended(self, seconds: float) -> bool:
        return wait_until(lambda: not self.living(), seconds=seconds)

    def close(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)

    def _environment(self) -> dict[str, str]:
        return os.environ | {"VAR_DIR": str(self.var)}


@pytest.fixture
def up(tmp_path) -> Iterator[Up]:
    if not Path("/proc/self/environ").exists():
        pytest.skip("looks for orphans in /proc")
    home = Up(tmp_path)
    yield home
    home.close()
