"""Who may do what: RELIABILITY §4 row by row, asked of the predicates themselves."""

import pytest
from django.contrib.auth.models import AnonymousUser

from editorial import duties, rules
from editorial.states import IssueState, ItemState, ReviewPolicy
from tests.factories import (
    AdminFactory,
    AuthorFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return {
        "anonymous": AnonymousUser(),
        "author": UserFactory(),
        "editor": EditorFactory(),
        "admin": AdminFactory(),
    }


WITHOUT_OBJECT = {
    "can_create_issue": {"editor", "admin"},
    "can_invite": {"editor", "admin"},
    "can_import_archive": {"admin"},
    "can_manage_publication": {"admin"},
    "can_manage_people": {"admin"},
    "can_see_subscribers": {"admin"},
    "is_member": {"author", "editor", "admin"},
}


@pytest.mark.parametrize("name", WITHOUT_OBJECT)
def test_deeds_of_a_role(name, people):
    allowed = {role for role, user in people.items() if getattr(rules, name)(user)}

    assert allowed == WITHOUT_OBJECT[name]


ON_A_COLLEAGUES_ITEM = {
    "can_read_item": {"author", "editor", "admin"},
    "can_edit_item": {"editor", "admin"},
    "can_submit_item": {"editor", "admin"},
    "can_review_item": {"editor", "admin"},
    "can_comment": {"author", "editor", "admin"},
    "can_delete_item": {"editor", "admin"},
}


@pytest.mark.parametrize("name", ON_A_COLLEAGUES_ITEM)
def test_deeds_on_a_colleagues_item_in_an_issue(name, people):
    item = ItemFactory(issue=IssueFactory())

    allowed = {r for r, user in people.items() if getattr(rules, name)(user, item)}

    assert allowed == ON_A_COLLEAGUES_ITEM[name]


def test_a_draft_in_no_issue_is_read_by_its_author_and_editors_only(people):
    item = ItemFactory(submitted_by=people["author"])
    private = ItemFactory()

    assert rules.can_read_item(people["author"], item)
    assert not rules.can_read_item(people["author"], private)
    assert rules.can_read_item(people["editor"], private)


def test_an_item_credited_to_my_name_is_mine():
    me = UserFactory()
    item = ItemFactory(credit=AuthorFactory(user=me))

    assert rules.owns(me, item)
    assert rules.can_edit_item(me, item)


def test_nobody_edits_an_item_of_a_published_issue(people):
    issue = IssueFactory()
    item = ItemFactory(issue=issue, submitted_by=people["author"])
    issue.state = IssueState.PUBLISHED

    assert not any(rules.can_edit_item(user, item) for user in people.values())


def test_a_rejected_item_is_reopened_before_it_is_edited(people):
    item = ItemFactory(state=ItemState.REJECTED, submitted_by=people["author"])

    assert not rules.can_edit_item(people["author"], item)
    assert rules.can_submit_item(people["author"], item)


def test_a_lead_editor_edits_that_issue_only():
    lead = UserFactory()
    led, other = IssueFactory(lead_editor=lead), IssueFactory()

    assert rules.can_edit_issue(lead, led)
    assert not rules.can_edit_issue(lead, other)


def test_a_deactivated_editor_may_nothing():
    gone = EditorFactory(is_active=False)
    item = ItemFactory(issue=IssueFactory())

    assert not rules.can_read_item(gone, item)
    assert not rules.can_edit_issue(gone, item.issue)
    assert not rules.can_invite(gone)


def test_whose_it_is_counts_as_nobody_free_to_review_it():
    # Pasted by one editor, credited to the other: each of the two owns it.
    paster, credited = EditorFactory(), EditorFactory()
    item = ItemFactory(
        submitted_by=paster,
        credit=AuthorFactory(user=credited),
        issue=IssueFactory(),
        state=ItemState.SUBMITTED,
    )

    assert rules.may_approve_own(paster, item)
    assert rules.may_approve_own(credited, item)
    assert duties.to_review(paster) == duties.to_review(credited) == [item]


def test_an_author_is_not_told_of_the_submission_an_editor_makes_for_them():
    PublicationFactory(review=ReviewPolicy.ANYONE_ELSE)
    item = ItemFactory()

    others = item.other_reviewers(EditorFactory())

    assert item.submitted_by not in others
