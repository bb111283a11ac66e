import pytest

from newsletter import suppressions
from newsletter.models import Subscriber, Suppression
from tests.factories import SubscriberFactory

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
