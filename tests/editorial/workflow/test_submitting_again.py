"""An approval ends by an edit, never by handing the same words in again."""

import pytest

from editorial import workflow
from editorial.models import Issue, Item
from editorial.states import IllegalTransition, IssueState, ItemState
from tests.factories import (
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublishedIssueFactory,
)

pytestmark = pytest.mark.django_db


def test_a_published_item_is_not_taken_off_its_pages_by_submitting_it():
    item = ItemFactory(issue=PublishedIssueFactory(), state=ItemState.APPROVED)

    with pytest.raises(IllegalTransition):
        workflow.submit_item(item=item, by=item.submitted_by)

    assert Item.objects.published().get() == item


def test_an_approved_issue_keeps_its_items_approved():
    item = ItemFactory(issue=IssueFactory(), state=ItemState.APPROVED)
    editor = EditorFactory()
    workflow.close_issue(issue=item.issue, by=editor)
    workflow.approve_issue(issue=item.issue, by=editor)
    item = Item.objects.get()

    with pytest.raises(IllegalTransition):
        workflow.submit_item(item=item, by=item.submitted_by)

    assert Issue.objects.get().state == IssueState.APPROVED
    assert Item.objects.get().state == ItemState.APPROVED
