"""Links of an item, their visits, and the verdicts everybody sees."""

from datetime import timedelta

import pytest
from django.utils import timezone

from editorial import links
from editorial.fetching.verdicts import Judgement, Reason, Verdict
from editorial.models import Link
from tests.factories import IssueFactory, ItemFactory

pytestmark = pytest.mark.django_db

ALIVE = Judgement(Verdict.OK, Reason.ALIVE, status=200)
GONE = Judgement(Verdict.BROKEN, Reason.GONE, status=404)


def item_with_links(**fields):
    item = ItemFactory(
        url="https://one.example/a",
        commentary="见 https://two.example/b。",
        **fields,
    )
    links.register_links(item)
    return item


def test_links_come_from_the_headline_and_the_commentary():
    item = item_with_links()

    uses = item.item_links.values_list("url", "primary")

    assert list(uses) == [
        ("https://one.example/a", True),
        ("https://two.example/b", False),
    ]


def test_two_items_share_one_link_and_its_checks():
    first = item_with_links()
    second = ItemFactory(url="http://www.one.example/a/?utm_source=x")

    links.register_links(second)

    shared = second.item_links.get()
    assert shared.link == first.item_links.first().link
    assert shared.url == "http://www.one.example/a/"


def test_a_link_taken_out_of_the_text_leaves_the_item():
    item = item_with_links()
    item.commentary = "没有链接了"

    links.register_links(item)

    assert [use.url for use in item.item_links.all()] == ["https://one.example/a"]


def test_a_visit_is_stored_and_shown_on_the_link():
    link = item_with_links().item_links.first().link

    links.store({link: GONE})

    link.refresh_from_db()
    assert (link.verdict, link.reason) == ("broken", "gone")
    assert link.checks.get().status == 404


def test_a_link_is_visited_once_a_day():
    link = item_with_links().item_links.first().link
    links.store({link: ALIVE})
    mine = Link.objects.filter(pk=link.pk)

    assert not links.due(mine).exists()
    mine.update(checked_at=timezone.now() - timedelta(hours=25))
    assert links.due(mine).exists()


def test_a_claim_of_a_killed_worker_runs_out():
    link = item_with_links().item_links.first().link
    mine = Link.objects.filter(pk=link.pk)
    mine.update(claimed_until=timezone.now() + timedelta(minutes=1))

    assert not links.due(mine).exists()
    mine.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert links.due(mine).exists()


def test_the_sweep_finds_unvisited_links_of_open_issues_only():
    forgotten = item_with_links(issue=IssueFactory())
    ItemFactory(url="https://backlog.example/")

    found = set(links.due_on_the_desk())

    assert found == {use.link_id for use in forgotten.item_links.all()}


def test_an_address_on_our_own_site_is_looked_up_not_fetched(settings):
    item = ItemFactory(url=f"{settings.PUBLIC_URL}/issues/999/")
    links.register_links(item)
    link = item.item_links.get().link

    links.store({link: Judgement(Verdict.UNCHECKED, Reason.OWN_SITE)})

    link.refresh_from_db()
    assert (link.verdict, link.reason) == ("broken", "gone")
