"""Downloading and deleting what we hold about a reader: the domain."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from newsletter import digests, subscriptions, suppressions
from newsletter.models import (
    Confirmation,
    Consent,
    Delivery,
    Erasure,
    Subscriber,
    address_hash,
)
from newsletter.states import DeliveryState
from newsletter.subscriptions.dossier import PARTS
from tests.factories import DigestFactory, PublicationFactory, SubscriberFactory

from .mailed import newest_link

pytestmark = pytest.mark.django_db

ADDRESS = "reader@readers.test"


@pytest.fixture
def reader(mailoutbox):
    """Asked, confirmed and was sent a digest."""
    PublicationFactory(language="en")
    subscriptions.request_subscription(address=ADDRESS, client="::1")
    token = newest_link(mailoutbox, "/confirm/").split("/")[2]
    subscriptions.confirm(token=token, client="::1")
    found = Subscriber.objects.get()
    digest = DigestFactory(sending=True)
    digest.deliveries.create(
        subscriber=found, address=ADDRESS, canonical_address=ADDRESS
    )
    return found


def test_dossier_leaves_out_nothing_that_hangs_on_a_subscriber():
    related = {relation.get_accessor_name() for relation in _relations()}

    assert related == PARTS.keys()


def _relations():
    return Subscriber._meta.related_objects


def test_dossier_tells_the_whole_story(reader):
    suppressions.suppress_by_hand(address=ADDRESS)

    told = json.loads(json.dumps(subscriptions.dossier(reader), cls=DjangoJSONEncoder))

    assert told["subscriber"]["address"] == ADDRESS
    assert [row["deed"] for row in told["consents"]] == ["requested", "confirmed"]
    assert [row["purpose"] for row in told["confirmations"]] == ["subscribe"]
    assert [row["state"] for row in told["deliveries"]] == ["pending"]
    assert [row["cause"] for row in told["suppressions"]] == ["by_hand"]


def test_dossier_holds_no_secret(reader):
    told = json.dumps(subscriptions.dossier(reader), cls=DjangoJSONEncoder)

    assert reader.key not in told
    assert Confirmation.objects.get().token_hash not in told


def test_data_are_opened_by_a_link_to_the_very_mailbox(reader, mailoutbox):
    Confirmation.objects.all().delete()

    assert subscriptions.request_data(reader=reader)

    token = newest_link(mailoutbox, "/data/").split("/")[2]
    assert mailoutbox[-1].to == [ADDRESS]
    assert subscriptions.reader_of_data(token=token) == reader


def test_who_had_a_mail_moments_ago_is_told_so(reader):
    assert not subscriptions.request_data(reader=reader)


def test_who_has_left_still_gets_their_data(reader, mailoutbox):
    Confirmation.objects.all().delete()
    subscriptions.unsubscribe(key=reader.key, how="page")

    subscriptions.request_data(reader=reader)

    assert newest_link(mailoutbox, "/data/")


@pytest.mark.engines
def test_deleted_reader_leaves_no_trace_but_a_hash(reader):
    subscriptions.erase(reader=reader)

    assert not Subscriber.objects.exists()
    assert not Consent.objects.exists()
    assert not Confirmation.objects.exists()
    assert ADDRESS not in str(list(Delivery.objects.values()))
    assert Erasure.objects.get().address_hash == address_hash(ADDRESS)


@pytest.mark.engines
def test_ledger_keeps_its_counts_when_readers_are_deleted():
    digest = DigestFactory(sending=True, readers=3)

    for reader in list(Subscriber.objects.all()):
        subscriptions.erase(reader=reader)

    assert digests.tally(digest.pk)[DeliveryState.SKIPPED] == 3


def test_reader_deleted_under_a_sender_is_not_mailed(reader):
    [claim] = digests.claim(digest_id=Delivery.objects.get().digest_id)

    subscriptions.erase(reader=reader)

    assert not digests.ledger.intend([claim])


def test_suppression_outlives_the_deletion(reader):
    suppressions.suppress_bounced(address=ADDRESS)

    subscriptions.erase(reader=reader)

    assert suppressions.is_suppressed(ADDRESS)


def test_deleted_reader_may_subscribe_again(reader, mailoutbox):
    subscriptions.erase(reader=reader)

    subscriptions.request_subscription(address=ADDRESS, client="::1")

    assert newest_link(mailoutbox, "/confirm/")


def test_sample_readers_go_altogether():
    SubscriberFactory()

    subscriptions.forget_everybody()

    assert not Subscriber.objects.exists()
