"""What readers choose about their own mail: the domain."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from newsletter import digests, subscriptions
from newsletter.digests import ledger
from newsletter.models import Subscriber
from newsletter.states import Outcome
from tests.factories import DigestFactory, PublicationFactory, SubscriberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    PublicationFactory()
    return SubscriberFactory()


def in_days(number):
    return timezone.localdate() + timedelta(days=number)


def test_reader_chooses_a_name_and_plain_text(reader):
    subscriptions.save_preferences(reader=reader, name=" 青石 ", wants="text")

    reader.refresh_from_db()
    assert (reader.name, reader.wants) == ("青石", Subscriber.Wants.TEXT)


@pytest.mark.parametrize(
    ("name", "wants", "field"),
    [("a\nb", "html", "name"), ("x" * 61, "html", "name"), ("", "pdf", "wants")],
)
def test_what_cannot_be_kept_names_its_field(reader, name, wants, field):
    with pytest.raises(ValidationError) as refusal:
        subscriptions.save_preferences(reader=reader, name=name, wants=wants)

    assert field in refusal.value.message_dict


@pytest.mark.engines
def test_digest_passes_by_who_pauses_and_comes_again_after(reader):
    subscriptions.pause(reader=reader, until=in_days(7))
    assert not Subscriber.objects.mailable().exists()

    Subscriber.objects.update(paused_until=timezone.now() - timedelta(seconds=1))

    assert Subscriber.objects.mailable().get() == reader


def test_pause_ends_by_a_press(reader):
    subscriptions.pause(reader=reader, until=in_days(7))

    subscriptions.resume(reader=reader)

    assert Subscriber.objects.mailable().get() == reader


def test_pause_lasts_until_that_day_begins_in_the_publication_s_time_zone(reader):
    with timezone.override("Asia/Shanghai"):
        subscriptions.pause(reader=reader, until=in_days(1))
        reader.refresh_from_db()

        first = timezone.localtime(reader.paused_until)

        assert (first.date(), first.hour, first.minute) == (in_days(1), 0, 0)


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_pause_ends_within_the_coming_year(reader, days):
    with pytest.raises(ValidationError):
        subscriptions.pause(reader=reader, until=in_days(days))


def test_pause_holds_for_a_digest_that_is_being_sent():
    digest = DigestFactory(sending=True, readers=1)
    [claim] = digests.claim(digest_id=digest.pk)

    subscriptions.pause(reader=Subscriber.objects.get(), until=in_days(7))

    assert ledger.reasons_to_skip([claim]) == {claim: Outcome.PAUSED}
    assert not ledger.intend([claim])
