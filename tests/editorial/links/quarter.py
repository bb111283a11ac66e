"""A quarter after publication on a frozen clock.

Each link has a script: what its host answers on which day after publication.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import time_machine
from django.db.models import Min
from django.utils import timezone

from editorial import links
from editorial.fetching.verdicts import Judgement
from editorial.links import line, visiting
from editorial.models import Link, Notice, VerdictChange
from editorial.states import ItemState
from tests.factories import PublishedIssueFactory, UserFactory

from .rows import ALIVE, item_with_link, visit

OUT = datetime(2026, 1, 1, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Script = Callable[[float], Judgement]


class Quarter:
    """What happened: visits and verdicts by link, as (day, …), and who was told what."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self._clock = clock
        self._scripts: dict[str, Script] = {}
        self._lead = UserFactory()
        self._issue = PublishedIssueFactory(published_at=OUT, lead_editor=self._lead)
        self.visits: dict[str, list[int]] = defaultdict(list)

    def add(self, script: Script, *, known: bool = True, url: str = "") -> Link:
        """A link in print that was well when it was written, if anything answered."""
        url = url or f"https://h{len(self._scripts)}.example/"
        item = item_with_link(url, issue=self._issue, state=ItemState.APPROVED)
        link = item.item_links.get().link
        if known and link.checked_at is None:
            visit(link, ALIVE)
        self._scripts[link.url] = script
        return link

    def live(self, days: int) -> None:
        """Let so many days pass: a minute after a visit has come, sweep and tell."""
        links.plan_after_publication(self._issue)
        end = timezone.now() + timedelta(days=days)
        while (planned := self._next_visit()) and planned + MINUTE <= end:
            self._clock.move_to(max(planned + MINUTE, timezone.now()))
            self._sweep()
            links.tell_changes()
        self._clock.move_to(end)

    def _next_visit(self) -> datetime | None:
        return Link.objects.aggregate(first=Min("next_check_at"))["first"]

    def _sweep(self) -> None:
        now = timezone.now()
        day = (now - OUT) / timedelta(days=1)
        claimed = visiting._claim(Link.objects.due(now)[:200])
        claimed += visiting._claim(line.find_witnesses(claimed, now))
        for link in claimed:
            self.visits[link.url].append(int(day))
        links.store({link: self._scripts[link.url](day) for link in claimed})

    def verdicts(self, link: Link) -> list[tuple[int, str]]:
        changes = VerdictChange.objects.filter(link=link, at__gt=OUT).order_by("at")
        return [((change.at - OUT).days, change.now) for change in changes]

    def told(self, link: Link) -> list[str]:
        """The verdicts its lead editor was mailed, in order."""
        contexts = Notice.objects.order_by("pk").values_list("context", flat=True)
        return [
            line["verdict"]
            for context in contexts
            for line in context["links"]
            if line["address"] == link.url
        ]


def always(found: Judgement) -> Script:
    return lambda day: found


def from_day(first: float, found: Judgement) -> Script:
    return lambda day: found if day >= first else ALIVE


def on_days(days: set[int], found: Judgement) -> Script:
    return lambda day: found if int(day) in days else ALIVE


def between(first: float, last: float, found: Judgement) -> Script:
    return lambda day: found if first <= day < last else ALIVE
