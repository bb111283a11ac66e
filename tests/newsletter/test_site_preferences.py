"""A reader's own page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from newsletter import subscriptions, suppressions
from newsletter.models import Subscriber
from tests.factories import PublicationFactory, SubscriberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory(name="Weekly", language="en")


@pytest.fixture
def reader():
    return SubscriberFactory(address="reader@readers.test")


@pytest.fixture
def page(reader):
    return reverse("site:preferences", args=[reader.key])


def rows():
    return list(Subscriber.objects.values())


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_opening_the_page_changes_nothing(client, page, method):
    before = rows()

    answer = getattr(client, method)(f"{page}?do=pause&until=2099-01-01")

    assert answer.status_code in {200, 405}
    assert rows() == before


def test_page_shows_no_full_address_and_is_kept_by_no_cache(client, page):
    answer = client.get(page)

    assert "reader@readers.test" not in answer.text
    assert "r…\u2060@readers.test" in answer.text
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


def test_reader_who_is_never_mailed_is_told_so(client, page, reader):
    assert "No mail goes to this address" not in client.get(page).text

    suppressions.suppress_bounced(address=reader.address)

    assert "No mail goes to this address any more" in client.get(page).text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"do": "pause", "until": "2020-01-01"}, "until"),
        ({"do": "move", "address": "nobody"}, "address"),
    ],
)
def test_page_opens_at_what_is_wrong(typed, field, client, page):
    shown = client.post(page, typed)

    assert shown.status_code == 400
    assert shown.text.count(" autofocus") == 1
    assert f'id="{field}-error"' in shown.text
    assert f'aria-describedby="{field}-error" autofocus' in shown.text


def test_choices_are_saved_without_cookie_or_token(page, reader):
    chosen = {"do": "save", "name": "Qing", "wants": "text"}

    answer = Client(enforce_csrf_checks=True).post(page, chosen, follow=True)

    assert "The next mail comes like this" in answer.text
    reader.refresh_from_db()
    assert (reader.name, reader.wants) == ("Qing", "text")


def test_pause_says_until_when_and_ends_by_a_press(client, page):
    until = timezone.localdate() + timedelta(days=9)
    paused = client.post(page, {"do": "pause", "until": until}, follow=True)

    assert "End the pause now" in paused.text
    client.post(page, {"do": "resume"})
    assert Subscriber.objects.get().paused_until is None


@pytest.mark.parametrize(
    "typed",
    [
        {"do": "pause", "until": "yesterday"},
        {"do": "pause", "until": "2000-01-01"},
        {"do": "save", "name": "a\x00b", "wants": "text"},
        {"do": "save", "name": "Qing", "wants": "pdf"},
    ],
)
def test_what_is_wrong_is_said_and_kept(client, page, typed):
    before = rows()

    answer = client.post(page, typed)

    assert answer.status_code == 400
    assert 'class="error"' in answer.text
    assert rows() == before


def test_press_that_does_not_exist_is_a_400(client, page):
    assert client.post(page, {"do": "state"}).status_code == 400


def test_key_we_do_not_know_is_a_404(client):
    assert client.get(reverse("site:preferences", args=["nonsense"])).status_code == 404


def test_who_has_left_is_offered_the_way_back(client, page, reader):
    subscriptions.unsubscribe(key=reader.key, how="page")

    assert "Subscribe again" in client.get(page).text
