"""`scripts/up`: set Masthead up on this machine and run it until Ctrl-C."""

import argparse
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from . import processes
from .checkup import check
from .environment import ROOT, SetupError, prepare
from .home import Home, Occupied, Ports
from .supervisor import Supervisor, end_left_overs, say

DEFAULT_PORT = 8000


def main() -> int:
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        python = prepare("requirements.txt")
        os.umask(0o077)  # what it keeps holds addresses and a key
        if options.check:
            with tempfile.TemporaryDirectory(prefix="masthead-check-") as passing:
                return check(Home(Path(passing), python=python), sample=options.sample)
        folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
        home = Home(folder, python=python)
        return _print_environment(home) if options.env else _run(home, options)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/up",
        description="Set Masthead up on this machine and run it: web, Celery worker, "
        "beat, broker and a mailbox that catches every mail. Everything it keeps is in "
        "var/ (or in $VAR_DIR). Ctrl-C stops all of it.",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="where the pages answer (default: %(default)s)",
    )
    parser.add_argument(
        "--empty",
        dest="sample",
        action="store_false",
        help="on the first run, do not load the sample publication",
    )
    parser.add_argument(
        "--reset", action="store_true", help="first throw away everything in var/"
    )
    parser.add_argument(
        "--yes", action="store_true", help="do not ask before --reset throws away"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="start everything in a temporary folder, see each part work, stop it; "
        "exit status 0 if all did",
    )
    parser.add_argument(
        "--env",
        action="store_true",
        help="print what a shell needs to run manage.py on what runs: "
        'eval "$(scripts/up --env)"',
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port (1 to 65535)")
    return int(text)


def _print_environment(home: Home) -> int:
    if not home.environment_file.exists():
        raise SetupError("Nothing has run here yet. Start scripts/up first.")
    print(home.environment_file.read_text(), end="")
    return 0


def _run(home: Home, options: argparse.Namespace) -> int:
    ports = Ports.choose(web=options.port)
    try:
        with home.held(ports.address):
            if options.reset and not _reset(home, sure=options.yes):
                return 1
            return _serve(home, ports, sample=options.sample)
    except Occupied as occupied:
        say(f"{occupied} Stop it there with Ctrl-C before starting another.")
        return 1


def _reset(home: Home, *, sure: bool) -> bool:
    """Empty the home if the person agrees; gives back whether they did."""
    if not sure:
        try:
            answer = input(f"Throw away everything in {home.folder}? Type yes: ")
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            say("Nothing was thrown away. To agree beforehand: --reset --yes")
            return False
    end_left_overs(home.state_file)
    home.empty()
    return True


def _serve(home: Home, ports: Ports, *, sample: bool) -> int:
    for name in end_left_overs(home.state_file):
        say(f"Ended {name}, left over from a start that was killed.")
    if not processes.is_free(ports.web):
        raise SetupError(
            f"Port {ports.web} is taken by another program. Free it, or choose "
            f"another: scripts/up --port {processes.free_port()}"
        )
    home.prepare()
    home.write_environment(ports)
    env = home.environment(ports)
    home.fill(env, sample=sample)
    stopping = _on_signals()
    supervisor = Supervisor(
        home.parts(env, ports),
        state_file=home.state_file,
        logs=home.logs,
        cwd=ROOT,
        say=say,
    )
    try:
        for name in supervisor.start(stopping=stopping):
            say(f"{name} is slow to start; its log: {home.logs / name}.log")
        if not stopping.is_set():
            _greet(home, ports)
        while not stopping.wait(0.2):
            supervisor.tend()
    finally:
        supervisor.stop()
    say("Stopped.")
    return 0


def _interrupt(*_: object) -> None:
    """Leave the way Ctrl-C does, so that whatever runs is cleared up."""
    raise KeyboardInterrupt


def _on_signals() -> threading.Event:
    """An event that Ctrl-C, a closed terminal or SIGTERM sets."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _greet(home: Home, ports: Ports) -> None:
    print(f"\nMasthead runs at {ports.address}/ (the desk: {ports.address}/desk/)")
    if log_ins := home.sample_log_ins():
        print("\nSample log-ins (address, password):")
    for name, address, password, role in log_ins:
        print(f"  {address:28} {password:20} {role}, {name}")
    print(f"\nEvery mail lands in {home.mail}")
    print(f"Logs are in {home.logs}")
    print("Ctrl-C stops everything.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
