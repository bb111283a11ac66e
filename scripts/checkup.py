"""`scripts/up --check`: start everything, see each part do its work, stop it."""

import contextlib
import smtplib
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage

from . import processes
from .environment import ROOT, SetupError
from .home import Home, Ports, answers
from .supervisor import Supervisor, say

PATIENCE = 60.0  # seconds for one part to show that it works


def check(home: Home, *, sample: bool) -> int:
    """Print a line for each part; 0 if all of them work, else 1."""
    ports = Ports.choose()
    home.prepare()
    env = home.environment(ports)
    home.fill(env, sample=sample)
    print("database  is migrated" + (" and holds the sample" if sample else ""))
    supervisor = Supervisor(
        home.parts(env, ports),
        state_file=home.state_file,
        logs=home.logs,
        cwd=ROOT,
        say=say,
    )
    probes: dict[str, tuple[str, Callable[[], bool]]] = {
        "broker": ("answers", lambda: processes.accepts(ports.broker)),
        "web": (
            f"answers at {ports.address}/ and is ready",
            lambda: answers(f"{ports.address}/") and answers(f"{ports.address}/readyz"),
        ),
        "worker": (
            "carried out a canary task",
            lambda: _succeeds(home, env, "worker_health", "--timeout=20"),
        ),
        "beat": ("ticked", lambda: _succeeds(home, env, "beat_health")),
        "mailbox": ("took a mail by SMTP", lambda: _takes_mail(home, ports)),
    }
    with _running(supervisor):
        failed = [
            name
            for name, (words, works) in probes.items()
            if not _show(name, words, works, supervisor)
        ]
    print("Stopped. " + (f"Failed: {', '.join(failed)}" if failed else "All works."))
    return 1 if failed else 0


@contextlib.contextmanager
def _running(supervisor: Supervisor) -> Iterator[None]:
    try:
        supervisor.start()
        yield
    finally:
        supervisor.stop()


def _show(
    name: str, words: str, works: Callable[[], bool], supervisor: Supervisor
) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not works():
        if time.monotonic() > deadline:
            print(f"{name:9} FAILED: it never {words}; the end of its log:", flush=True)
            for line in supervisor.log_tail(name):
                print(f"{name:9} | {line}", flush=True)
            return False
        supervisor.tend()
        time.sleep(0.2)
    print(f"{name:9} {words}", flush=True)
    return True


def _succeeds(home: Home, env: dict[str, str], *command: str) -> bool:
    try:
        home.manage(env, *command)
    except SetupError:
        return False
    return True


def _takes_mail(home: Home, ports: Ports) -> bool:
    mail = EmailMessage()
    mail["From"] = mail["To"] = "check@localhost.example"
    mail["Subject"] = f"Check {time.time_ns()}"
    with contextlib.suppress(OSError, smtplib.SMTPException):
        with smtplib.SMTP("127.0.0.1", ports.mailbox, timeout=5) as server:
            server.send_message(mail)
        kept = (file.read_text(errors="replace") for file in home.mail.glob("*.eml"))
        return any(mail["Subject"] in text for text in kept)
    return False
