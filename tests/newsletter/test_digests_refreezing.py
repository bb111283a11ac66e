"""A fix after the freeze reaches those who have no mail yet, and nobody twice."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models.functions import Now
from django.urls import reverse

from editorial.states import IllegalTransition
from newsletter import digests
from newsletter.digests import ledger
from newsletter.models import Delivery, Digest
from newsletter.postbox import Reply
from newsletter.states import DeliveryState, DigestState, DigestVerb
from tests.factories import (
    DigestFactory,
    EditorFactory,
    IssueRevisionFactory,
    PublicationFactory,
    UserFactory,
)
from tests.newsletter.sending import send, states

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory(language="en")


@pytest.fixture
def editor(client):
    user = EditorFactory(language="en")
    client.force_login(user)
    return user


@pytest.fixture
def paused():
    """One of three has the mail; then a fix went live."""
    digest = DigestFactory(sending=True, readers=3)
    digest.revision = digest.issue.live_revision
    digest.save()
    (claim,) = ledger.claim(digest_id=digest.pk, limit=1)
    ledger.intend([claim])
    ledger.accept([(claim, Reply(250, "ok"))])
    Digest.objects.update(state=DigestState.PAUSED)
    issue = digest.issue
    issue.live_revision = IssueRevisionFactory(issue=issue, ordinal=2)
    issue.save()
    return Digest.objects.select_related("issue").get()


def test_the_rest_get_the_mended_text_and_nobody_a_second(paused, editor, mail_server):
    assert digests.freeze_again(digest=paused, by=editor) == 2
    digests.resume_digest(digest=paused, by=editor)
    send(paused)

    assert len(mail_server.accepted) == 2
    for mail in mail_server.accepted:
        assert "给 API 请求排优先级" in mail.message.get_body(("plain",)).get_content()
    assert paused.state == DigestState.DONE


def test_shift_that_outlives_the_pause_sends_nothing_old(editor, mail_server):
    digest = DigestFactory(sending=True, readers=2)
    last = Delivery.objects.order_by("pk").last()
    Delivery.objects.filter(pk=last.pk).update(
        next_attempt_at=Now() + timedelta(seconds=1)
    )

    def mend(done=[]):  # noqa: B006 - asked before each wave, and done once
        if not done and DeliveryState.SENT in states():
            done.append(True)
            freeze_another_text(Digest.objects.get(), by=editor)
        return False

    send(digest, stopping=mend)

    old, new = [str(each.message["Subject"]) for each in mail_server.accepted]
    assert old == "边缘上的第一步"
    assert new.endswith("A mended title")


def freeze_another_text(digest, *, by):
    """Pause, freeze again and resume, before the shift looks for more."""
    outline = {**digest.issue.live_revision.outline_json, "title": "A mended title"}
    digests.pause_digest(digest=digest, by=by)
    digest.revision = digest.issue.live_revision
    digest.issue.live_revision = IssueRevisionFactory(
        issue=digest.issue, ordinal=2, outline_json=outline
    )
    digest.issue.save()
    digests.freeze_again(digest=digest, by=by)
    digests.resume_digest(digest=digest, by=by)


def test_history_says_who_for_how_many_and_which_text(paused, editor):
    digests.freeze_again(digest=paused, by=editor)

    event = paused.events.get(verb=DigestVerb.REFREEZE)
    assert (event.by, event.reader_count) == (editor, 2)
    assert event.revision.ordinal == 2


def test_text_that_was_not_changed_is_not_frozen_again(paused, editor):
    digests.freeze_again(digest=paused, by=editor)

    with pytest.raises(ValidationError, match="Nothing was changed"):
        digests.freeze_again(digest=paused, by=editor)


def test_what_is_on_its_way_is_waited_for(paused, editor):
    Delivery.objects.filter(state=DeliveryState.PENDING).update(
        state=DeliveryState.CLAIMED
    )

    with pytest.raises(ValidationError, match="still on their way"):
        digests.freeze_again(digest=paused, by=editor)


@pytest.mark.parametrize("state", set(DigestState) - {DigestState.PAUSED})
def test_only_a_paused_digest_is_frozen_again(state, paused, editor):
    paused.state = state

    with pytest.raises(IllegalTransition):
        digests.freeze_again(digest=paused, by=editor)


def test_author_freezes_nothing(paused):
    with pytest.raises(PermissionDenied):
        digests.freeze_again(digest=paused, by=UserFactory())


def test_page_tells_of_the_fix_and_asks_with_the_numbers(client, editor, paused):
    room = reverse("readers:digest", args=[paused.issue.slug])
    question = reverse("readers:decide", args=[paused.issue.slug, "refreeze"])

    shown = client.get(room).content.decode()
    asked = client.get(question).content.decode()

    assert "changed after it was frozen" in shown
    assert "2 readers still to go get revision 2." in asked
    assert "1 has revision 1 already" in asked


def test_press_freezes_it_again(client, editor, paused):
    question = reverse("readers:decide", args=[paused.issue.slug, "refreeze"])

    assert client.post(question, {"version": paused.version}).status_code == 302

    paused.refresh_from_db()
    assert paused.revision.ordinal == 2
