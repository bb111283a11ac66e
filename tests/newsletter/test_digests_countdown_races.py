"""The end of a countdown against people at their desks: one wins, the others are told."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import connection, transaction
from django.utils import timezone

from editorial import workflow
from editorial.states import IllegalTransition, IssueState
from newsletter import digests
from newsletter.models import Digest
from newsletter.states import DigestState, DigestVerb
from tests.factories import (
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
)
from tests.newsletter.sending import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]

ROUNDS = 6


@pytest.fixture
def counting():
    PublicationFactory(digest_after=30)
    SubscriberFactory()
    starts_at = timezone.now() - timedelta(seconds=1)
    return DigestFactory(starts_at=starts_at, starts_by=EditorFactory())


def side_by_side(*works) -> list[Exception | None]:
    """Begin all at the same moment; what each raised."""
    start = Barrier(len(works))

    def run(work):
        start.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def count_anew(digest, editor) -> Digest:
    starts_at = timezone.now() - timedelta(seconds=1)
    Digest.objects.update(state=DigestState.HELD, starts_at=starts_at, starts_by=editor)
    return Digest.objects.select_related("issue").get(pk=digest.pk)


def test_many_sweeps_start_it_once(counting):
    assert all_at_once(8, digests.start_due) == []

    assert Digest.objects.get().state == DigestState.FREEZING
    assert counting.events.filter(verb=DigestVerb.SELF_START).count() == 1


def test_hold_against_the_sweep_either_holds_or_is_told(counting):
    editor = EditorFactory()
    for _ in range(ROUNDS):
        shown = count_anew(counting, editor)

        hold = lambda: digests.stop_countdown(digest=shown, by=editor)  # noqa: B023, E731
        told, swept = side_by_side(hold, digests.start_due)

        now = Digest.objects.get()
        assert swept is None
        assert now.starts_at is None
        if told is None:
            assert now.state == DigestState.HELD
        else:
            assert isinstance(told, IllegalTransition)
            assert now.state == DigestState.FREEZING


def test_send_now_against_the_sweep_starts_it_once(counting):
    editor = EditorFactory()
    shown = Digest.objects.select_related("issue").get()

    side_by_side(
        lambda: digests.start_digest(digest=shown, by=editor), digests.start_due
    )

    starts = counting.events.filter(verb__in=[DigestVerb.START, DigestVerb.SELF_START])
    assert Digest.objects.get().state == DigestState.FREEZING
    assert starts.count() == 1


def test_withdrawal_against_the_sweep_freezes_nothing(counting):
    editor, issue = EditorFactory(), counting.issue

    side_by_side(
        lambda: workflow.withdraw_issue(issue=issue, by=editor, note="a mistake"),
        digests.start_due,
    )
    digests.freeze_digest(digest_id=counting.pk)
    digests.sweep()

    digest = Digest.objects.select_related("issue").get()
    assert digest.issue.state == IssueState.WITHDRAWN
    assert (digest.state, digest.starts_at) == (DigestState.HELD, None)


def test_sweep_waits_for_a_withdrawal_under_way(counting):
    editor, begun = EditorFactory(), Event()

    def withdraw():
        with transaction.atomic():
            workflow.withdraw_issue(issue=counting.issue, by=editor, note="a mistake")
            begun.set()
            time.sleep(0.3)  # the sweep arrives before this commits

    def sweep():
        begun.wait(timeout=30)
        digests.start_due()

    assert side_by_side(withdraw, sweep) == [None, None]

    assert Digest.objects.get().state == DigestState.HELD
    assert not counting.events.filter(verb=DigestVerb.SELF_START).exists()
