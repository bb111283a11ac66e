"""What was approved goes live, once, in one transaction (RELIABILITY §2)."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from editorial import workflow
from editorial.models import IssueRevision, Item, Notice, Transition, Via
from editorial.signals import issue_published
from editorial.states import ContentChanged, IllegalTransition, IssueState, ItemState
from newsletter.models import Digest
from tests.factories import (
    AuthorFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def approved_issue(**fields):
    issue = IssueFactory(state=IssueState.REVIEW, **fields)
    ItemFactory(issue=issue, state=ItemState.APPROVED, credit=AuthorFactory())
    return workflow.approve_issue(issue=issue, by=EditorFactory())


def test_publishing_freezes_the_outline_and_points_the_site_at_it():
    issue = approved_issue()

    published = workflow.publish_issue(issue=issue, by=EditorFactory())

    revision = published.live_revision
    assert published.state == IssueState.PUBLISHED
    assert revision.content_hash == revision.outline.content_hash()
    assert revision.outline.title == issue.title


def test_the_byline_is_kept_as_printed():
    issue = approved_issue()
    author = issue.items.get().credit

    workflow.publish_issue(issue=issue, by=EditorFactory())

    assert [credit.author for credit in issue.credits.all()] == [author]


def test_publishing_twice_changes_nothing():
    issue = approved_issue()
    editor = EditorFactory()

    first = workflow.publish_issue(issue=issue, by=editor)
    second = workflow.publish_issue(issue=issue, by=editor)

    assert first.published_at == second.published_at
    assert IssueRevision.objects.count() == Digest.objects.count() == 1


def test_words_changed_behind_the_approval_are_not_published():
    issue = approved_issue()
    Item.objects.filter(issue=issue).update(headline="偷偷改过")

    with pytest.raises(ContentChanged):
        workflow.publish_issue(issue=issue, by=EditorFactory())

    issue.refresh_from_db()
    assert issue.state == IssueState.APPROVED


def test_an_item_unapproved_behind_the_approval_is_not_published():
    issue = approved_issue()
    Item.objects.filter(issue=issue).update(state=ItemState.SUBMITTED)

    with pytest.raises(ContentChanged):
        workflow.publish_issue(issue=issue, by=EditorFactory())


def test_an_unapproved_issue_is_not_published():
    with pytest.raises(IllegalTransition):
        workflow.publish_issue(
            issue=IssueFactory(state=IssueState.REVIEW), by=EditorFactory()
        )


def test_an_author_publishes_nothing():
    with pytest.raises(PermissionDenied):
        workflow.publish_issue(issue=approved_issue(), by=UserFactory())


def test_a_failing_receiver_rolls_the_publication_back():
    issue = approved_issue()
    editor = EditorFactory()
    rows_before = Transition.objects.count()

    def fail(**message):
        raise RuntimeError("the shelf is full")

    issue_published.connect(fail)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            workflow.publish_issue(issue=issue, by=editor)
    finally:
        issue_published.disconnect(fail)

    issue.refresh_from_db()
    assert issue.state == IssueState.APPROVED
    assert Transition.objects.count() == rows_before
    assert not IssueRevision.objects.exists()
    assert not Digest.objects.exists()


def test_everyone_with_an_item_in_it_is_told_once():
    issue = approved_issue()
    writer = issue.items.get().submitted_by

    workflow.publish_issue(issue=issue, by=EditorFactory())

    notice = Notice.objects.get(kind="published")
    assert notice.recipient == writer
    assert notice.context["headlines"] == [issue.items.get().headline]


class Fault(DatabaseError):
    """What the database says at the chosen statement."""


@contextmanager
def fault_at(statement: int):
    """The n-th statement from here on fails, once."""
    count = 0

    def fail(execute, sql, params, many, context):
        nonlocal count
        count += 1
        if count == statement:
            raise Fault(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        yield


def test_a_fault_at_any_statement_leaves_all_or_nothing():
    issue, editor = approved_issue(), EditorFactory()
    rows_before = Transition.objects.count()

    for statement in range(1, 100):
        try:
            with fault_at(statement), transaction.atomic():
                workflow.publish_issue(issue=issue, by=editor)
            break
        except Fault:
            issue.refresh_from_db()
            assert issue.state == IssueState.APPROVED
            assert Transition.objects.count() == rows_before
            assert not IssueRevision.objects.exists()
            assert not Digest.objects.exists()

    assert 10 < statement < 99
    assert Digest.objects.get().issue.state == IssueState.PUBLISHED


def test_missed_schedules_are_caught_up_in_order_and_one_failure_blocks_none():
    now = timezone.now()
    issues = [approved_issue() for _ in range(20)]
    for n, issue in enumerate(issues):
        soon = now + timedelta(hours=1)
        workflow.schedule_issue(issue=issue, by=EditorFactory(), publish_at=soon)
        missed = now - timedelta(minutes=120 - n)
        type(issue).objects.filter(pk=issue.pk).update(publish_at=missed)
    Item.objects.filter(issue=issues[7]).update(headline="偷偷改过")

    published = workflow.publish_due()

    expected = [issue.pk for issue in issues if issue != issues[7]]
    assert [issue.pk for issue in published] == expected
    assert workflow.publish_due() == []
    issues[7].refresh_from_db()
    assert issues[7].schedule_error


def test_a_failing_schedule_is_told_once_however_often_it_is_tried():
    issue = approved_issue()
    editor = EditorFactory()
    soon = timezone.now() + timedelta(hours=1)
    workflow.schedule_issue(issue=issue, by=editor, publish_at=soon)
    type(issue).objects.filter(pk=issue.pk).update(publish_at=timezone.now())
    Item.objects.filter(issue=issue).update(headline="偷偷改过")

    workflow.publish_due()
    workflow.publish_due()

    told = Notice.objects.filter(kind="schedule_failed", recipient=editor)
    assert told.count() == 1


def test_why_a_schedule_failed_is_said_in_the_publications_language():
    PublicationFactory(language="zh-hans")
    issue = approved_issue()
    soon = timezone.now() + timedelta(hours=1)
    workflow.schedule_issue(issue=issue, by=EditorFactory(), publish_at=soon)
    type(issue).objects.filter(pk=issue.pk).update(publish_at=timezone.now())
    Item.objects.filter(issue=issue).update(headline="偷偷改过")

    workflow.publish_due()

    issue.refresh_from_db()
    assert "定稿" in issue.schedule_error


def test_a_schedule_that_was_cleared_never_fires():
    issue = approved_issue()
    editor = EditorFactory()
    soon = timezone.now() + timedelta(hours=1)
    scheduled = workflow.schedule_issue(issue=issue, by=editor, publish_at=soon)
    workflow.unschedule_issue(issue=scheduled, by=editor)

    assert workflow.publish_due() == []


def test_the_sweep_publishes_in_the_name_of_whoever_scheduled():
    issue = approved_issue()
    editor = EditorFactory()
    soon = timezone.now() + timedelta(hours=1)
    workflow.schedule_issue(issue=issue, by=editor, publish_at=soon)
    type(issue).objects.filter(pk=issue.pk).update(publish_at=timezone.now())

    workflow.publish_due()

    row = issue.transitions.get(verb="published")
    assert (row.by, row.via) == (editor, Via.SWEEP)


def test_a_schedule_by_someone_demoted_since_does_not_publish():
    issue = approved_issue()
    editor = EditorFactory()
    soon = timezone.now() + timedelta(hours=1)
    workflow.schedule_issue(issue=issue, by=editor, publish_at=soon)
    type(issue).objects.filter(pk=issue.pk).update(publish_at=timezone.now())
    type(editor).objects.filter(pk=editor.pk).update(role="author")

    assert workflow.publish_due() == []


def test_withdrawing_and_restoring_mails_nobody_again():
    editor = EditorFactory()
    issue = workflow.publish_issue(issue=approved_issue(), by=editor)

    withdrawn = workflow.withdraw_issue(issue=issue, by=editor, note="wrong figures")
    restored = workflow.restore_issue(issue=withdrawn, by=editor)

    assert restored.state == IssueState.PUBLISHED
    assert restored.published_at == issue.published_at
    assert Digest.objects.count() == 1


def test_revisions_outlive_the_items_and_people_they_name():
    editor = EditorFactory()
    issue = workflow.publish_issue(issue=approved_issue(), by=editor)
    editor.delete()
    issue.items.all().delete()

    revision = IssueRevision.objects.get()

    assert revision.made_by_name == editor.name
    assert len(list(revision.outline.items())) == 1
