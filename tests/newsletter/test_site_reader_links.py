"""The pages behind mailed links: another address, one's data; and deletion."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from newsletter.models import Confirmation, Subscriber
from tests.factories import PublicationFactory, SubscriberFactory

from .mailed import newest_link

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


@pytest.fixture
def strict_client():
    return Client(enforce_csrf_checks=True)


def state():
    return [list(rows.values()) for rows in (Subscriber.objects, Confirmation.objects)]


@pytest.fixture
def move_link(client, page, mailoutbox):
    client.post(page, {"do": "move", "address": "new@readers.test"})
    return newest_link(mailoutbox, "/move/")


@pytest.fixture
def data_link(client, page, mailoutbox):
    client.post(page, {"do": "data"})
    return newest_link(mailoutbox, "/data/")


@pytest.mark.parametrize("link", ["move_link", "data_link"])
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_opening_a_mailed_link_changes_nothing(client, request, link, method):
    address = request.getfixturevalue(link)
    before = state()

    answer = getattr(client, method)(address)

    assert answer.status_code in {200, 405}
    assert state() == before


def test_press_moves_without_cookie_or_token(strict_client, move_link):
    assert "r…\u2060@readers.test" in strict_client.get(move_link).text

    answer = strict_client.post(move_link)

    assert "The address is changed" in answer.text
    assert Subscriber.objects.mailable().get().address == "new@readers.test"


def test_wrong_new_address_is_a_400_that_keeps_what_was_typed(client, page):
    answer = client.post(page, {"do": "move", "address": "nobody"})

    assert answer.status_code == 400
    assert 'value="nobody"' in answer.text


def test_sixth_move_of_a_network_is_told_when_to_come_back(client, page):
    for number in range(6):
        answer = client.post(page, {"do": "move", "address": f"r{number}@a.test"})

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_press_downloads_the_data(strict_client, data_link):
    assert "reader@readers.test" not in strict_client.get(data_link).text

    answer = strict_client.post(data_link)

    assert answer["Content-Disposition"].startswith("attachment")
    assert json.loads(answer.content)["subscriber"]["address"] == "reader@readers.test"


@pytest.mark.parametrize(
    ("name", "status"), [("site:move", 404), ("site:data", 410), ("site:delete", 404)]
)
def test_unknown_link_is_told_so(client, name, status):
    assert client.get(reverse(name, args=["nonsense"])).status_code == status


@pytest.mark.parametrize("name", ["site:move", "site:data"])
def test_link_that_leads_nowhere_shows_another_way(client, name):
    page = client.get(reverse(name, args=["nonsense"]))

    assert "Read the newest issue" in page.text


def test_deletion_asks_first(client, reader):
    address = reverse("site:delete", args=[reader.key])
    for method in (client.get, client.head, client.options):
        method(address)
    assert Subscriber.objects.exists()

    answer = client.post(address, follow=True)

    assert "Everything is deleted" in answer.text
    assert not Subscriber.objects.exists()
