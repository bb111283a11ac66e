import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from newsletter import suppressions
from newsletter.models import Release, Subscriber, Suppression
from tests.factories import AdminFactory, EditorFactory, SubscriberFactory

pytestmark = pytest.mark.django_db


def test_suppressed_reader_is_no_longer_mailable():
    reader = SubscriberFactory(address="Reader@Example.test")

    suppressions.suppress_bounced(address="reader@example.TEST", detail="550 5.1.1")

    assert suppressions.is_suppressed(" READER@example.test ")
    assert reader not in Subscriber.objects.mailable()


def test_first_cause_stays():
    suppressions.suppress_bounced(address="a@b.test", detail="550 5.1.1")

    suppressions.suppress_by_hand(address="a@b.test")

    suppression = Suppression.objects.get()
    assert suppression.cause == Suppression.Cause.HARD_BOUNCE
    assert suppression.detail == "550 5.1.1"


def test_a_release_says_who_did_it_and_why():
    admin = AdminFactory(name="元毅")
    row = suppressions.suppress_bounced(address="a@b.test", detail="550 5.1.1")

    suppressions.release(pk=row.pk, by=admin, reason=" moved back ")

    assert not suppressions.is_suppressed("a@b.test")
    release = Release.objects.get()
    assert (release.by_name, release.reason) == ("元毅", "moved back")
    assert release.cause == Suppression.Cause.HARD_BOUNCE


def test_nobody_lifts_a_complaint():
    row = suppressions.suppress_complained(address="a@b.test")

    with pytest.raises(ValidationError):
        suppressions.release(pk=row.pk, by=AdminFactory(), reason="please")

    assert suppressions.is_suppressed("a@b.test")


def test_a_release_needs_a_reason():
    row = suppressions.suppress_bounced(address="a@b.test")

    with pytest.raises(ValidationError):
        suppressions.release(pk=row.pk, by=AdminFactory(), reason="  ")

    assert suppressions.is_suppressed("a@b.test")


def test_only_admins_release():
    row = suppressions.suppress_bounced(address="a@b.test")

    with pytest.raises(PermissionDenied):
        suppressions.release(pk=row.pk, by=EditorFactory(), reason="please")
