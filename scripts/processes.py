"""Child processes that never outlive us. Standard library only; Linux and macOS.

The supervisor of `scripts/up` and the tests' engines start everything through here.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>

# Loaded before any fork: the child may only call it, not look for it.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | int | None = None,
    user: str | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own, tied to our life.

    On Linux the kernel sends the child `death_signal` the moment we die, however we
    die. Call this from the main thread: the tie is to the thread that forks.
    """
    return subprocess.Popen(  # noqa: S603  (commands are ours, never a shell)
        [str(part) for part in command],
        env=dict(env) if env is not None else None,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        user=user,
        group=None if user is None else _group_of(user),
        extra_groups=None if user is None else [],
        process_group=0,
        preexec_fn=_tie_to(os.getpid(), death_signal),
    )


def _tie_to(parent: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    if _libc is None:
        return None

    def tie() -> None:
        # Runs after any change of user, which would have undone the setting.
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # we died between fork and prctl
            os._exit(1)

    return tie


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def stop(
    children: Iterable[subprocess.Popen[bytes]],
    *,
    patience: float = 3.0,
    insist: float = 1.0,
    first: signal.Signals = signal.SIGTERM,
) -> None:
    """End children: ask each main process, insist after `patience`, then clear up.

    Only main processes are asked: Celery's pool children die at once of a SIGTERM
    meant for their parent, in the middle of a mail. SIGQUIT is Celery's and gunicorn's
    "stop now"; whatever is left in a group after that is killed.
    """
    children = list(children)
    for child in children:
        _signal(child, first)
    _wait(children, patience)
    unwilling = [child for child in children if child.poll() is None]
    for child in unwilling:
        _signal(child, signal.SIGQUIT)
    _wait(unwilling, insist)
    for child in children:
        kill_group(child.pid)
    _wait(children, insist)


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(number)


def _wait(children: Sequence[subprocess.Popen[bytes]], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=max(0.0, deadline - time.monotonic()))


def kill_group(group: int) -> None:
    """Kill whatever is left of a process group; nothing left is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def birth_of(pid: int) -> str | None:
    """When this process began, in the system's own words; None when there is none.

    Pid and birth together name a process, though pids are used again. A zombie does
    not count: it waits for its parent, but does nothing any more.
    """
    try:
        if sys.platform == "linux":
            stat = Path(f"/proc/{pid}/stat").read_text()
            state, *fields = stat.rpartition(")")[2].split()
            return None if state == "Z" else fields[18]  # field 22, proc(5)
        else:
            command = ["ps", "-o", "lstart=", "-p", str(pid)]
            return subprocess.check_output(command, text=True).strip()  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether we could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def wait_until(
    ready: Callable[[], bool], *, seconds: float, pause: float = 0.05
) -> bool:
    """Ask `ready` until it says yes (True) or the time is over (False)."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def accepts(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something answers on this port."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), 0.5):
        return True
    return False
