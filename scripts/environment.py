"""The virtual environment `.venv`: made once, installed again when a list changes."""

import hashlib
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"


class SetupError(Exception):
    """Something about this machine stands in the way; the text says what to do."""


def prepare(*requirements: str) -> Path:
    """The Python of a `.venv` in which these requirement files are installed.

    A stamp with their hash makes a second call cost nothing.
    """
    python = VENV / "bin" / "python"
    if not _works(python):
        _make_venv()
    stamp = VENV / f".installed-{requirements[-1]}"
    wanted = _fingerprint(requirements)
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"Installing {requirements[-1]} …", flush=True)
        _install(python, requirements)
        stamp.write_text(wanted)
    return python


def _works(python: Path) -> bool:
    """Whether `.venv` is there and its Python has not been removed since."""
    try:
        command = [str(python), "-c", "import pip"]
        return subprocess.run(command, capture_output=True).returncode == 0  # noqa: S603
    except OSError:
        return False


def _make_venv() -> None:
    missing = [name for name in ("venv", "ensurepip") if not _importable(name)]
    if missing:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupError(
            f"This Python ({sys.executable}) lacks the module {missing[0]!r}. "
            f"On Debian and Ubuntu: apt install python{version}-venv"
        )
    print("Making .venv …", flush=True)
    made = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "venv", "--clear", VENV],
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise SetupError(f"Could not make {VENV}: {_last_line(made)}")


def _install(python: Path, requirements: Sequence[str]) -> None:
    lists = [part for name in requirements for part in ("-r", str(ROOT / name))]
    installed = subprocess.run(  # noqa: S603
        [
            *(python, "-m", "pip", "install", "--quiet"),
            *("--disable-pip-version-check", *lists),
        ]
    )
    if installed.returncode:
        raise SetupError(
            "pip could not install the requirements; its message is above. "
            "Is the network there? Run this again when it is."
        )


def _fingerprint(requirements: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for name in requirements:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _importable(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _last_line(completed: subprocess.CompletedProcess[str]) -> str:
    lines = (completed.stderr or completed.stdout).strip().splitlines()
    return lines[-1] if lines else f"status {completed.returncode}"
