"""python -m benchmarks.links: speed and rightness of the link check beside lychee's.

Prints what was measured, one run after the other in one world, and a line of verdict;
exits with 1 where a goal is missed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import engines

from . import kinds
from .kinds import Truth
from .peers import Run, run_lychee, run_ours

MOST_TIME, MOST_CPU = 1.15, 2.0  # times lychee's, where all links are healthy
MOST_MEMORY = 100.0  # MB, of a million bytes
MOST_SECONDS = 15.0  # everything mixed
MOST_DELAY = 1.0  # seconds that hosts which waste our time may cost the others
VERDICTS = ("ok", "unsure", "broken", "none")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.links")
    parser.add_argument("worlds", nargs="*", default=list(kinds.WORLDS))
    worlds = parser.parse_args().worlds
    missed: list[str] = []
    runs: dict[str, Run] = {}
    os.environ["DATABASE_URL"] = "sqlite:///of each run"
    engines.start_engines()  # the broker
    with the_world() as ca:
        for world in worlds:
            ours = runs[world] = run_ours(world, ca)
            if world == kinds.HOSTILE:
                calm = runs.get(kinds.CALM) or run_ours(kinds.CALM, ca)
                missed += [f"{world}: {goal}" for goal in judge_delay(calm, ours)]
                continue
            theirs = run_lychee(world, ca)
            show(world, ours, theirs)
            missed += [f"{world}: {goal}" for goal in judge(world, ours, theirs)]
    engines.stop_engines()
    print("\nMissed: " + "; ".join(missed) if missed else "\nAll goals are met.")
    return 1 if missed else 0


@contextmanager
def the_world() -> Iterator[str]:
    """50 hosts on loopback; gives the file of their certificate authority."""
    with tempfile.TemporaryDirectory() as folder:
        ca = str(Path(folder) / "ca.pem")
        command = [sys.executable, "-m", "benchmarks.links.servers", ca]
        servers = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            assert servers.stdout
            assert servers.stdout.readline() == b"ready\n"
            yield ca
        finally:
            servers.terminate()
            servers.wait()


def show(world: str, ours: Run, theirs: Run) -> None:
    print(f"\n{world}: {len(kinds.links_of(world))} links, {len(kinds.HOSTS)} hosts")
    print(f"{'':10}{'seconds':>9}{'CPU s':>8}{'MB':>7}")
    for name, run in (("ours", ours), ("lychee", theirs)):
        more = f"  {run.before:.0f} of them before the run" if run.before else ""
        more = more if run.finished else "  stopped before it ended"
        print(f"{name:10}{run.seconds:9.1f}{run.cpu:8.2f}{run.memory:7.0f}{more}")
    if world == "mixed":
        show_confusion("ours", ours, world)
        print(f"\n(lychee is spared {kinds.TIRING}: it would wait there for minutes.)")
        if theirs.finished:
            show_confusion("lychee", theirs, world)


def judge_delay(calm: Run, hostile: Run) -> Iterator[str]:
    """Print how much later healthy links were done because of others; a goal missed."""
    alone, beside = calm.settled["page"], hostile.settled["page"]
    wasteful = ", ".join(kind.name for kind in kinds.WASTEFUL)
    print(f"\n{kinds.HOSTILE}: the {kinds.CALM} links beside hosts with {wasteful}")
    print(
        f"{alone:.1f} s alone, {beside:.1f} s beside them; {hostile.seconds:.1f} s all"
    )
    if beside - alone > MOST_DELAY:
        yield f"{beside - alone:.1f} s later than alone"
    yield from judge_verdicts(kinds.HOSTILE, hostile)


def show_confusion(name: str, run: Run, world: str) -> None:
    table = confuse(run, world)
    print(f"\n{name:12}" + "".join(f"{verdict:>9}" for verdict in VERDICTS))
    for truth in Truth:
        cells = "".join(f"{table[truth, verdict]:9}" for verdict in VERDICTS)
        print(f"{truth:12}{cells}")
    wrong = Counter(
        f"{kind.name} {run.verdicts.get(url, 'none')}"
        for url, kind in kinds.links_of(world).items()
        if is_wrong(kind.truth, run.verdicts.get(url, "none"))
    )
    print(
        "".join(f"  {count} × {what}\n" for what, count in wrong.most_common()), end=""
    )


def confuse(run: Run, world: str) -> Counter[tuple[Truth, str]]:
    return Counter(
        (kind.truth, run.verdicts.get(url, "none"))
        for url, kind in kinds.links_of(world).items()
    )


def is_wrong(truth: Truth, verdict: str) -> bool:
    """A living link may be called unsure: that costs a look, and no trust."""
    return (
        verdict
        not in {
            Truth.LIVING: {"ok", "unsure"},
            Truth.UNPROVABLE: {"unsure"},
            Truth.BROKEN: {"broken"},
        }[truth]
    )


def judge(world: str, ours: Run, theirs: Run) -> Iterator[str]:
    """The goals that were missed."""
    if ours.memory > MOST_MEMORY:
        yield f"{ours.memory:.0f} MB"
    if world in {"healthy", "healthy-tls"}:
        if ours.seconds > MOST_TIME * theirs.seconds:
            yield f"{ours.seconds / theirs.seconds:.2f} times lychee's time"
        if ours.cpu > MOST_CPU * theirs.cpu:
            yield f"{ours.cpu / theirs.cpu:.2f} times lychee's CPU"
    if world == "mixed" and ours.seconds > MOST_SECONDS:
        yield f"{ours.seconds:.1f} s"
    yield from judge_verdicts(world, ours)


def judge_verdicts(world: str, ours: Run) -> Iterator[str]:
    table = confuse(ours, world)
    wrong = sum(count for cell, count in table.items() if is_wrong(*cell))
    if wrong:
        yield f"{wrong} wrong verdicts"


if __name__ == "__main__":
    sys.exit(main())
