from datetime import timedelta

import pytest
from django.db.models.functions import Now

from newsletter.digests import ledger
from newsletter.models import Delivery, Digest, Subscriber, Suppression
from newsletter.postbox import Reply
from newsletter.states import DeliveryState, DigestState, Outcome, SubscriberState
from tests.factories import DeliveryFactory, DigestFactory
from tests.newsletter.sending import all_at_once

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

OK = Reply(250, "2.0.0 taken")
LATER = Reply(451, "4.7.1 try later")


@pytest.fixture
def digest():
    return DigestFactory(sending=True, readers=3)


def claim_one(digest) -> ledger.Claim:
    (claim,) = ledger.claim(digest_id=digest.pk, limit=1)
    return claim


def row(claim) -> Delivery:
    return Delivery.objects.get(pk=claim.delivery_id)


def age_leases() -> None:
    Delivery.objects.exclude(lease_until=None).update(
        lease_until=Now() - timedelta(seconds=1)
    )


def test_claim_takes_rows_under_one_token_and_a_lease(digest):
    claims = ledger.claim(digest_id=digest.pk)

    rows = Delivery.objects.filter(state=DeliveryState.CLAIMED, lease_until__gt=Now())
    assert {claim.delivery_id for claim in claims} == {row.pk for row in rows}
    assert len({claim.token for claim in claims}) == 1
    assert len(claims) == 3


def test_claim_knows_what_the_readers_copy_needs(digest):
    Subscriber.objects.update(name="Lin", wants=Subscriber.Wants.TEXT)

    claim = claim_one(digest)

    assert (claim.name, claim.text_only) == ("Lin", True)
    assert claim.key == Subscriber.objects.get(pk=claim.subscriber_id).key


def test_second_claim_finds_nothing_of_the_first(digest):
    ledger.claim(digest_id=digest.pk, limit=2)

    assert len(ledger.claim(digest_id=digest.pk)) == 1
    assert ledger.claim(digest_id=digest.pk) == []


@pytest.mark.parametrize("state", set(DigestState) - {DigestState.SENDING})
def test_only_a_sending_digest_gives_rows(digest, state):
    Digest.objects.filter(pk=digest.pk).update(state=state)

    assert ledger.claim(digest_id=digest.pk) == []


def test_row_to_be_tried_later_is_not_claimed_before_then(digest):
    Delivery.objects.update(next_attempt_at=Now() + timedelta(seconds=60))

    assert ledger.claim(digest_id=digest.pk) == []
    assert not ledger.has_due(digest.pk)


def test_suspect_row_is_claimed_alone_and_after_the_others(digest):
    suspect = Delivery.objects.first()
    Delivery.objects.filter(pk=suspect.pk).update(reaps=2)

    first = ledger.claim(digest_id=digest.pk)
    second = ledger.claim(digest_id=digest.pk)

    assert suspect.pk not in {claim.delivery_id for claim in first}
    assert [claim.delivery_id for claim in second] == [suspect.pk]


@pytest.mark.django_db(transaction=True)
def test_parallel_claims_never_share_a_row(digest):
    digest = DigestFactory(sending=True, readers=40)
    taken = []

    def claim():
        while claims := ledger.claim(digest_id=digest.pk, limit=3):
            taken.extend(claim.delivery_id for claim in claims)

    assert all_at_once(4, claim) == []
    assert len(taken) == len(set(taken)) == 40


def test_intent_is_granted_once(digest):
    claim = claim_one(digest)

    assert ledger.intend([claim])
    assert not ledger.intend([claim])
    assert row(claim).state == DeliveryState.SENDING


def test_expired_lease_gets_no_intent(digest):
    claim = claim_one(digest)
    age_leases()

    assert not ledger.intend([claim])


def test_lost_token_gets_no_intent(digest):
    claim = claim_one(digest)
    age_leases()
    ledger.reap()
    ledger.claim(digest_id=digest.pk)

    assert not ledger.intend([claim])


@pytest.mark.parametrize("state", [DigestState.PAUSED, DigestState.CANCELLED])
def test_stopped_digest_gets_no_intent(digest, state):
    claim = claim_one(digest)
    Digest.objects.filter(pk=digest.pk).update(state=state)

    assert not ledger.intend([claim])


def test_reader_who_left_gets_no_intent_and_a_reason(digest):
    claim = claim_one(digest)
    Subscriber.objects.update(state=SubscriberState.UNSUBSCRIBED)

    assert not ledger.intend([claim])
    assert ledger.reasons_to_skip([claim]) == {claim: Outcome.LEFT}


def test_suppressed_reader_gets_no_intent_and_a_reason(digest):
    claim = claim_one(digest)
    Suppression.objects.create(canonical_address=claim.address, cause="complaint")

    assert not ledger.intend([claim])
    assert ledger.reasons_to_skip([claim]) == {claim: Outcome.SUPPRESSED}


