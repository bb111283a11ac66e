"""What an approval is about when the issue goes out, and what leaves it then."""

import pytest

from editorial import workflow
from editorial.models import Issue
from editorial.states import ContentChanged, IssueState, ItemState
from tests.factories import (
    AuthorFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def approved_issue():
    issue = IssueFactory(state=IssueState.REVIEW)
    words = {"credit": AuthorFactory(), "topic": TopicFactory()}
    ItemFactory(issue=issue, state=ItemState.APPROVED, **words)
    return workflow.approve_issue(issue=issue, by=EditorFactory())


@pytest.mark.parametrize(
    ("named", "new"), [("credit", "name"), ("topic", "name"), ("section", "title")]
)
def test_a_name_changed_after_the_approval_is_printed_as_it_is_now(named, new):
    issue = approved_issue()
    row = getattr(issue.items.get(), named)
    setattr(row, new, "新名字")
    row.save()

    workflow.publish_issue(issue=issue, by=EditorFactory())

    assert "新名字" in str(Issue.objects.get().live_revision.outline)


def test_another_author_after_the_approval_is_not_what_was_approved():
    issue = approved_issue()
    issue.items.update(credit=AuthorFactory())

    with pytest.raises(ContentChanged):
        workflow.publish_issue(issue=issue, by=EditorFactory())


def test_what_was_rejected_leaves_a_published_issue_for_the_backlog():
    issue = IssueFactory(state=IssueState.REVIEW)
    rejected = ItemFactory(issue=issue, state=ItemState.REJECTED)
    ItemFactory(issue=issue, state=ItemState.APPROVED)
    editor = EditorFactory()
    workflow.approve_issue(issue=issue, by=editor)

    workflow.publish_issue(issue=issue, by=editor)
    rejected.refresh_from_db()
    workflow.reopen_item(item=rejected, by=rejected.submitted_by)

    assert (rejected.issue, rejected.state) == (None, ItemState.DRAFT)
    assert rejected.transitions.filter(verb="to_backlog", note=str(issue)).exists()
