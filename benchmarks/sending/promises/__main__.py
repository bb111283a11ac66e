"""Try one promise about sending, and say whether it was kept.

    python -m benchmarks.sending.promises CASE [--database postgres|sqlite] [--seed N]

Real workers, a real broker and database, a mail server that writes down what it took.
PostgreSQL runs with fsync, SQLite with synchronous=FULL. The last line is the verdict
with the figures asked for, the exit status 0 where the promise was kept.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import ground
from benchmarks.sending import sink
from scripts import processes
from tests import engines

from .verdict import Verdict

ENGINES = {"postgres": "postgresql", "sqlite": "sqlite"}


@dataclass(frozen=True)
class Case:
    """Where it is played, and how large unless asked otherwise."""

    module: str
    play: str
    says: str
    recipients: int = 20_000
    senders: int = 4
    connections: int = 32
    times: int = 0
    rate: int | None = None
    down: float = 0.0


CASES = {
    "S1": Case(
        *("crashes", "kill_the_senders"),
        "kill -9 all senders --times at random moments",
        times=10,
    ),
    "S3": Case(
        *("broker", "lose_the_broker"),
        "flush, restart --times, freeze and stop the broker for --down seconds",
        times=5,
        rate=100,
        down=600,
    ),
    "S4": Case(
        *("crashes", "kill_the_database"),
        "end PostgreSQL in immediate mode --times, away for up to --down seconds",
        times=5,
        down=5,
    ),
    "S13": Case(
        *("pace", "keep_the_rate"),
        "four workers at --rate for --minutes, restarted and killed",
        recipients=30_000,
        senders=4,
        rate=50,
    ),
    "S14": Case(
        *("size", "claim_from_a_million"),
        "time --times claims at the beginning, middle and end of a large ledger",
        recipients=1_000_000,
        times=400,
    ),
    "S15": Case(
        *("restored", "restore_yesterday"),
        "restore a backup, let workers and beat run for --wait seconds",
        recipients=4_000,
        senders=1,
    ),
    "memory": Case(
        *("size", "weigh_a_sender"),
        "peak memory of a worker that freezes and sends to 1,000, a tenth and all",
        recipients=1_000_000,
        senders=1,
    ),
    "freezing": Case(
        *("size", "freeze_many"), "freeze a digest for many", recipients=100_000
    ),
}


def main(arguments: list[str]) -> int:
    asked = _parse(arguments)
    case = CASES[asked.case]
    print(
        f"{asked.case} on {asked.database}, seed {asked.seed}: {case.says}", flush=True
    )
    # As in production: what is committed is on the disk.
    engines.POSTGRES_SPEED.clear()
    os.environ["PUBLIC_URL"] = f"http://127.0.0.1:{processes.free_port()}"
    verdict = Verdict(f"{asked.case} {asked.database}", timed=not asked.untimed)
    with (
        tempfile.TemporaryDirectory(prefix="masthead-promises-") as name,
        ground.database(ENGINES[asked.database]),
        sink.running(Path(name)) as taking,
    ):
        _play(asked, case, taking, Path(name), verdict)
    print(verdict)
    return verdict.status


def _play(
    asked: argparse.Namespace,
    case: Case,
    taking: sink.RunningSink,
    folder: Path,
    verdict: Verdict,
) -> None:
    from importlib import import_module

    from django.conf import settings

    from .stage import Stage

    settings.DIGEST_SENDERS = asked.senders
    play: Callable[[Stage, Verdict], None] = getattr(
        import_module(f"{__package__}.{case.module}"), case.play
    )
    stage = Stage(asked, taking, folder)
    try:
        play(stage, verdict)
    except TimeoutError as error:
        verdict.require(False, str(error))
    finally:
        stage.end()


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.sending.promises",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name:9} {case.says}" for name, case in CASES.items()),
    )
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--database", choices=ENGINES, default="postgres")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3)))
    for name in ("recipients", "senders", "connections", "times", "rate"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--down", type=float, metavar="SECONDS")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--wait", type=float, default=120.0, metavar="SECONDS")
    parser.add_argument(
        "--untimed", action="store_true", help="leave the clock out of the verdict"
    )
    asked = parser.parse_args(arguments)
    if asked.case == "S4" and asked.database == "sqlite":
        parser.error("SQLite is no server that could be restarted")
    for name in ("recipients", "senders", "connections", "times", "rate", "down"):
        if getattr(asked, name) is None:
            setattr(asked, name, getattr(CASES[asked.case], name))
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
