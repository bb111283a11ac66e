"""The card of a pasted link: its visit is the link's own, and told in full words."""

import json
from itertools import product

import pytest
import time_machine
from django.utils import timezone

from editorial import links, throttle, workflow
from editorial.models import Check, Link
from tests.editorial.fetching import rude
from tests.editorial.fetching.conftest import world  # noqa: F401
from tests.editorial.fetching.test_soft404 import LOST
from tests.editorial.fetching.world import moved, page
from tests.factories import UserFactory

from .rows import item_in, open_issue, url, words

pytestmark = pytest.mark.django_db
LETTERS = product("abcdefgh", repeat=2)
PAGE = page("<title>Mesh 2.0</title>" + " ".join(f"word{a}{b}" for a, b in LETTERS))


@pytest.fixture
def web(world, client, settings):  # noqa: F811
    answers = {"/a": PAGE, "/old": moved("/a", 301), "/wall": page("no", 403)}
    world.add("mesh.test", {**answers, "/soft": page(LOST)})
    world.add("silent.test", rude.hang_up)
    settings.FETCHING_SEAM = json.dumps(world.data)
    client.force_login(UserFactory())
    return world


def paste(client, address):
    return client.post(url("source"), {"url": address}).text


def take(address):
    """An item that takes the address; its link."""
    item = item_in(open_issue())
    workflow.edit_item(item=item, by=item.submitted_by, version=1, url=address)
    return item.item_links.get().link


def test_the_visit_is_kept_for_the_item_that_takes_the_link(client, web):
    paste(client, "http://mesh.test/a?utm_source=x")

    link = take("http://mesh.test/a")

    assert (link.verdict, link.reason, link.next_check_at) == ("ok", "alive", None)
    assert (Check.objects.count(), web.asked("mesh.test")) == (1, ["/a"])
    assert link.item_links.get().seen_fingerprint == link.fingerprint != ""


def test_a_link_read_today_is_not_asked_for_when_it_is_handed_in(client, web):
    paste(client, "http://mesh.test/a")
    item = take("http://mesh.test/a").item_links.get().item

    assert links.check_soon(item) == 0


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/a", "The page is there"),
        ("/old", "mesh.test says it moved to http://mesh.test/a"),
        ("/none", "Broken: The page is gone (404)"),
        ("/soft", "Unsure: mesh.test answers, but with “page not found”"),
        ("/wall", "Unsure: mesh.test turns automatic visits away (403)"),
    ],
)
def test_the_card_speaks_in_the_words_of_the_items_page(client, web, path, said):
    card = paste(client, f"http://mesh.test{path}")

    item = take(f"http://mesh.test{path}").item_links.get().item
    assert said in card
    assert said.rpartition(": ")[2] in client.get(item.get_absolute_url()).text


def test_a_bad_moment_is_told_but_left_to_a_visit_that_tries_twice(client, web):
    card = paste(client, "http://silent.test/")

    assert "Nothing on silent.test answers from here" in card
    assert not Link.objects.exists()


def at_second(second):
    return time_machine.travel(timezone.now().replace(second=second), tick=False)


def read_a_minutes_pages(client):
    for _page in range(throttle.A_MINUTE):
        assert "The page is there" in paste(client, "http://mesh.test/a")


def test_one_person_has_so_many_pages_read_in_a_minute(client, web):
    with at_second(20) as clock:
        read_a_minutes_pages(client)

        too_many = paste(client, "http://mesh.test/a")
        clock.shift(40)
        later = paste(client, "http://mesh.test/a")

    assert "Read the next one in 40 seconds; what you typed stays here." in too_many
    assert "The page is there" in later
    assert len(web.asked("mesh.test")) == throttle.A_MINUTE + 1


def test_a_colleague_is_not_held_up(client, web):
    with at_second(0):
        read_a_minutes_pages(client)
        client.force_login(UserFactory())

        assert "The page is there" in paste(client, "http://mesh.test/a")


def test_whoever_read_too_many_pages_without_a_script_keeps_what_was_typed(client, web):
    typed = words(version=0, url="http://mesh.test/a", commentary="Mine", press="read")
    with at_second(0):
        read_a_minutes_pages(client)

        response = client.post(url("item_create"), typed)

    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert "Read the next one in 60 seconds" in response.text
    assert "Mine" in response.text
