"""Fifty writers at one item: no save is lost and nobody's text is (RELIABILITY P7).

Each writer counts up on a line of its own of the item's text: reads the item, adds
one, saves; refused, it waits a little, reads again and saves again. A lost save would
set somebody's line back. Then all of them press Save on the desk's page with the same
version, a few times over: one is answered 302, each other 409 with both texts.
"""

import argparse
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from typing import Any

from . import ground

PAUSE = 0.02  # seconds; about what a save takes


@dataclass
class Desk:
    """An item in an open issue and the people who write at it."""

    item_id: int
    people: list[Any]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.races", description=__doc__)
    ground.add_engine(parser)
    parser.add_argument("--writers", type=int, default=50)
    parser.add_argument("--saves", type=int, default=200, help="of each writer")
    parser.add_argument("--rounds", type=int, default=4, help="of presses on the page")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3)))
    asked = parser.parse_args(arguments)
    if asked.engine is None:
        return ground.on_each_engine("benchmarks.races", arguments)
    with ground.database(asked.engine):
        print(f"{asked.engine}, seed {asked.seed}", flush=True)
        desk = _begin(asked.writers)
        wrong = _save(desk, asked) + _press(desk, asked)
    print(f"{asked.engine}: {'FAILED' if wrong else 'passed'}", *wrong, sep="\n  ")
    return 1 if wrong else 0


def _begin(writers: int) -> Desk:
    from editorial import workflow
    from tests.editorial.desk.rows import open_issue
    from tests.factories import EditorFactory

    people = EditorFactory.create_batch(writers)
    issue = open_issue()
    item = workflow.create_item(
        by=people[0],
        issue=issue,
        section=issue.issue_sections.get().section,
        headline="How far each has come",
        commentary=_text(Counter(), writers),
    )
    return Desk(item.pk, people)


def _text(counts: Counter[int], writers: int) -> str:
    return "\n".join(f"{n}: {counts[n]}" for n in range(writers))


def _counts(text: str) -> Counter[int]:
    return Counter(
        {int(n): int(count) for n, count in (x.split(": ") for x in text.splitlines())}
    )


def _save(desk: Desk, asked: argparse.Namespace) -> list[str]:
    """Every writer's saves; what was lost, in words."""
    began = time.monotonic()
    refused = ground.at_once(asked.writers, lambda n: _write(desk, n, asked))
    took = time.monotonic() - began
    total = asked.writers * asked.saves
    print(
        f"  {asked.writers} writers × {asked.saves} saves: {total} saved, "
        f"{sum(refused)} refused and written again, {took:.0f} s",
        flush=True,
    )
    return _lost(desk, asked)


def _write(desk: Desk, n: int, asked: argparse.Namespace) -> int:
    """One writer's saves; how often it was refused."""
    chance = random.Random(f"{asked.seed}/{n}")
    return sum(
        _write_once(desk, n, count, asked.writers, chance)
        for count in range(1, asked.saves + 1)
    )


def _write_once(
    desk: Desk, n: int, count: int, writers: int, chance: random.Random
) -> int:
    from editorial import workflow
    from editorial.models import Item
    from editorial.states import StaleVersion

    refused = 0
    while True:
        item = Item.objects.get(pk=desk.item_id)
        counts = _counts(item.commentary)
        if counts[n] != count - 1:
            raise AssertionError(f"writer {n} saved {count - 1}, found {counts[n]}")
        counts[n] = count
        try:
            workflow.edit_item(
                item=item,
                by=desk.people[n],
                version=item.version,
                commentary=_text(counts, writers),
            )
        except StaleVersion:
            refused += 1
            # Together they would be refused together again.
            time.sleep(chance.uniform(0, PAUSE * 2 ** min(refused, 6)))
        else:
            return refused


def _lost(desk: Desk, asked: argparse.Namespace) -> list[str]:
    """Whether each stored version is the one before it and one save more."""
    from editorial.models import Item

    item = Item.objects.get(pk=desk.item_id)
    saves = item.revisions.order_by("version").values_list("version", "text")
    texts = [_counts(text["commentary"]) for _, text in saves]
    total = asked.writers * asked.saves
    wrong = []
    if [version for version, _ in saves] != list(range(1, total + 2)):
        wrong.append(f"{len(texts)} revisions instead of {total + 1}")
    undone = sum(
        [after[n] - before[n] for n in after if after[n] != before[n]] != [1]
        for before, after in pairwise(texts)
    )
    if undone:
        wrong.append(f"{undone} saves undid another")
    if set(_counts(item.commentary).values()) != {asked.saves}:
        wrong.append("the item does not hold everybody's last save")
    return wrong


def _press(desk: Desk, asked: argparse.Namespace) -> list[str]:
    """Everybody saves the same version on the page; what was wrong, in words."""
    wrong = []
    _press_once(
        desk, 0, -1, _form(desk)
    )  # what is loaded now need not be loaded by each
    for turn in range(asked.rounds):
        form = _form(desk)
        answers = ground.at_once(
            asked.writers,
            lambda n: _press_once(desk, n, turn, form),  # noqa: B023
        )
        statuses = Counter(status for status, _ in answers)
        if statuses != {302: 1, 409: asked.writers - 1}:
            wrong.append(f"the page answered {dict(statuses)}")
        winner = [status for status, _ in answers].index(302)
        theirs = _words(turn, winner)
        both = sum(
            theirs in page and _words(turn, n) in page
            for n, (status, page) in enumerate(answers)
            if status == 409
        )
        print(f"  {asked.writers} presses: 1 saved, {both} shown both texts")
        if both != asked.writers - 1:
            wrong.append(f"{asked.writers - 1 - both} were not shown both texts")
    return wrong


def _words(turn: int, n: int) -> str:
    return f"What writer {n} wrote in round {turn}."


def _form(desk: Desk) -> dict[str, Any]:
    """What the page sends of the item as it is now."""
    from editorial.models import Item
    from tests.editorial.desk.rows import words

    item = Item.objects.get(pk=desk.item_id)
    return words(section=item.section_id, version=item.version, press="save")


def _press_once(desk: Desk, n: int, turn: int, form: dict[str, Any]) -> tuple[int, str]:
    from django.test import Client
    from django.urls import reverse

    client = Client()
    client.force_login(desk.people[n])
    page = reverse("desk:item_edit", args=[desk.item_id])
    answer = client.post(page, form | {"commentary": _words(turn, n)})
    return answer.status_code, unescape(answer.content.decode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
