"""Names and headings of an issue are lines that any page or feed can carry."""

import pytest
from django.core.exceptions import ValidationError

from editorial import workflow
from tests.factories import EditorFactory, IssueFactory

pytestmark = pytest.mark.django_db

UNFIT = ["a\x0bb", "a\x00b", "a\nb", "x" * 81]


@pytest.mark.parametrize("name", UNFIT)
def test_a_name_no_page_can_print_is_no_credit(name):
    issue = IssueFactory()

    with pytest.raises(ValidationError) as refused:
        workflow.set_credits(
            issue=issue, by=EditorFactory(), credits=[(name, "editor")]
        )

    assert "editor" in refused.value.message_dict
    assert not issue.credits.exists()


@pytest.mark.parametrize("title", UNFIT)
def test_a_title_no_page_can_print_is_no_section(title):
    issue = IssueFactory()

    with pytest.raises(ValidationError) as refused:
        workflow.add_section(issue=issue, by=EditorFactory(), title=title)

    assert "title" in refused.value.message_dict
    assert not issue.issue_sections.exists()
