"""What a fix of a published issue does to its digest, by how far that has come."""

from datetime import timedelta

import pytest
from django.utils import timezone

from editorial import workflow
from editorial.models import Publication
from newsletter import digests
from newsletter.models import Digest
from newsletter.states import DigestState, DigestVerb
from tests.factories import (
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
)
from tests.newsletter.sending import send

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

TITLE = "A mended title"


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory(language="en", digest_after=30)


@pytest.fixture
def editor():
    return EditorFactory()


def fix(digest, editor):
    issue = digest.issue
    issue.refresh_from_db()
    workflow.correct_issue(
        issue=issue, version=issue.version, by=editor, note="Sorry.", title=TITLE
    )
    digest.refresh_from_db()


def test_held_digest_carries_the_mended_text(editor, mail_server):
    SubscriberFactory()
    digest = DigestFactory()
    fix(digest, editor)

    digests.start_digest(digest=digest, by=editor)
    digests.freeze_digest(digest_id=digest.pk)
    send(digest)

    (mail,) = mail_server.accepted
    assert mail.message["Subject"].endswith(TITLE)
    assert digest.revision == digest.issue.live_revision


def test_countdown_begins_anew_in_the_name_of_whoever_fixed(editor):
    soon = timezone.now() + timedelta(seconds=30)
    digest = DigestFactory(starts_at=soon, starts_by=EditorFactory())

    fix(digest, editor)

    assert digest.starts_at > timezone.now() + timedelta(minutes=29)
    assert digest.starts_by == editor
    assert list(digest.events.values_list("verb", flat=True)) == [
        DigestVerb.COUNT,
        DigestVerb.FIX,
    ]


def test_countdown_that_was_due_does_not_start_with_a_text_nobody_saw(editor):
    SubscriberFactory()
    past = timezone.now() - timedelta(seconds=1)
    digest = DigestFactory(starts_at=past, starts_by=editor)

    fix(digest, editor)
    digests.start_due()

    digest.refresh_from_db()
    assert digest.state == DigestState.HELD


def test_countdown_switched_off_since_is_held(editor):
    soon = timezone.now() + timedelta(seconds=30)
    digest = DigestFactory(starts_at=soon, starts_by=editor)
    Publication.objects.update(digest_after=None)

    fix(digest, editor)

    assert (digest.state, digest.starts_at) == (DigestState.HELD, None)


def test_digest_being_prepared_takes_the_mended_text(editor):
    SubscriberFactory()
    digest = DigestFactory()
    digests.start_digest(digest=digest, by=editor)

    fix(digest, editor)
    digests.freeze_digest(digest_id=digest.pk)

    digest.refresh_from_db()
    assert digest.subject.endswith(TITLE)


@pytest.mark.parametrize("state", [DigestState.SENDING, DigestState.PAUSED])
def test_digest_under_way_keeps_its_text_and_says_so(state, editor):
    digest = DigestFactory(sending=True, readers=1)
    before = Digest.objects.filter(pk=digest.pk)
    before.update(state=state, revision=digest.issue.live_revision)
    frozen = before.values("subject", "html", "state", "version").get()

    fix(digest, editor)

    assert before.values("subject", "html", "state", "version").get() == frozen
    assert digests.is_outdated(digest)
    assert digest.events.get().revision.ordinal == 2


@pytest.mark.parametrize("state", [DigestState.DONE, DigestState.CANCELLED])
def test_digest_that_is_over_stays_as_it_is(state, editor):
    digest = DigestFactory(sending=True)
    Digest.objects.filter(pk=digest.pk).update(state=state)

    fix(digest, editor)

    assert digest.state == state
    assert not digest.events.exists()
