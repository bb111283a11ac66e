"""Providers' reports: verified, mapped to deliveries, carried out."""

import base64
import hashlib
import hmac
import json
import time

import pytest

from newsletter.models import MailEvent, Subscriber, Suppression
from newsletter.states import SubscriberState
from tests.factories import DeliveryFactory, SubscriberFactory

pytestmark = pytest.mark.django_db

SECRET = "hook:pass-word"
SIGNING_KEY = "key-of-the-provider"
Kind = MailEvent.Kind


@pytest.fixture
def delivery(settings):
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": SECRET,
        "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY,
    }
    reader = SubscriberFactory(address="reader@readers.test")
    return DeliveryFactory(subscriber=reader, provider_id="pm-1")


def report(record: str = "Bounce", **fields) -> dict:
    """As Postmark sends it."""
    return {
        "RecordType": record,
        "ID": 42,
        "Type": "HardBounce",
        "MessageID": "pm-1",
        "Email": "reader@readers.test",
        "Recipient": "reader@readers.test",
        "Details": "smtp;550 5.1.1 <reader@readers.test> no such user",
        "BouncedAt": "2026-11-06T10:04:11Z",
        "DeliveredAt": "2026-11-06T10:04:11Z",
        "ChangedAt": "2026-11-06T10:04:11Z",
    } | fields


def post(client, data: dict, provider: str = "postmark", secret: str = SECRET):
    name = base64.b64encode(secret.encode()).decode()
    return client.post(
        f"/hooks/mail/{provider}/",
        json.dumps(data),
        content_type="application/json",
        headers={"Authorization": f"Basic {name}"} if secret else {},
    )


def test_a_hard_bounce_stops_the_mailing(client, delivery):
    response = post(client, report())

    assert response.status_code == 200
    event = MailEvent.objects.get()
    assert (event.delivery, event.kind) == (delivery, Kind.BOUNCE_HARD)
    assert "@" not in event.diagnostic
    assert Suppression.objects.get().cause == "hard_bounce"


def test_a_complaint_stops_the_mailing_for_ever(client, delivery):
    post(client, report("SpamComplaint", Type="SpamComplaint"))

    assert Suppression.objects.get().cause == "complaint"


def test_a_report_that_comes_twice_is_one_event(client, delivery):
    for _n in range(2):
        post(client, report())

    assert MailEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Details": "550 5.7.1 blocked", "Type": "Blocked"}, Kind.BOUNCE_OTHER),
        ({"Details": "452 4.2.2 full", "Type": "SoftBounce"}, Kind.BOUNCE_SOFT),
        ({"Details": "", "Type": "BadEmailAddress"}, Kind.BOUNCE_HARD),
        ({"RecordType": "Delivery", "Details": "250 ok"}, Kind.DELIVERED),
    ],
)
def test_a_report_is_judged_by_the_same_table(client, delivery, fields, kind):
    post(client, report(**fields))

    assert MailEvent.objects.get().kind == kind


@pytest.mark.parametrize("secret", ["", "hook:guessed"])
def test_a_forged_report_is_answered_like_any_other_and_ignored(
    client, delivery, secret
):
    response = post(client, report(), secret=secret)

    assert response.status_code == 200
    assert not MailEvent.objects.exists()


def test_without_a_secret_every_report_is_ignored(client, delivery, settings):
    settings.ANYMAIL = {}

    assert post(client, report()).status_code == 200
    assert not MailEvent.objects.exists()


def mailgun(**signature) -> dict:
    at, token = str(int(time.time())), "t0ken"
    key = hmac.new(SIGNING_KEY.encode(), (at + token).encode(), hashlib.sha256)
    signed = {"timestamp": at, "token": token, "signature": key.hexdigest()}
    return {
        "signature": signed | signature,
        "event-data": {
            "event": "complained",
            "id": "mg-event-1",
            "timestamp": float(at),
            "recipient": "reader@readers.test",
            "message": {"headers": {"message-id": "pm-1"}},
        },
    }


@pytest.mark.parametrize(("signature", "events"), [({}, 1), ({"signature": "0"}, 0)])
def test_a_signature_is_checked_where_the_provider_has_one(
    client, delivery, signature, events
):
    delivery.provider_id = "<pm-1>"
    delivery.save()

    response = post(client, mailgun(**signature), "mailgun")

    assert response.status_code == 200
    assert MailEvent.objects.count() == events


def test_in_a_batch_of_one_name_the_address_tells_whose_it_is(client, delivery):
    DeliveryFactory(provider_id="pm-1")

    post(client, report())

    assert MailEvent.objects.get().delivery == delivery


def test_a_report_about_a_mail_of_another_kind_is_ignored(client, delivery):
    assert post(client, report(MessageID="pm-2")).status_code == 200
    assert not MailEvent.objects.exists()


def test_an_opening_is_nobody_s_business(client, delivery):
    post(client, report("Open", ReceivedAt="2026-11-06T10:04:11Z"))

    assert not MailEvent.objects.exists()


def test_who_leaves_by_the_provider_s_link_has_left(client, delivery):
    post(client, report("SubscriptionChange", SuppressSending=True,
                        SuppressionReason="ManualSuppression", Origin="Recipient"))  # fmt: skip

    reader = Subscriber.objects.get()
    assert reader.state == SubscriberState.UNSUBSCRIBED


def test_what_is_signed_and_makes_no_sense_is_a_bad_request(client, delivery):
    assert post(client, {"RecordType": 7}).status_code in {200, 400}
    assert post(client, [1], "mailgun").status_code in {200, 400}


def test_no_provider_of_that_name(client, delivery):
    assert post(client, report(), "nobody").status_code == 404


def test_a_provider_may_ask_whether_anybody_is_there(client, delivery):
    assert client.head("/hooks/mail/mandrill/").status_code == 200
    assert client.get("/hooks/mail/mandrill/").status_code == 405
