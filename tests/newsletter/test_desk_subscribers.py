"""The list of readers on the desk, and one reader."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from newsletter import suppressions
from newsletter.models import Consent, ReaderExport
from newsletter.states import SubscriberState
from tests.factories import (
    AdminFactory,
    DeliveryFactory,
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/desk/subscribers/"
ADDRESS = "reader@readers.test"


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory(language="en")


@pytest.fixture
def admin(client):
    person = AdminFactory(language="en")
    client.force_login(person)
    return person


@pytest.fixture
def reader():
    found = SubscriberFactory(address=ADDRESS)
    Consent.objects.create(subscriber=found, deed="confirmed", how="link")
    return found


def in_every_state() -> None:
    SubscriberFactory(address="confirmed@readers.test")
    SubscriberFactory(
        address="pending@readers.test",
        state=SubscriberState.PENDING,
        confirmed_at=None,
    )
    SubscriberFactory(
        address="unsubscribed@readers.test", state=SubscriberState.UNSUBSCRIBED
    )
    later = timezone.now() + timedelta(days=3)
    SubscriberFactory(address="paused@readers.test", paused_until=later)
    SubscriberFactory(address="suppressed@readers.test")
    suppressions.suppress_bounced(address="suppressed@readers.test")


@pytest.mark.parametrize(
    "word", ["confirmed", "pending", "unsubscribed", "paused", "suppressed"]
)
def test_list_can_be_narrowed_to_a_state(client, admin, word):
    in_every_state()

    answer = client.get(LIST, {"show": word})

    assert f"{word}@readers.test" in answer.text


def test_search_finds_by_address_and_by_name(client, admin):
    SubscriberFactory(address="one@readers.test", name="青石")
    SubscriberFactory(address="two@readers.test")

    assert "two@" not in client.get(LIST, {"q": "青石"}).text
    assert "one@" not in client.get(LIST, {"q": "two"}).text


def test_list_says_what_to_do_when_nobody_is_there(client, admin):
    assert "Readers sign up on the public pages" in client.get(LIST).text
    assert "No reader is like this" in client.get(LIST, {"q": "x"}).text


def statements(client, path) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_list_costs_the_same_statements_for_one_reader_and_for_three(client, admin):
    SubscriberFactory()
    one = statements(client, LIST)
    SubscriberFactory.create_batch(2)

    assert statements(client, LIST) == one


def test_reader_s_page_costs_the_same_for_one_mail_and_for_three(client, admin, reader):
    path = reverse("readers:subscriber", args=[reader.pk])
    counts = []
    for _ in range(3):
        DeliveryFactory(digest=DigestFactory(), subscriber=reader)
        Consent.objects.create(subscriber=reader, deed="requested", how="form")
        counts.append(statements(client, path))

    assert counts[0] == counts[2]


def test_editor_sees_numbers_and_no_address(client, reader):
    client.force_login(EditorFactory(language="en"))

    assert ADDRESS not in client.get(LIST).text
    path = reverse("readers:subscriber", args=[reader.pk])
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("deed", ["unsubscribe", "suppress"])
def test_press_stops_the_mail_and_a_look_does_not(client, admin, reader, deed):
    path = reverse("readers:reader_press", args=[reader.pk, deed])
    assert client.get(path).status_code == 405
    assert type(reader).objects.mailable().exists()

    answer = client.post(path, follow=True)

    assert answer.status_code == 200
    assert not type(reader).objects.mailable().exists()


def test_export_is_a_press_and_on_record(client, admin, reader):
    assert client.get("/desk/subscribers/export/").status_code == 405

    answer = client.post("/desk/subscribers/export/")

    assert ADDRESS in answer.getvalue().decode()
    assert ReaderExport.objects.get().by == admin
    assert admin.name in client.get(LIST).text


@pytest.mark.parametrize(
    ("how", "words"),
    [("one-click", "邮箱里的退订按钮"), ("embed", "别的网站上的表单"), ("fax", "fax")],
)
def test_how_a_reader_agreed_is_told_in_words(client, how, words):
    client.force_login(AdminFactory(language="zh-hans"))
    reader = SubscriberFactory(address=ADDRESS)
    Consent.objects.create(subscriber=reader, deed=Consent.Deed.REQUESTED, how=how)

    page = client.get(f"{LIST}{reader.pk}/")

    assert f"申请订阅 · {words}" in page.text


def test_form_for_another_site_speaks_to_readers_not_to_the_editor(client, publication):
    publication.language = "zh-hans"
    publication.save()
    client.force_login(AdminFactory(language="en"))

    page = client.get(LIST)

    assert "&lt;button&gt;订阅&lt;/button&gt;" in page.text
