"""The last look: nothing goes unless it was asked for, is still wanted, and is on time."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from editorial import workflow
from editorial.models import Notice
from editorial.signals import issue_published
from editorial.states import IllegalTransition, IssueState
from newsletter import digests
from newsletter.models import Digest
from newsletter.states import DigestState, DigestVerb, PauseReason
from tests.factories import (
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    PublishedIssueFactory,
    SubscriberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory(digest_after=30)


@pytest.fixture
def editor():
    return EditorFactory(name="墨封")


@pytest.fixture
def counting(editor):
    """Due: its countdown ended a second ago, and somebody wants the mail."""
    SubscriberFactory()
    starts_at = timezone.now() - timedelta(seconds=1)
    return DigestFactory(starts_at=starts_at, starts_by=editor)


def announce(issue, by=None, **more):
    revision = issue.live_revision
    issue_published.send(type(issue), issue=issue, revision=revision, by=by, **more)


def test_published_issue_counts_down_in_the_name_of_whoever_published(editor):
    issue = PublishedIssueFactory()

    announce(issue, by=editor)

    digest = Digest.objects.get()
    assert digest.starts_at == issue.published_at + timedelta(minutes=30)
    assert (digest.state, digest.starts_by) == (DigestState.HELD, editor)
    verbs = digest.events.order_by("pk").values_list("verb", "by_name")
    assert list(verbs) == [("hold", ""), ("count", "墨封")]


def test_without_the_setting_it_waits_for_a_press(editor):
    PublicationFactory().delete()
    PublicationFactory(digest_after=None)

    announce(PublishedIssueFactory(), by=editor)

    assert Digest.objects.get().starts_at is None


def test_what_nobody_published_waits_for_a_press():
    announce(PublishedIssueFactory(), by=None)

    assert Digest.objects.get().starts_at is None


def test_second_announcement_moves_no_countdown(editor):
    issue = PublishedIssueFactory()
    announce(issue, by=editor)
    digests.stop_countdown(digest=Digest.objects.get(), by=editor)

    announce(issue, by=editor)

    assert Digest.objects.get().starts_at is None


def test_sweep_starts_what_counted_down(counting, editor):
    digests.sweep()

    counting.refresh_from_db()
    assert (counting.state, counting.starts_at) == (DigestState.FREEZING, None)
    assert counting.started_by == editor
    event = counting.events.get()
    assert (event.verb, event.by_name) == (DigestVerb.SELF_START, "墨封")


def test_sweep_starts_nothing_before_its_time(counting):
    Digest.objects.update(starts_at=Now() + timedelta(minutes=1))

    digests.sweep()

    counting.refresh_from_db()
    assert counting.state == DigestState.HELD
    assert counting.starts_at is not None


def test_hold_ends_the_countdown(counting, editor):
    digests.stop_countdown(digest=counting, by=editor)

    digests.sweep()

    counting.refresh_from_db()
    assert (counting.state, counting.starts_at) == (DigestState.HELD, None)


def test_second_hold_is_told(counting, editor):
    digests.stop_countdown(digest=counting, by=editor)

    with pytest.raises(IllegalTransition):
        digests.stop_countdown(digest=counting, by=editor)


def test_countdown_begins_anew_for_another_look(editor):
    digest = DigestFactory(pause_reason=PauseReason.MISSED)

    digests.count_down_again(digest=digest, by=editor)

    left = digest.starts_at - timezone.now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    assert (digest.starts_by, digest.pause_reason) == (editor, "")


def test_no_countdown_begins_where_the_publication_has_none(editor):
    PublicationFactory().delete()
    PublicationFactory(digest_after=None)

    with pytest.raises(ValidationError, match="do not start by themselves"):
        digests.count_down_again(digest=DigestFactory(), by=editor)


@pytest.mark.parametrize("deed", [digests.stop_countdown, digests.count_down_again])
def test_author_neither_holds_nor_lets_go(deed, counting):
    with pytest.raises(PermissionDenied):
        deed(digest=counting, by=UserFactory())


def test_start_missed_by_more_than_an_hour_is_held_and_the_team_told(counting, editor):
    Digest.objects.update(starts_at=Now() - timedelta(minutes=61))

    digests.sweep()

    counting.refresh_from_db()
    assert (counting.state, counting.starts_at) == (DigestState.HELD, None)
    assert counting.pause_reason == PauseReason.MISSED
    notice = Notice.objects.get(kind="digest_stopped", recipient=editor)
    assert "/digest/" in notice.context["url"]


def test_start_delayed_by_a_restart_is_no_surprise(counting):
    Digest.objects.update(starts_at=Now() - timedelta(minutes=59))

    digests.sweep()

    counting.refresh_from_db()
    assert counting.state == DigestState.FREEZING


def deactivate(digest):
    digest.starts_by.is_active = False
    digest.starts_by.save()


def demote(digest):
    digest.starts_by.role = "author"
    digest.starts_by.save()


def delete_the_account(digest):
    digest.starts_by.delete()


def lose_the_readers(digest):
    SubscriberFactory._meta.model.objects.all().delete()


def import_it(digest):
    digest.issue.imported = True
    digest.issue.save()


@pytest.mark.parametrize(
    "happens",
    [deactivate, demote, delete_the_account, lose_the_readers, import_it],
    ids=lambda what: what.__name__,
)
def test_start_that_would_be_refused_is_held_and_the_team_told(happens, counting):
    other = EditorFactory()
    happens(counting)

    digests.sweep()

    counting.refresh_from_db()
    assert (counting.state, counting.starts_at) == (DigestState.HELD, None)
    assert counting.pause_reason == PauseReason.REFUSED
    assert counting.pause_detail
    assert Notice.objects.filter(kind="digest_stopped", recipient=other).exists()


def test_one_that_may_not_start_holds_up_no_other(counting, editor):
    demoted = UserFactory()
    first = DigestFactory(
        starts_at=counting.starts_at - timedelta(minutes=1), starts_by=demoted
    )

    digests.sweep()

    counting.refresh_from_db()
    first.refresh_from_db()
    assert (first.state, counting.state) == (DigestState.HELD, DigestState.FREEZING)


def test_withdrawal_ends_the_countdown_and_publishing_again_begins_none(
    counting, editor
):
    workflow.withdraw_issue(issue=counting.issue, by=editor, note="a mistake")
    withdrawn = Digest.objects.get()
    workflow.restore_issue(issue=counting.issue, by=editor)
    digests.sweep()

    counting.refresh_from_db()
    assert (withdrawn.starts_at, withdrawn.pause_reason) == (None, "withdrawn")
    assert (counting.state, counting.starts_at) == (DigestState.HELD, None)


def test_issue_that_is_gone_starts_nothing(counting):
    counting.issue.state = IssueState.WITHDRAWN
    counting.issue.save()

    digests.sweep()

    counting.refresh_from_db()
    assert (counting.state, counting.pause_reason) == (DigestState.HELD, "refused")


def test_only_a_held_digest_can_count_down(counting):
    with pytest.raises(IntegrityError), transaction.atomic():
        Digest.objects.update(state=DigestState.CANCELLED)
