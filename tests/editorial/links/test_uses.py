"""Which links an item has, and when a new one is visited."""

from datetime import timedelta

import pytest
from django.utils import timezone

from editorial import links
from editorial.models import Link
from tests.factories import ItemFactory

from .rows import ALIVE, item_with_link, visit

pytestmark = pytest.mark.django_db


def item_with_two_links():
    item = ItemFactory(
        url="https://one.example/a", commentary="见 https://two.example/b。"
    )
    links.register_links(item)
    return item


def test_links_come_from_the_headline_and_the_commentary():
    item = item_with_two_links()

    uses = item.item_links.values_list("url", "primary")

    assert list(uses) == [
        ("https://one.example/a", True),
        ("https://two.example/b", False),
    ]


def test_two_items_share_one_link_and_its_checks():
    first = item_with_two_links()
    second = ItemFactory(url="http://www.one.example/a/?utm_source=x")

    links.register_links(second)

    shared = second.item_links.get()
    assert shared.link == first.item_links.first().link
    assert shared.url == "http://www.one.example/a/"


def test_a_link_taken_out_of_the_text_leaves_the_item():
    item = item_with_two_links()
    item.commentary = "没有链接了"

    links.register_links(item)

    assert [use.url for use in item.item_links.all()] == ["https://one.example/a"]


def test_a_new_link_is_visited_once_it_has_stood_for_a_moment():
    link = item_with_link().item_links.get().link

    now = timezone.now()

    assert not Link.objects.due(now).exists()
    assert Link.objects.due(now + timedelta(minutes=3)).get() == link


def test_a_link_visited_today_is_not_visited_again_for_another_item():
    visit(item_with_link().item_links.get().link, ALIVE)
    Link.objects.update(next_check_at=None)

    item_with_link()

    assert Link.objects.get().next_check_at is None
