"""What this machine cannot reach is told once, not on every card."""

import pytest
import time_machine
from django.utils import timezone

from editorial import links
from editorial.models import Host, Link
from tests.editorial.links.rows import ALIVE, SILENCE, visit
from tests.factories import EditorFactory

from .rows import item_in, open_issue, url

pytestmark = pytest.mark.django_db
BANNER = "This machine reaches nothing outside"
PAGES = ["issue", "issue_links", "links"]


@pytest.fixture
def issue(client):
    """Three items, none of whose sites could be reached."""
    issue = open_issue()
    for n in range(3):
        item = item_in(issue, url=f"https://{n}.example/")
        links.register_links(item)
        visit(item.item_links.get().link, SILENCE)
    client.force_login(EditorFactory())
    return issue


def page_of(client, name, issue):
    return client.get(url(name, *([] if name == "links" else [issue.slug]))).text


@pytest.mark.parametrize("name", PAGES)
def test_a_machine_that_reaches_nothing_is_told_so_once(client, issue, name):
    assert page_of(client, name, issue).count(BANNER) == 1


@pytest.mark.parametrize("name", PAGES)
def test_once_any_site_answered_it_is_the_sites(client, issue, name):
    Host.objects.create(name="answers.example", answered_at=timezone.now())

    assert BANNER not in page_of(client, name, issue)


def lose_the_way_out():
    with time_machine.travel("2030-01-01T09:00Z", tick=False) as clock:
        links.store(dict.fromkeys(Link.objects.all(), ALIVE))
        clock.shift(3600)
        links.store(dict.fromkeys(Link.objects.all(), SILENCE))


@pytest.mark.parametrize("name", PAGES)
def test_a_machine_that_lost_its_way_out_is_told_so_once(client, issue, name):
    lose_the_way_out()

    assert page_of(client, name, issue).count(BANNER) == 1


def test_a_link_says_that_no_site_answered_this_machine(client, issue):
    lose_the_way_out()

    said = "No site answered this machine then, which says nothing about 0.example"
    assert said in page_of(client, "links", issue)


@pytest.mark.parametrize("name", PAGES)
def test_without_trouble_there_is_nothing_to_tell(client, name):
    issue = open_issue()
    item = item_in(issue, url="https://fine.example/")
    links.register_links(item)
    visit(item.item_links.get().link, ALIVE)
    Host.objects.all().delete()
    client.force_login(EditorFactory())

    assert BANNER not in page_of(client, name, issue)


def test_cards_keep_quiet_and_preflight_says_it_once(client, issue):
    Host.objects.create(name="answers.example", answered_at=timezone.now())

    page = page_of(client, "issue", issue)

    assert page.count("Unreachable from here") == 1
    assert "3 unsure links: Unreachable from here (0.example" in page
