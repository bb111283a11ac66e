"""A quarter after publication: who is visited, who is told what."""

from __future__ import annotations

import pytest
from django.utils import timezone

from editorial.models import Link, Notice

from .quarter import OUT, always, from_day, on_days
from .rows import ALIVE, GONE, SILENCE, TROUBLE, WALL

pytestmark = pytest.mark.django_db


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
    quarter.add(always(ALIVE))
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
