"""A quarter after publication on a frozen clock: who is visited, who is told what.

Each link has a script: what its host answers on which day after publication.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db.models import Min
from django.utils import timezone

from editorial import links
from editorial.fetching.verdicts import Judgement
from editorial.links import visiting
from editorial.models import Link, Notice, VerdictChange
from editorial.states import ItemState
from tests.factories import PublishedIssueFactory, UserFactory

from .rows import ALIVE, GONE, SILENCE, TROUBLE, WALL, item_with_link, visit

pytestmark = pytest.mark.django_db

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
        day = (timezone.now() - OUT) / timedelta(days=1)
        claimed = visiting._claim(Link.objects.due(timezone.now())[:200])
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


@pytest.fixture
def quarter():
    with time_machine.travel(OUT, tick=False) as clock:
        yield Quarter(clock)


def always(found: Judgement) -> Script:
    return lambda day: found


def from_day(first: float, found: Judgement) -> Script:
    return lambda day: found if day >= first else ALIVE


def on_days(days: set[int], found: Judgement) -> Script:
    return lambda day: found if int(day) in days else ALIVE


def test_a_page_that_lives_is_visited_ever_more_rarely(quarter):
    link = quarter.add(always(ALIVE))

    quarter.live(190)

    assert quarter.visits[link.url] == [1, 7, 30, 90, 181]
    assert quarter.told(link) == []


def test_a_page_that_dies_is_broken_the_day_after_it_was_missed(quarter):
    link = quarter.add(from_day(20, GONE))

    quarter.live(100)

    assert quarter.visits[link.url] == [1, 7, 30, 31, 90]
    assert quarter.verdicts(link) == [(30, "unsure"), (31, "broken")]
    assert quarter.told(link) == ["broken"]


def test_a_bad_day_is_told_to_nobody(quarter):
    link = quarter.add(on_days({7}, TROUBLE))

    quarter.live(40)

    assert quarter.verdicts(link) == [(7, "unsure"), (8, "ok")]
    assert quarter.told(link) == []


def test_trouble_that_goes_on_for_days_is_broken_on_the_third(quarter):
    link = quarter.add(from_day(7, TROUBLE))

    quarter.live(20)

    assert quarter.verdicts(link) == [(7, "unsure"), (9, "broken")]


def test_a_host_that_falls_silent_is_broken_and_one_never_heard_is_not(quarter):
    fell_silent = quarter.add(from_day(7, SILENCE))
    never_heard = quarter.add(always(SILENCE), known=False)

    quarter.live(100)

    assert quarter.verdicts(fell_silent) == [(7, "unsure"), (9, "broken")]
    assert quarter.verdicts(never_heard) == [(0, "unsure")]
    assert quarter.told(never_heard) == []
    hosts = [notice.context["hosts"] for notice in Notice.objects.all()]
    assert hosts.count([never_heard.host]) == 1


def test_a_bot_wall_is_never_broken(quarter):
    link = quarter.add(from_day(7, WALL))

    quarter.live(100)

    assert quarter.verdicts(link) == [(7, "unsure")]


def test_a_page_that_comes_back_is_told_once(quarter):
    link = quarter.add(on_days(set(range(7, 60)), GONE))

    quarter.live(100)

    assert quarter.told(link) == ["broken", "ok"]


def test_two_items_of_the_issue_cost_one_visit(quarter):
    link = quarter.add(always(ALIVE), url="https://one.example/")
    quarter.add(always(ALIVE), url="http://www.one.example/?utm_source=x")

    quarter.live(10)

    assert quarter.visits[link.url] == [1, 7]


def test_asking_again_and_again_about_a_link_that_comes_and_goes_mails_four_times(
    quarter,
):
    link = quarter.add(lambda day: GONE if int(day) % 6 < 3 else ALIVE)
    Link.objects.update(next_check_at=OUT)

    for _visit in range(60):  # an editor who presses "check again" every day
        Link.objects.update(next_check_at=timezone.now())
        quarter.live(1)

    assert len(quarter.told(link)) == 4
    assert len(quarter.verdicts(link)) > 10


def test_a_quarter_never_visits_a_link_twice_a_day(quarter):
    scripts = [always(ALIVE), from_day(20, GONE), on_days({7, 30}, TROUBLE)]
    added = [quarter.add(script) for script in scripts]

    quarter.live(95)

    for link in added:
        days = quarter.visits[link.url]
        assert len(days) == len(set(days))
