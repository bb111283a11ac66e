"""From a digest through a provider's API to its webhook, over the name it gave."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db.models.functions import Now

from newsletter import digests
from newsletter.models import Delivery, MailEvent, Subscriber, Suppression
from newsletter.states import DeliveryState, SubscriberState
from tests.factories import DigestFactory
from tests.newsletter.sending import send
from tests.providerserver import Cut, basic

pytestmark = pytest.mark.django_db

SECRET = "hook:pass-word"
Kind = MailEvent.Kind


@pytest.fixture
def sent(provider, settings):
    """`sent("mailgun")`: a digest to three left through it; the mail of the second."""

    def through(name: str, script=lambda request: None):
        settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}
        server = provider(name)
        server.script = script
        send(DigestFactory(sending=True, readers=3))
        (call,) = server.calls
        return call.mails[1]

    return through


def post(client, name: str, data: object, **headers: str):
    return client.post(
        f"/hooks/mail/{name}/",
        data if isinstance(data, bytes) else json.dumps(data),
        content_type="application/json",
        headers={"Authorization": basic(SECRET), **headers},
    )


def of_mailgun(mail, event: str, **more) -> dict:
    at, token = str(int(time.time())), "t0ken"
    signed = hmac.new(b"key-1", (at + token).encode(), hashlib.sha256)
    return {
        "signature": {"timestamp": at, "token": token, "signature": signed.hexdigest()},
        "event-data": {
            "event": event,
            "timestamp": float(at),
            "recipient": mail.to,
            "message": {"headers": {"message-id": mail.name.strip("<>")}},
            "user-variables": mail.metadata,
            **more,
        },
    }


def test_a_bounce_that_mailgun_reports_finds_the_one_reader_of_its_batch(client, sent):
    mail = sent("mailgun")
    words = {"message": "550 5.1.1 no such user", "code": 550}
    failed = of_mailgun(mail, "failed", severity="permanent", reason="bounce")
    failed["event-data"]["delivery-status"] = words

    assert post(client, "mailgun", failed).status_code == 200

    assert MailEvent.objects.get().delivery.address == mail.to
    assert Suppression.objects.get().canonical_address == mail.to


def test_a_complaint_that_postmark_reports(client, sent):
    mail = sent("postmark")
    report = {
        "RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": 1,
        "MessageID": mail.name, "Email": mail.to,
        "BouncedAt": "2026-11-26T03:00:00Z", "Metadata": mail.metadata,
    }  # fmt: skip

    assert post(client, "postmark", report).status_code == 200

    assert MailEvent.objects.get().delivery.address == mail.to
    assert Suppression.objects.get().cause == "complaint"


def test_a_batch_of_events_that_sendgrid_signed(client, sent, settings):
    mail = sent("sendgrid")
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    name = "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY"
    settings.ANYMAIL = {**settings.ANYMAIL, name: base64.b64encode(public).decode()}
    about = {"email": mail.to, "timestamp": 1_796_000_000, **mail.metadata}
    events = [{"event": kind, **about} for kind in ("delivered", "unsubscribe")]
    body = json.dumps(events).encode()
    signed = base64.b64encode(key.sign(b"1796" + body, ec.ECDSA(hashes.SHA256())))
    prefix = "X-Twilio-Email-Event-Webhook-"
    headers = {f"{prefix}Signature": signed.decode(), f"{prefix}Timestamp": "1796"}

    assert post(client, "sendgrid", body, **headers).status_code == 200

    assert MailEvent.objects.get().kind == Kind.DELIVERED
    reader = Subscriber.objects.get(address=mail.to)
    assert reader.state == SubscriberState.UNSUBSCRIBED


def test_a_report_about_an_uncertain_mail_settles_it(client, sent):
    mail = sent("mailgun", lambda request: Cut(kept=True))
    rows = Delivery.objects.filter(state=DeliveryState.UNKNOWN)
    assert rows.count() == 3

    post(client, "mailgun", of_mailgun(mail, "delivered"))

    row = Delivery.objects.get(address=mail.to)
    assert (row.state, row.provider_id) == (DeliveryState.SENT, mail.name)
    assert rows.count() == 2


def test_a_report_that_came_before_its_sender_died_counts_too(client, sent):
    mail = sent("mailgun", lambda request: Cut(kept=True))
    hour_ago = Now() - timedelta(hours=1)
    rows = Delivery.objects.filter(state=DeliveryState.UNKNOWN)
    rows.update(state=DeliveryState.SENDING, lease_until=hour_ago)
    post(client, "mailgun", of_mailgun(mail, "delivered"))

    digests.reap()

    assert Delivery.objects.get(address=mail.to).state == DeliveryState.SENT
    assert Delivery.objects.uncertain().count() == 2


def test_what_a_forger_gives_along_names_no_delivery(client, sent):
    mail = sent("mailgun", lambda request: Cut(kept=True))
    mail.metadata["delivery"] = f"{Delivery.objects.first().pk}.guessed"

    post(client, "mailgun", of_mailgun(mail, "delivered"))

    assert not MailEvent.objects.exists()
    assert not Delivery.objects.filter(state=DeliveryState.SENT).exists()
