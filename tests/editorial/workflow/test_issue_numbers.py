"""A number and the address that follows from it."""

import pytest
from django.core.exceptions import ValidationError

from editorial import workflow
from editorial.models import Issue
from tests.factories import EditorFactory, IssueFactory

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


def test_the_address_follows_the_number_until_the_issue_is_out():
    editor = EditorFactory()
    issue = workflow.create_issue(by=editor, number="23")

    workflow.edit_issue(issue=issue, by=editor, version=issue.version, number="24")
    again = workflow.create_issue(by=editor, number="23")

    assert again.slug == "23"
    assert Issue.objects.get(number="24").slug == "24"


@pytest.mark.parametrize("number", ["23", "40-41"])
def test_an_issue_does_not_take_the_number_or_address_of_another(number):
    IssueFactory(number="23")
    IssueFactory(number="40–41")
    issue = IssueFactory(number="5", title="before")

    with pytest.raises(ValidationError) as refused:
        workflow.edit_issue(
            issue=issue, by=EditorFactory(), version=1, number=number, title="after"
        )

    assert "number" in refused.value.message_dict
    issue.refresh_from_db()
    assert (issue.number, issue.slug, issue.title) == ("5", "5", "before")


def test_two_spellings_of_one_number_do_not_share_an_address():
    IssueFactory(number="40–41")

    with pytest.raises(ValidationError) as refused:
        workflow.create_issue(by=EditorFactory(), number="40-41")

    assert "number" in refused.value.message_dict


def test_no_number_hides_behind_a_page_of_the_desk():
    issue = workflow.create_issue(by=EditorFactory(), number="New")

    assert issue.slug == "issue-new"