def test_deleted_reader_is_passed_over(digest):
    claim = claim_one(digest)
    Subscriber.objects.all().delete()

    assert ledger.reasons_to_skip([claim]) == {claim: Outcome.LEFT}


def test_acceptance_is_noted_with_the_servers_words(digest):
    claim = claim_one(digest)
    ledger.intend([claim])

    assert ledger.accept([(claim, OK)])
    assert (row(claim).state, row(claim).code, row(claim).reply) == (
        DeliveryState.SENT,
        250,
        "2.0.0 taken",
    )
    assert row(claim).sent_at is not None


def test_late_acceptance_turns_unknown_into_sent(digest):
    claim = claim_one(digest)
    ledger.intend([claim])
    age_leases()
    ledger.reap()

    assert row(claim).state == DeliveryState.UNKNOWN
    assert ledger.accept([(claim, OK)])
    assert row(claim).state == DeliveryState.SENT


def test_acceptance_after_a_resend_changes_nothing(digest):
    claim = claim_one(digest)
    ledger.intend([claim])
    ledger.doubt(claim, "silence")
    ledger.resend(digest.pk)

    assert not ledger.accept([(claim, OK)])
    assert row(claim).state == DeliveryState.PENDING


def test_accepted_row_never_falls_back(digest):
    claim = claim_one(digest)
    ledger.intend([claim])
    ledger.accept([(claim, OK)])

    ledger.fail(claim, Outcome.REFUSED, Reply(550, "no"))
    ledger.defer(claim, LATER)
    ledger.doubt(claim, "silence")
    ledger.put_back([claim])
    age_leases()
    ledger.reap()

    assert row(claim).state == DeliveryState.SENT


def test_deferred_row_comes_back_at_1_5_30_minutes_2_and_6_hours_then_fails(digest):
    waits = []
    for _ in range(6):
        Delivery.objects.exclude(next_attempt_at=None).update(next_attempt_at=Now())
        Delivery.objects.exclude(pk=Delivery.objects.first().pk).delete()
        claim = claim_one(digest)
        ledger.defer(claim, LATER)
        waits.append(row(claim).next_attempt_at - row(claim).answered_at)

    assert [round(wait.total_seconds() / 60) for wait in waits[:5]] == [
        *(1, 5, 30, 120, 360)
    ]
    assert (row(claim).state, row(claim).outcome) == (
        DeliveryState.FAILED,
        Outcome.EXHAUSTED,
    )


def test_row_cut_off_before_its_dot_waits_and_in_the_end_counts_as_put_off(digest):
    Delivery.objects.exclude(pk=Delivery.objects.first().pk).delete()
    states = []
    for _ in range(5):
        Delivery.objects.update(next_attempt_at=Now())
        claim = claim_one(digest)
        ledger.try_again(claim, Reply(0, "reset"))
        states.append(row(claim).state)

    assert states == [DeliveryState.PENDING] * 4 + [DeliveryState.RETRY]


def test_address_in_an_answer_is_not_kept(digest):
    claim = claim_one(digest)

    ledger.fail(claim, Outcome.BOUNCED, Reply(550, "5.1.1 <reader0@x.test>: unknown"))

    assert row(claim).reply == "5.1.1 <…>: unknown"


def test_rows_put_back_wait_again(digest):
    ledger.put_back(ledger.claim(digest_id=digest.pk))

    assert len(ledger.claim(digest_id=digest.pk)) == 3


def test_reaper_leaves_living_senders_alone(digest):
    claim = claim_one(digest)

    assert ledger.reap() == (0, 0)
    assert row(claim).state == DeliveryState.CLAIMED


def test_reaper_knows_what_may_have_left(digest):
    begun, dotted = ledger.claim(digest_id=digest.pk, limit=2)
    ledger.intend([dotted])
    age_leases()

    assert ledger.reap() == (1, 1)
    assert row(begun).state == DeliveryState.PENDING
    assert row(dotted).state == DeliveryState.UNKNOWN


def test_row_that_kills_its_sender_every_time_fails_in_the_end(digest):
    Delivery.objects.exclude(pk=Delivery.objects.first().pk).delete()
    for _ in range(5):
        claim = claim_one(digest)
        age_leases()
        ledger.reap()

    assert (row(claim).state, row(claim).outcome) == (
        DeliveryState.FAILED,
        Outcome.CRASHED,
    )


def test_uncertain_row_is_resent_once_at_most(digest):
    for _ in range(2):
        Delivery.objects.exclude(pk=Delivery.objects.first().pk).delete()
        claim = claim_one(digest)
        ledger.intend([claim])
        ledger.doubt(claim, "silence")
        resent = ledger.resend(digest.pk)

    assert resent == 0
    assert row(claim).state == DeliveryState.UNKNOWN


def test_tally_counts_every_state(digest):
    DeliveryFactory(digest=digest, state=DeliveryState.FAILED)

    assert ledger.tally(digest.pk) == {
        **dict.fromkeys(DeliveryState, 0),
        DeliveryState.PENDING: 3,
        DeliveryState.FAILED: 1,
    }
