"""Django admin of the readers' side."""

import pytest
from django.urls import reverse

from newsletter.models import Stray, Subscriber, Suppression
from newsletter.states import SubscriberState
from tests.factories import (
    AdminFactory,
    DeliveryFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
)
from tests.newsletter.received import received_digest

pytestmark = pytest.mark.django_db

ADDRESS = "reader@readers.test"
WITH_ADDRESSES = ("subscriber", "delivery", "confirmation", "consent", "suppression")


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory()


def listing(model: str) -> str:
    return reverse(f"admin:newsletter_{model}_changelist")


@pytest.mark.parametrize("model", WITH_ADDRESSES)
def test_editor_sees_no_address(client, model):
    DeliveryFactory(subscriber__address=ADDRESS)
    client.force_login(EditorFactory())

    assert client.get(listing(model)).status_code == 403
    assert listing(model) not in client.get(reverse("admin:index")).text


def test_editor_sees_digests_without_addresses(client):
    delivery = DeliveryFactory(subscriber__address=ADDRESS)
    client.force_login(EditorFactory())

    row = reverse("admin:newsletter_digest_change", args=[delivery.digest.pk])
    for address in (listing("digest"), row):
        page = client.get(address)
        assert page.status_code == 200
        assert ADDRESS not in page.text


def test_admin_sees_addresses_but_no_secret(client):
    subscriber = SubscriberFactory(address=ADDRESS)
    client.force_login(AdminFactory())

    row = reverse("admin:newsletter_subscriber_change", args=[subscriber.pk])
    assert ADDRESS in client.get(listing("subscriber")).text
    assert subscriber.key not in client.get(row).text


def test_state_cannot_be_typed(client):
    subscriber = SubscriberFactory(state=SubscriberState.PENDING, confirmed_at=None)
    client.force_login(AdminFactory())
    row = reverse("admin:newsletter_subscriber_change", args=[subscriber.pk])

    answer = client.post(row, {"address": ADDRESS, "state": "confirmed"})

    assert answer.status_code == 403
    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.PENDING


def test_action_unsubscribes_through_the_domain(client):
    chosen = SubscriberFactory.create_batch(2)
    client.force_login(AdminFactory())

    client.post(
        listing("subscriber"),
        {"action": "unsubscribe", "_selected_action": [row.pk for row in chosen]},
    )

    assert not Subscriber.objects.confirmed().exists()
    assert chosen[0].consents.get().how == "admin"


def test_admin_suppresses_an_address_by_hand(client):
    client.force_login(AdminFactory())
    form = {"canonical_address": "Reader@Readers.test", "detail": "asked by phone"}

    client.post(reverse("admin:newsletter_suppression_add"), form)

    row = Suppression.objects.get()
    assert row.canonical_address == ADDRESS
    assert row.cause == Suppression.Cause.BY_HAND


def test_an_admin_reads_and_removes_a_mail_that_was_not_understood(client):
    stray = Stray.objects.create(
        place="x" * 64, reason="no_report", content=b"From: a@b.test\r\n\r\nHello"
    )
    client.force_login(AdminFactory())
    page = f"/admin/newsletter/stray/{stray.pk}/"

    assert "Hello" in client.get(f"{page}change/").content.decode()
    client.post(f"{page}delete/", {"post": "yes"})

    assert not Stray.objects.exists()


@pytest.mark.parametrize("name", ["mailevent", "release", "stray"])
def test_what_came_back_is_for_admins_to_look_at(client, name):
    received_digest()
    client.force_login(EditorFactory())
    assert client.get(f"/admin/newsletter/{name}/").status_code in {302, 403}

    client.force_login(AdminFactory())

    assert client.get(f"/admin/newsletter/{name}/").status_code == 200
