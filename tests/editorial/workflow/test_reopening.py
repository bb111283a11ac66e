"""What was rejected may be taken up again, but never slips into what is out."""

import pytest

from editorial import workflow
from editorial.models import Issue
from editorial.states import IllegalTransition, IssueState, ItemState
from tests.factories import (
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublishedIssueFactory,
)

pytestmark = pytest.mark.django_db


def test_a_rejected_item_of_a_published_issue_stays_rejected():
    # Reopened, submitted and approved it would stand on pages of sections and topics.
    item = ItemFactory(issue=PublishedIssueFactory(), state=ItemState.REJECTED)

    with pytest.raises(IllegalTransition):
        workflow.reopen_item(item=item, by=item.submitted_by)

    item.refresh_from_db()
    assert item.state == ItemState.REJECTED


def test_reopening_an_item_voids_the_approval_of_its_issue():
    issue = IssueFactory()
    rejected = ItemFactory(issue=issue, state=ItemState.REJECTED)
    ItemFactory(issue=issue, state=ItemState.APPROVED)
    editor = EditorFactory()
    workflow.close_issue(issue=issue, by=editor)
    workflow.approve_issue(issue=issue, by=editor)
    rejected.refresh_from_db()

    workflow.reopen_item(item=rejected, by=rejected.submitted_by)

    assert Issue.objects.get().state == IssueState.REVIEW


def test_what_was_rejected_is_not_taken_back_past_the_approval_of_its_issue():
    item = ItemFactory(issue=PublishedIssueFactory(), state=ItemState.REJECTED)

    with pytest.raises(IllegalTransition):
        workflow.take_back_item(item=item, by=item.submitted_by)

    item.refresh_from_db()
    assert item.state == ItemState.REJECTED


def test_what_nobody_rejected_is_not_reopened():
    item = ItemFactory(state=ItemState.SUBMITTED)

    with pytest.raises(IllegalTransition):
        workflow.reopen_item(item=item, by=item.submitted_by)

    item.refresh_from_db()
    assert item.state == ItemState.SUBMITTED
