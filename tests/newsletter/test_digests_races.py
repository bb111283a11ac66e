"""Every press of the control room, many at once: one wins, the others are told."""

import pytest

from editorial.states import IllegalTransition, StaleVersion
from newsletter import digests
from newsletter.digests import ledger
from newsletter.models import Delivery, Digest, DigestEvent
from newsletter.states import DeliveryState, DigestState, DigestVerb
from tests.factories import (
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
)
from tests.newsletter.sending import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]

PRESSES = 8


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory(digest_after=30)
    SubscriberFactory()


@pytest.fixture
def editor():
    return EditorFactory()


def press_at_once(deed, editor, **said) -> list[Exception]:
    """Each from a tab of its own, all of which show the same digest."""
    shown = Digest.objects.select_related("issue")
    tabs = iter([shown.get() for _ in range(PRESSES)])
    return all_at_once(PRESSES, lambda: deed(digest=next(tabs), by=editor, **said))


@pytest.mark.parametrize(
    ("deed", "said", "before", "after", "verb"),
    [
        (digests.start_digest, {}, "held", "freezing", DigestVerb.START),
        (digests.count_down_again, {}, "held", "held", DigestVerb.COUNT),
        (digests.pause_digest, {}, "sending", "paused", DigestVerb.PAUSE),
        (digests.resume_digest, {}, "paused", "sending", DigestVerb.RESUME),
        (digests.cancel_digest, {}, "sending", "cancelled", DigestVerb.CANCEL),
        (digests.change_rate, {"rate": 5}, "sending", "sending", DigestVerb.RATE),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_one_press_counts_and_the_others_are_told(
    deed, said, before, after, verb, editor
):
    DigestFactory(sending=True, state=before, readers=3)

    told = press_at_once(deed, editor, **said)

    assert {type(error) for error in told} == {IllegalTransition}
    assert len(told) == PRESSES - 1
    assert Digest.objects.get().state == after
    assert DigestEvent.objects.filter(verb=verb).count() == 1


@pytest.mark.parametrize("deed", [digests.resend, digests.assume_delivered])
def test_uncertain_ones_are_decided_about_once(deed, editor):
    digest = DigestFactory(sending=True, readers=3)
    for claim in ledger.claim(digest_id=digest.pk):
        ledger.intend([claim])
        ledger.doubt(claim, "silence")

    told = press_at_once(deed, editor, expected=3)

    assert {type(error) for error in told} == {StaleVersion}
    assert len(told) == PRESSES - 1
    assert set(Delivery.objects.values_list("resends", flat=True)) <= {0, 1}


def test_cancelling_what_is_being_frozen_mails_nobody_or_skips_everybody(editor):
    digest = DigestFactory(state=DigestState.FREEZING)
    seen = Digest.objects.select_related("issue").get()
    works = iter(
        [
            lambda: digests.cancel_digest(digest=seen, by=editor),
            lambda: digests.freeze_digest(digest_id=digest.pk),
        ]
    )

    told = all_at_once(2, lambda: next(works)())

    state = Digest.objects.get().state
    if told:
        assert isinstance(told[0], IllegalTransition)
        assert state == DigestState.SENDING
    else:
        assert state == DigestState.CANCELLED
        assert not Delivery.objects.filter(state=DeliveryState.PENDING).exists()
