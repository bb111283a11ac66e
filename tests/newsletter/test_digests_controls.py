import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from editorial.states import IllegalTransition, IssueState, StaleVersion
from newsletter import digests
from newsletter.digests import controls, ledger
from newsletter.models import Delivery, Digest, DigestEvent
from newsletter.states import (
    DIGEST_MOVES,
    DeliveryState,
    DigestState,
    DigestVerb,
    Outcome,
    PauseReason,
)
from tests.factories import (
    DeliveryFactory,
    DigestFactory,
    EditorFactory,
    PublishedIssueFactory,
    SubscriberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

FORBIDDEN = [
    (before, to)
    for before in DigestState
    for to in DigestState
    if to not in DIGEST_MOVES[before]
]
VERBS = [
    digests.start_digest,
    digests.pause_digest,
    digests.resume_digest,
    digests.cancel_digest,
    digests.assume_delivered,
    digests.resend,
]


@pytest.fixture
def editor():
    return EditorFactory()


def uncertain(digest) -> Delivery:
    DeliveryFactory(digest=digest)
    (claim,) = ledger.claim(digest_id=digest.pk, limit=1)
    ledger.intend([claim])
    ledger.doubt(claim, "silence")
    return Delivery.objects.get(pk=claim.delivery_id)


@pytest.mark.parametrize(("before", "to"), FORBIDDEN)
def test_move_outside_the_table_is_refused(before, to):
    digest = DigestFactory(sending=True, state=before)

    with pytest.raises(IllegalTransition):
        controls.move(digest, to, verb=DigestVerb.PAUSE)

    digest.refresh_from_db()
    assert digest.state == before
    assert not digest.events.exists()


def test_move_writes_who_did_what_from_where_to_where(editor):
    digest = DigestFactory(sending=True)

    digests.pause_digest(digest=digest, by=editor)

    event = DigestEvent.objects.get()
    assert (event.verb, event.from_state, event.to_state) == (
        *("pause", DigestState.SENDING, DigestState.PAUSED),
    )
    assert (event.by, event.by_name, event.role) == (editor, editor.name, "editor")


def test_slower_of_two_editors_is_told():
    digest = DigestFactory(sending=True)
    same = Digest.objects.get(pk=digest.pk)
    digests.pause_digest(digest=digest, by=EditorFactory())

    with pytest.raises(IllegalTransition):
        digests.cancel_digest(digest=same, by=EditorFactory())


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_authors_decide_nothing_about_a_digest(verb):
    digest = DigestFactory(sending=True)

    with pytest.raises(PermissionDenied):
        verb(digest=digest, by=UserFactory())


def test_lead_editor_may_send_the_digest_of_their_issue():
    lead = UserFactory()
    digest = DigestFactory(issue__lead_editor=lead)
    SubscriberFactory()

    digests.start_digest(digest=digest, by=lead)

    assert digest.state == DigestState.FREEZING
    assert digest.started_by == lead


@pytest.mark.parametrize("verb", [digests.start_digest, digests.resume_digest])
def test_withdrawn_issue_is_not_mailed(verb, editor):
    SubscriberFactory()
    state = DigestState.HELD if verb is digests.start_digest else DigestState.PAUSED
    digest = DigestFactory(sending=True, state=state)
    digest.issue.state = IssueState.WITHDRAWN
    digest.issue.save()

    with pytest.raises(ValidationError, match="Readers cannot see"):
        verb(digest=digest, by=editor)


def test_digest_for_nobody_does_not_start(editor):
    with pytest.raises(ValidationError, match="Nobody has confirmed"):
        digests.start_digest(digest=DigestFactory(), by=editor)


def test_cancel_skips_everybody_not_mailed_yet(editor):
    digest = DigestFactory(sending=True, readers=3)
    (claim,) = ledger.claim(digest_id=digest.pk, limit=1)
    ledger.intend([claim])

    digests.cancel_digest(digest=digest, by=editor)

    states = Delivery.objects.order_by("state").values_list("state", flat=True)
    assert list(states) == ["sending", "skipped", "skipped"]


def test_row_put_off_after_the_cancellation_is_skipped_as_well(editor):
    digest = DigestFactory(sending=True, readers=1)
    (claim,) = ledger.claim(digest_id=digest.pk)
    ledger.intend([claim])
    digests.cancel_digest(digest=digest, by=editor)
    ledger.put_back([claim])

    digests.reap()

    row = Delivery.objects.get()
    assert (row.state, row.outcome) == (DeliveryState.SKIPPED, Outcome.CANCELLED)


def test_uncertain_can_be_assumed_delivered(editor):
    digest = DigestFactory(sending=True)
    row = uncertain(digest)

    assert digests.assume_delivered(digest=digest, by=editor, expected=1) == 1

    row.refresh_from_db()
    assert (row.state, row.outcome) == (DeliveryState.SENT, Outcome.ASSUMED)


def test_resend_opens_a_finished_digest_again(editor):
    digest = DigestFactory(sending=True)
    row = uncertain(digest)
    Digest.objects.update(state=DigestState.DONE)
    digest.refresh_from_db()

    assert digests.resend(digest=digest, by=editor, expected=1) == 1

    row.refresh_from_db()
    assert (digest.state, row.state) == (DigestState.SENDING, DeliveryState.PENDING)


@pytest.mark.parametrize("verb", [digests.assume_delivered, digests.resend])
def test_another_number_of_uncertain_ones_than_shown_decides_nothing(verb, editor):
    digest = DigestFactory(sending=True)
    row = uncertain(digest)

    with pytest.raises(StaleVersion):
        verb(digest=digest, by=editor, expected=7)

    row.refresh_from_db()
    assert row.state == DeliveryState.UNKNOWN


def test_cancelled_digest_is_not_resent(editor):
    digest = DigestFactory(sending=True, state=DigestState.CANCELLED)

    with pytest.raises(IllegalTransition):
        digests.resend(digest=digest, by=editor)


def test_digest_is_done_when_the_ledger_adds_up():
    digest = DigestFactory(sending=True, readers=2)
    assert not digests.finish_if_settled(digest_id=digest.pk)

    Delivery.objects.update(state=DeliveryState.SKIPPED)

    assert digests.finish_if_settled(digest_id=digest.pk)
    digest.refresh_from_db()
    assert digest.state == DigestState.DONE


def test_ledger_that_lost_a_row_pauses_the_digest():
    digest = DigestFactory(sending=True, readers=2)
    Delivery.objects.update(state=DeliveryState.SKIPPED)
    Delivery.objects.first().delete()

    digests.finish_if_settled(digest_id=digest.pk)

    digest.refresh_from_db()
    assert (digest.state, digest.pause_reason) == (
        DigestState.PAUSED,
        PauseReason.LEDGER,
    )


def test_published_issue_gets_one_held_digest():
    issue = PublishedIssueFactory()

    first, second = (digests.hold_digest(issue=issue) for _ in range(2))

    assert first == second
    assert first.state == DigestState.HELD
