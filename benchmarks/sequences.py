"""Ten thousand random action sequences: whoever tries what, only listed moves happen.

RELIABILITY P12. In each sequence an author, a lead editor, an editor and an admin try
random things with a fresh issue and its items. Afterwards every move in the trail
must be in the tables, every state the one its trail ends at, no author beyond an
author's rights, and nothing unapproved in an approved issue.
"""

import argparse
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from . import ground

ACTIONS = 20


@dataclass
class Walked:
    """What one process saw."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    moves: set[tuple[str, str]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.sequences", description=__doc__)
    ground.add_engine(parser)
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3)))
    asked = parser.parse_args(arguments)
    if asked.engine is None:
        return ground.on_each_engine("benchmarks.sequences", arguments)
    if asked.engine == "sqlite":
        asked.processes = 1  # it has one writer at a time
    with ground.database(asked.engine):
        print(f"{asked.engine}, seed {asked.seed}", flush=True)
        began = time.monotonic()
        walked = ground.at_once(asked.processes, lambda n: _walk(n, asked))
        took = time.monotonic() - began
    return _tell(walked, asked, took)


def _walk(n: int, asked: argparse.Namespace) -> Walked:
    """This process's share of the sequences; each is rolled back when it was judged."""
    from django.db import transaction

    walked = Walked()
    for sequence in range(n, asked.sequences, asked.processes):
        with transaction.atomic():
            _walk_once(f"{asked.seed}/{sequence}", walked)
            transaction.set_rollback(True)
    return walked


def _walk_once(seed: str, walked: Walked) -> None:
    from editorial.models import Transition
    from tests.editorial.workflow.walks import illegal, moves_of, open_newsroom, walk

    room = open_newsroom(issues=1)
    walk(room, random.Random(seed), actions=ACTIONS)
    walked.done += room.done
    walked.refused += room.refused
    walked.moves |= moves_of(Transition.objects.filter(issue__in=room.issues))
    walked.wrong += [f"{seed}: {what}" for what in illegal(room)]


def _tell(walked: list[Walked], asked: argparse.Namespace, took: float) -> int:
    done = sum((each.done for each in walked), Counter())
    refused = sum((each.refused for each in walked), Counter())
    moves = set().union(*(each.moves for each in walked))
    wrong = [what for each in walked for what in each.wrong]
    print(f"  {asked.sequences} sequences of {ACTIONS} actions, {took:.0f} s")
    for role in sorted(done + refused):
        print(f"  {role}: {done[role]} done, {refused[role]} refused")
    print(f"  {len(moves)} different moves, {len(wrong)} illegal states")
    print(f"{asked.engine}: {'FAILED' if wrong else 'passed'}", *wrong[:20], sep="\n  ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
