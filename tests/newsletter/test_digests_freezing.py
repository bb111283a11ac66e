from email.utils import parseaddr

import pytest
from django.db import connection

from editorial import signals
from editorial.models import Issue
from editorial.states import IllegalTransition, IssueState
from newsletter import digests
from newsletter.models import Delivery, Digest, Suppression
from newsletter.states import DigestState, PauseReason, SubscriberState
from tests.factories import (
    DigestFactory,
    EditorFactory,
    IssueRevisionFactory,
    PublicationFactory,
    PublishedIssueFactory,
    SubscriberFactory,
)
from tests.newsletter.sending import all_at_once

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory()


def started(**fields) -> Digest:
    return DigestFactory(state=DigestState.FREEZING, **fields)


def freeze(digest) -> bool:
    frozen = digests.freeze_digest(digest_id=digest.pk)
    digest.refresh_from_db()
    return frozen


def test_one_delivery_per_confirmed_reader_and_nobody_else():
    reader = SubscriberFactory()
    SubscriberFactory(state=SubscriberState.PENDING, confirmed_at=None)
    SubscriberFactory(state=SubscriberState.UNSUBSCRIBED)
    suppressed = SubscriberFactory()
    Suppression.objects.create(
        canonical_address=suppressed.canonical_address, cause="complaint"
    )

    assert freeze(digest := started())

    (delivery,) = Delivery.objects.all()
    assert (delivery.subscriber, delivery.address) == (reader, reader.address)
    assert (digest.state, digest.expected_count) == (DigestState.SENDING, 1)
    assert digest.prepared_at is not None


@pytest.mark.postgresql
def test_database_is_told_how_long_the_ledger_has_become():
    SubscriberFactory.create_batch(3)

    freeze(started())

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples FROM pg_class WHERE relname = %s",
            [Delivery._meta.db_table],
        )
        assert cursor.fetchone() == (3,)


def test_what_is_sent_is_the_live_revision_as_it_was():
    SubscriberFactory()
    digest = started()

    freeze(digest)

    assert digest.revision == digest.issue.live_revision
    assert "边缘上的第一步" in digest.subject
    assert parseaddr(digest.sender) == ("云边周报", "weekly@masthead.test")
    assert "给 API 请求排优先级" in digest.html
    assert "给 API 请求排优先级" in digest.text
    assert len(digest.content_hash) == 64


def test_second_freeze_changes_nothing():
    SubscriberFactory()
    digest = started()
    freeze(digest)
    SubscriberFactory()

    assert not freeze(digest)

    assert Delivery.objects.count() == 1


def test_issue_that_readers_cannot_see_is_held_again():
    SubscriberFactory()
    digest = started()
    Issue.objects.update(state=IssueState.WITHDRAWN)

    assert not freeze(digest)

    assert (digest.state, digest.pause_reason) == (
        DigestState.HELD,
        PauseReason.WITHDRAWN,
    )
    assert not Delivery.objects.exists()


def test_issue_that_cannot_be_rendered_is_held_again_with_the_reason():
    SubscriberFactory()
    broken = IssueRevisionFactory(outline_json={"nothing": "like an outline"})
    digest = started()
    Issue.objects.update(live_revision=broken)

    assert not freeze(digest)

    assert (digest.state, digest.pause_reason) == (
        DigestState.HELD,
        PauseReason.RENDERING,
    )
    assert digest.pause_detail


@pytest.mark.django_db(transaction=True)
def test_fifty_presses_in_parallel_give_one_digest_and_one_row_each():
    PublicationFactory()
    readers = SubscriberFactory.create_batch(20)
    issue, editor = PublishedIssueFactory(), EditorFactory()

    def press():
        try:
            digest = digests.hold_digest(issue=issue)
            digests.start_digest(digest=digest, by=editor)
        finally:
            digests.freeze_digest(digest_id=Digest.objects.get().pk)

    refused = all_at_once(50, press)

    assert [type(error) for error in refused] == [IllegalTransition] * 49
    assert Digest.objects.get().expected_count == len(readers)
    addresses = Delivery.objects.values_list("address", flat=True)
    assert sorted(addresses) == sorted(reader.address for reader in readers)


def publish(issue, **signal) -> None:
    signals.issue_published.send(
        Issue, issue=issue, revision=issue.live_revision, by=None, **signal
    )


def test_publishing_holds_a_digest():
    publish(issue := PublishedIssueFactory(), imported=False)
    publish(issue, imported=False)

    assert Digest.objects.get().state == DigestState.HELD


def test_issue_from_an_archive_never_gets_a_digest():
    publish(PublishedIssueFactory(), imported=True)
    publish(PublishedIssueFactory(imported=True), imported=False)

    assert not Digest.objects.exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (DigestState.HELD, DigestState.HELD),
        (DigestState.FREEZING, DigestState.HELD),
        (DigestState.SENDING, DigestState.PAUSED),
        (DigestState.PAUSED, DigestState.PAUSED),
        (DigestState.DONE, DigestState.DONE),
        (DigestState.CANCELLED, DigestState.CANCELLED),
    ],
)
def test_withdrawal_stops_the_digest(before, after):
    digest = DigestFactory(sending=True, state=before)

    signals.issue_withdrawn.send(Issue, issue=digest.issue, by=EditorFactory())

    digest.refresh_from_db()
    assert digest.state == after
