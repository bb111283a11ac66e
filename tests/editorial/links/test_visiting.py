"""Claims: each due visit is made once, whoever is at work, and none is lost."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from editorial import links
from editorial.links import visiting
from editorial.models import Link
from editorial.states import ItemState
from tests.editorial.fetching.conftest import world  # noqa: F401
from tests.factories import PublishedIssueFactory

from .rows import (
    ALIVE,
    SILENCE,
    hand_back,
    item_with_link,
    printed_link,
    visit,
    written_link,
)

pytestmark = pytest.mark.django_db


def make_due(*links_due: Link) -> None:
    keys = [link.pk for link in links_due]
    past = timezone.now() - timedelta(minutes=1)
    Link.objects.filter(pk__in=keys).update(next_check_at=past)


async def say_nothing(reader, writer) -> None:
    writer.close()


def claim_due(limit: int = 10) -> list[Link]:
    return visiting._claim(Link.objects.due(timezone.now())[:limit])


def test_a_claimed_link_is_nobody_elses():
    make_due(written_link())

    assert len(claim_due()) == 1
    assert claim_due() == []


def test_a_claim_of_a_killed_worker_runs_out():
    make_due(written_link())
    claim_due()

    Link.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))

    assert len(claim_due()) == 1


def test_a_sweep_takes_a_bounded_part_the_longest_due_first():
    first, second = written_link("https://a.test/"), written_link("https://b.test/")
    make_due(first, second)
    Link.objects.filter(pk=second.pk).update(
        next_check_at=timezone.now() - timedelta(days=9)
    )

    assert [claimed.pk for claimed in claim_due(limit=1)] == [second.pk]


def test_a_link_that_no_item_has_any_more_is_planned_no_further():
    link = written_link()
    make_due(link)
    link.item_links.all().delete()

    assert claim_due() == []
    link.refresh_from_db()
    assert link.next_check_at is None


def test_what_the_time_did_not_suffice_for_is_due_still():
    link = written_link()
    make_due(link)

    visiting._let_go(claim_due())

    assert [claimed.pk for claimed in claim_due()] == [link.pk]


def test_what_was_visited_today_is_not_asked_for_again():
    item = item_with_link()
    visit(item.item_links.get().link, ALIVE)

    assert links.check_soon(item) == 0


@pytest.mark.parametrize(("minutes", "asked"), [(9, 0), (11, 1)])
def test_a_person_may_ask_again_after_ten_minutes(minutes, asked):
    item = item_with_link()
    link = visit(item.item_links.get().link, ALIVE)

    with time_machine.travel(link.checked_at + timedelta(minutes=minutes)):
        assert links.check_soon(item, again=True) == asked


def test_a_link_that_is_being_visited_is_not_asked_for_by_a_press():
    item = item_with_link()
    make_due(item.item_links.get().link)
    claim_due()

    assert links.check_soon(item, again=True) == 0


def test_five_presses_before_a_worker_came_are_one_visit(world, settings):  # noqa: F811
    world.add("one.example")
    settings.FETCHING_SEAM = json.dumps(world.data)
    item = item_with_link("http://one.example/a")
    keys = [use.link_id for use in item.item_links.all()]

    for _press in range(5):
        links.check_soon(item, again=True)
    visited = [links.check_asked(keys) for _message in range(5)]

    assert visited == [1, 0, 0, 0, 0]
    assert world.asked("one.example") == ["/a"]


def test_a_sweep_takes_a_link_that_is_well_along_as_a_witness(world, settings):  # noqa: F811
    world.add("well.example")
    world.add_raw("dead.example", say_nothing)
    settings.FETCHING_SEAM = json.dumps(world.data)
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        visit(printed_link("http://well.example/"), ALIVE)
        dead = visit(printed_link("http://dead.example/"), ALIVE)
        visit(dead, SILENCE)
    Link.objects.update(next_check_at=None)
    make_due(dead)

    links.sweep()

    dead.refresh_from_db()
    assert world.asked("well.example") == ["/"]
    assert (dead.reason, dead.failures) == ("no_answer", 2)


def test_a_visit_asked_for_is_due_at_once_should_its_message_be_lost():
    item = item_with_link()

    links.check_soon(item)

    assert [claimed.pk for claimed in claim_due()] == [item.item_links.get().link_id]


def test_the_first_visit_after_publication_comes_after_a_day():
    issue = PublishedIssueFactory()
    item = item_with_link(issue=issue, state=ItemState.APPROVED)
    link = visit(item.item_links.get().link, ALIVE)

    links.plan_after_publication(issue)

    link.refresh_from_db()
    assert link.next_check_at == issue.published_at + timedelta(days=1)


def test_links_of_an_imported_archive_are_visited_at_once():
    link = printed_link()

    assert link.next_check_at <= timezone.now()
    hand_back(link)
    assert [claimed.pk for claimed in claim_due()] == [link.pk]
