"""What follows from reports: events, and addresses that are mailed no more."""

from datetime import timedelta
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from django.core.management import call_command
from django.utils import timezone

from newsletter import returns, subscriptions, suppressions
from newsletter.models import MailEvent, Stray, Subscriber, Suppression
from newsletter.returns import Said, Taken
from tests.factories import (
    AdminFactory,
    DeliveryFactory,
    DigestFactory,
    PublicationFactory,
    SubscriberFactory,
)
from tests.newsletter.returned import returned

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

Cause = Suppression.Cause


@pytest.fixture
def reader():
    PublicationFactory()
    return SubscriberFactory(address="reader@readers.test")


def soft_bounce(reader, digest=None, said=Said.FAILED, status="4.2.2"):
    delivery = DeliveryFactory(digest=digest or DigestFactory(), subscriber=reader)
    returns.record(
        delivery_id=delivery.pk,
        said=said,
        status=status,
        words="mailbox full",
        source=f"test/{delivery.pk}/{MailEvent.objects.count()}",
    )
    return delivery


def test_a_hard_bounce_stops_the_mailing_at_once(reader):
    delivery = DeliveryFactory(subscriber=reader)

    taken = returns.take_mail(returned("postfix", delivery))

    assert taken is Taken.RECORDED
    assert reader not in Subscriber.objects.mailable()
    assert Suppression.objects.get().cause == Cause.HARD_BOUNCE


def test_what_editors_see_of_a_bounce_has_no_address(reader):
    returns.take_mail(returned("postfix", DeliveryFactory(subscriber=reader)))

    event = MailEvent.objects.get()
    assert event.status == "5.1.1"
    assert "no such mailbox" in event.diagnostic
    assert "@" not in event.diagnostic + Suppression.objects.get().detail


def test_a_complaint_stops_the_mailing_for_ever(reader):
    suppressions.suppress_bounced(address=reader.address, detail="550 5.1.1")

    returns.take_mail(returned("complaint", DeliveryFactory(subscriber=reader)))

    assert Suppression.objects.get().cause == Cause.COMPLAINT


def test_a_report_that_comes_twice_is_one_event(reader):
    raw = returned("postfix", DeliveryFactory(subscriber=reader))

    returns.take_mail(raw)
    Suppression.objects.all().delete()
    returns.take_mail(raw)

    assert MailEvent.objects.count() == 1
    assert not Suppression.objects.exists()


def test_three_issues_given_back_for_now_are_enough(reader):
    soft_bounce(reader)
    soft_bounce(reader)
    assert reader in Subscriber.objects.mailable()

    soft_bounce(reader)

    assert Suppression.objects.get().cause == Cause.BOUNCES


def test_one_issue_given_back_three_times_is_one(reader):
    delivery = soft_bounce(reader)

    for n in range(3):
        returns.record(
            delivery_id=delivery.pk,
            said=Said.FAILED,
            status="4.2.2",
            words="",
            source=f"again/{n}",
        )

    assert reader in Subscriber.objects.mailable()


@pytest.mark.parametrize(
    ("said", "status"),
    [(Said.DELAYED, "4.2.2"), (Said.FAILED, "5.7.1"), (Said.DELIVERED, "2.0.0")],
)
def test_nothing_else_stops_the_mailing_however_often(reader, said, status):
    for _n in range(5):
        soft_bounce(reader, said=said, status=status)

    assert reader in Subscriber.objects.mailable()
    assert MailEvent.objects.count() == 5


def test_bounces_before_a_release_no_longer_count(reader):
    for _n in range(3):
        soft_bounce(reader)
    past = timezone.now() - timedelta(minutes=1)
    MailEvent.objects.update(at=past)
    pk = Suppression.objects.get().pk

    suppressions.release(pk=pk, by=AdminFactory(), reason="mailbox emptied")
    soft_bounce(reader)

    assert reader in Subscriber.objects.mailable()


def test_a_forged_report_changes_nothing(reader):
    assert returns.take_mail(returned("postfix")) is Taken.IGNORED

    assert not MailEvent.objects.exists()
    assert not Stray.objects.exists()


@pytest.mark.parametrize("shape", ["postfix", "complaint", "gmail"])
def test_a_report_about_a_reader_who_was_deleted_suppresses_nobody(reader, shape):
    delivery = DeliveryFactory(subscriber=reader)
    subscriptions.erase(reader=reader)

    assert returns.take_mail(returned(shape, delivery)) is Taken.RECORDED

    assert not Suppression.objects.exists()


def test_a_report_about_a_delivery_that_is_gone_is_ignored(reader):
    delivery = DeliveryFactory(subscriber=reader)
    raw = returned("postfix", delivery)
    delivery.delete()

    assert returns.take_mail(raw) is Taken.IGNORED


def test_what_cannot_be_understood_is_kept_once_whatever_way_it_came():
    raw = b"From: a@b.test\r\nSubject: to reader@readers.test\r\n\r\nHello"

    for _n in range(2):
        assert returns.take_mail(raw) is Taken.STRAY

    stray = Stray.objects.get()
    assert bytes(stray.content) == raw
    assert stray.subject == "to …"


def test_the_command_takes_a_mail_from_standard_input(reader, monkeypatch):
    raw = returned("complaint", DeliveryFactory(subscriber=reader))
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(raw)))
    out = StringIO()

    call_command("take_bounce", stdout=out)

    assert out.getvalue().strip() == "recorded"
    assert suppressions.is_suppressed(reader.address)
