"""Colleagues are told once each, and a refusing mail server loses nothing."""

from datetime import timedelta
from typing import ClassVar

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from editorial import notices, workflow
from editorial.models import Notice
from editorial.states import ItemState
from tests.factories import (
    AuthorFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_a_submission_is_told_to_the_editors_but_not_to_its_author():
    editor, other = EditorFactory(), EditorFactory()
    item = ItemFactory(submitted_by=other)

    workflow.submit_item(item=item, by=other)

    assert [notice.recipient for notice in Notice.objects.all()] == [editor]


def test_with_a_lead_editor_named_only_that_one_is_told():
    lead = UserFactory()
    EditorFactory()
    item = ItemFactory(issue=IssueFactory(lead_editor=lead))

    workflow.submit_item(item=item, by=item.submitted_by)

    assert [notice.recipient for notice in Notice.objects.all()] == [lead]


def test_what_is_owed_is_mailed_once_with_a_link(settings):
    PublicationFactory(language="en")
    EditorFactory()
    item = ItemFactory(headline="etcd 3.6")
    workflow.submit_item(item=item, by=item.submitted_by)

    assert notices.send_owed() == 1
    assert notices.send_owed() == 0
    message = mail.outbox[0]
    assert "etcd 3.6" in message.subject
    assert settings.PUBLIC_URL + item.get_absolute_url() in message.body
    assert message.from_email == "云边周报 <weekly@masthead.test>"


def test_a_dozen_submissions_at_once_are_one_mail():
    PublicationFactory(language="en")
    EditorFactory()
    issue, author = IssueFactory(), UserFactory()
    items = [ItemFactory(issue=issue, submitted_by=author) for _ in range(12)]
    workflow.submit_items(issue=issue, by=author)

    assert notices.send_owed() == 12

    assert "12 items to review" in mail.outbox[0].subject
    assert len(mail.outbox) == 1
    assert all(item.headline in mail.outbox[0].body for item in items)


def test_a_notice_that_cannot_be_written_holds_up_no_other():
    EditorFactory()
    Notice.objects.create(key="odd", kind="no_such_kind", recipient=UserFactory())
    item = ItemFactory()
    workflow.submit_item(item=item, by=item.submitted_by)

    assert notices.send_owed() == 1

    assert Notice.objects.get(key="odd").error


def test_a_headline_with_markup_arrives_as_it_was_written():
    PublicationFactory(language="en")
    EditorFactory()
    item = ItemFactory(headline="<T> & 'generics'")
    workflow.submit_item(item=item, by=item.submitted_by)

    notices.send_owed()

    assert "<T> & 'generics'" in mail.outbox[0].subject
    assert "<T> & 'generics'" in mail.outbox[0].body


def test_a_refusing_mail_server_is_asked_again_later(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    EditorFactory()
    item = ItemFactory()
    workflow.submit_item(item=item, by=item.submitted_by)

    assert notices.send_owed() == 0

    notice = Notice.objects.get()
    assert (notice.attempts, notice.sent_at) == (1, None)
    assert notice.error


def test_after_enough_refusals_the_notice_says_so():
    EditorFactory()
    item = ItemFactory()
    workflow.submit_item(item=item, by=item.submitted_by)
    Notice.objects.update(attempts=notices.MAX_ATTEMPTS - 1)
    notice = Notice.objects.get()

    notices._note_failure(notice, OSError("refused"))

    assert Notice.objects.get().failed_at is not None


def test_the_group_text_says_who_owes_what_by_when(settings):
    PublicationFactory(language="en")
    issue = IssueFactory(number="23", deadline_at=timezone.now() + timedelta(hours=3))
    idle = AuthorFactory(name="衷源")
    issue.credits.create(author=idle)
    ItemFactory(
        issue=issue,
        credit=AuthorFactory(name="心水"),
        state=ItemState.CHANGES_REQUESTED,
        headline="kpack",
    )

    text = notices.group_text(issue)

    assert "23" in text
    assert "心水: kpack" in text
    assert "衷源" in text
    assert text.endswith(f"{settings.PUBLIC_URL}/desk/issues/23/")


def test_the_group_text_names_a_few_of_many_and_counts_the_rest():
    PublicationFactory(language="en")
    issue = IssueFactory()
    author = AuthorFactory(name="心水")
    ItemFactory.create_batch(12, issue=issue, credit=author, headline="kpack")

    text = notices.group_text(issue)

    assert "心水: kpack (draft); kpack (draft); kpack (draft); 9 more" in text


class Onlooker(EmailBackend):
    """A mail server that sees how many notices are spoken for while it takes one."""

    leased: ClassVar[list[int]] = []

    def send_messages(self, messages):
        self.leased.append(Notice.objects.filter(lease_until__isnull=False).count())
        return super().send_messages(messages)


def test_a_notice_is_taken_only_when_its_mail_is_about_to_go(settings):
    # Taken all at once, those at the end of a slow queue would be mailed twice.
    settings.EMAIL_BACKEND = f"{__name__}.Onlooker"
    [EditorFactory() for _ in range(3)]
    item = ItemFactory()
    workflow.submit_item(item=item, by=item.submitted_by)

    assert notices.send_owed() == 3

    assert Onlooker.leased == [1, 2, 3]


def test_nobody_is_called_idle_while_an_item_says_not_whose_it_is():
    issue = IssueFactory()
    issue.credits.create(author=AuthorFactory(name="衷源"))
    ItemFactory(issue=issue, credit=None)

    assert "衷源" not in notices.group_text(issue)
