"""A mistake found after publication: before the mail, in its middle, and after it."""

import pytest
from django.urls import reverse

from editorial import workflow
from editorial.models import Issue
from editorial.states import IssueState, ItemState
from newsletter import digests
from newsletter.models import Delivery, Digest
from newsletter.states import DigestState
from tests.factories import (
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    SubscriberFactory,
)
from tests.newsletter.sending import send

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

WRONG, RIGHT = "调度气更快了", "调度器更快了"


@pytest.fixture
def editor(client):
    PublicationFactory(language="zh-hans")
    SubscriberFactory.create_batch(2)
    editor = EditorFactory()
    client.force_login(editor)
    return editor


@pytest.fixture
def issue(editor):
    issue = IssueFactory(number="7", state=IssueState.REVIEW)
    ItemFactory(issue=issue, state=ItemState.APPROVED, headline=WRONG)
    approved = workflow.approve_issue(issue=issue, by=editor)
    return workflow.publish_issue(issue=approved, by=editor)


def mend(client, issue, *, kind="typo", note=""):
    """Through the desk's page, as a browser sends it."""
    item = issue.items.get()
    words = {"headline": RIGHT, "version": item.version, "kind": kind, "note": note}
    page = reverse("desk:issue_correct_item", args=[issue.slug, item.pk])
    assert client.post(page, {**words, "press": "publish"}).status_code == 302


def begin_to_send(editor):
    digest = Digest.objects.get()
    digests.start_digest(digest=digest, by=editor)
    digests.freeze_digest(digest_id=digest.pk)
    digest.refresh_from_db()
    return digest


def texts(mail_server):
    bodies = [mail.message.get_body(("plain",)) for mail in mail_server.accepted]
    return [body.get_content() for body in bodies]


def test_typo_fixed_before_the_mail_is_in_no_mail(client, editor, issue, mail_server):
    mend(client, issue)

    send(begin_to_send(editor))

    assert [RIGHT in text and WRONG not in text for text in texts(mail_server)] == [
        True,
        True,
    ]


def test_typo_fixed_in_a_pause_reaches_the_rest_by_freezing_again(
    client, editor, issue, mail_server
):
    digest = begin_to_send(editor)
    digests.pause_digest(digest=digest, by=editor)
    mend(client, issue)
    refreeze = reverse("readers:decide", args=[issue.slug, "refreeze"])

    client.post(refreeze, {"version": digest.version})
    digest = Digest.objects.select_related("issue").get()
    digests.resume_digest(digest=digest, by=editor)
    send(digest)

    assert [WRONG in text for text in texts(mail_server)] == [False, False]
    assert digest.state == DigestState.DONE


def test_correction_after_the_mail_stands_in_print_and_mails_nobody(
    client, editor, issue, mail_server
):
    send(begin_to_send(editor))
    page = Issue.objects.get().get_absolute_url()

    mend(client, issue, kind="correction", note="错了一个字。")

    assert "错了一个字。" in client.get(page).content.decode()
    feed = client.get("/feed/atom.xml").content.decode()
    assert RIGHT in feed
    assert "错了一个字。" in feed
    assert len(mail_server.accepted) == Delivery.objects.count() == 2
    assert Digest.objects.get().state == DigestState.DONE
