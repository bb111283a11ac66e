"""An issue collects, is proofread, approved and scheduled."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from editorial import workflow
from editorial.models import Issue, Item
from editorial.states import (
    IllegalTransition,
    IssueState,
    ItemState,
    NotReady,
    StaleVersion,
)
from tests.factories import (
    EditorFactory,
    IssueFactory,
    ItemFactory,
    SectionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_a_new_issue_has_every_recurring_section_in_order():
    second, first = SectionFactory(position=2), SectionFactory(position=1)
    SectionFactory(recurring=False)

    issue = workflow.create_issue(by=EditorFactory(), number="40–41")

    places = issue.issue_sections.values_list("section", flat=True)
    assert list(places) == [first.pk, second.pk]
    assert issue.slug == "40-41"


def test_a_number_is_given_once():
    IssueFactory(number="23")

    with pytest.raises(ValidationError) as refused:
        workflow.create_issue(by=EditorFactory(), number="23")

    assert "number" in refused.value.message_dict
    assert Issue.objects.count() == 1


def test_an_author_opens_no_issue():
    with pytest.raises(PermissionDenied):
        workflow.create_issue(by=UserFactory(), number="1")


def test_closing_leaves_unfinished_items_waiting_by_default():
    item = ItemFactory(issue=IssueFactory())

    issue = workflow.close_issue(issue=item.issue, by=EditorFactory())

    assert issue.state == IssueState.REVIEW
    assert Item.objects.get(pk=item.pk).issue == issue


def test_closing_carries_unfinished_items_over_to_the_next_issue():
    following = IssueFactory()
    item = ItemFactory(issue=IssueFactory())

    workflow.close_issue(
        issue=item.issue, by=EditorFactory(), unfinished="next", next_issue=following
    )

    assert Item.objects.get(pk=item.pk).issue == following


def test_closing_drops_unfinished_items_into_the_backlog():
    item = ItemFactory(issue=IssueFactory())

    workflow.close_issue(issue=item.issue, by=EditorFactory(), unfinished="drop")

    assert Item.objects.get(pk=item.pk).issue is None


@pytest.mark.parametrize(
    "state", [ItemState.DRAFT, ItemState.SUBMITTED, ItemState.CHANGES_REQUESTED]
)
def test_an_issue_is_not_approved_while_one_of_its_items_is_not(state):
    issue = IssueFactory(state=IssueState.REVIEW)
    ItemFactory(issue=issue, state=ItemState.APPROVED)
    ItemFactory(issue=issue, state=state)

    with pytest.raises(NotReady):
        workflow.approve_issue(issue=issue, by=EditorFactory())


def test_a_rejected_item_holds_up_nothing():
    issue = IssueFactory(state=IssueState.REVIEW)
    ItemFactory(issue=issue, state=ItemState.APPROVED)
    ItemFactory(issue=issue, state=ItemState.REJECTED)

    approved = workflow.approve_issue(issue=issue, by=EditorFactory())

    assert approved.state == IssueState.APPROVED


def test_an_empty_issue_is_not_approved():
    with pytest.raises(NotReady):
        workflow.approve_issue(
            issue=IssueFactory(state=IssueState.REVIEW), by=EditorFactory()
        )


@pytest.mark.parametrize("change", [{"title": "新标题"}, {"closing_note": "再见"}])
def test_an_edit_of_an_approved_issue_voids_its_approval_and_schedule(change):
    issue = IssueFactory(
        state=IssueState.APPROVED, publish_at=timezone.now() + timedelta(hours=1)
    )

    workflow.edit_issue(
        issue=issue, by=EditorFactory(), version=issue.version, **change
    )

    issue.refresh_from_db()
    assert (issue.state, issue.publish_at) == (IssueState.REVIEW, None)


def test_a_stale_edit_of_an_issue_is_refused():
    issue = IssueFactory()
    editor = EditorFactory()
    workflow.edit_issue(issue=issue, by=editor, version=1, title="一")

    with pytest.raises(StaleVersion):
        workflow.edit_issue(issue=issue, by=editor, version=1, title="二")


def test_the_lead_editor_runs_the_issue_whatever_the_role():
    lead = UserFactory()
    issue = IssueFactory(lead_editor=lead)

    assert workflow.close_issue(issue=issue, by=lead).state == IssueState.REVIEW


def test_only_an_approved_issue_is_scheduled():
    with pytest.raises(IllegalTransition):
        workflow.schedule_issue(
            issue=IssueFactory(state=IssueState.REVIEW),
            by=EditorFactory(),
            publish_at=timezone.now() + timedelta(hours=1),
        )


def test_a_schedule_in_the_past_is_refused():
    with pytest.raises(ValidationError) as refused:
        workflow.schedule_issue(
            issue=IssueFactory(state=IssueState.APPROVED),
            by=EditorFactory(),
            publish_at=timezone.now() - timedelta(minutes=1),
        )

    assert "publish_at" in refused.value.message_dict


def test_signing_off_approves_items_and_issue_in_one_step():
    issue = IssueFactory()
    ItemFactory(issue=issue, state=ItemState.SUBMITTED)

    signed = workflow.sign_off_issue(issue=issue, by=EditorFactory())

    assert signed.state == IssueState.APPROVED
    assert issue.items.get().state == ItemState.APPROVED


def test_signing_off_with_an_own_item_leaves_everything_as_it_was():
    editor = EditorFactory()
    EditorFactory()
    issue = IssueFactory()
    ItemFactory(issue=issue, state=ItemState.SUBMITTED)
    ItemFactory(issue=issue, state=ItemState.SUBMITTED, submitted_by=editor)

    with pytest.raises(PermissionDenied):
        workflow.sign_off_issue(issue=issue, by=editor)

    states = set(issue.items.values_list("state", flat=True))
    assert states == {ItemState.SUBMITTED}


def test_a_section_with_items_is_not_removed():
    item = ItemFactory(issue=IssueFactory())

    with pytest.raises(ValidationError):
        workflow.remove_section(
            issue=item.issue, by=EditorFactory(), section=item.section
        )
