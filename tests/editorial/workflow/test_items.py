"""An item is written, submitted and judged by the people who may."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from editorial import workflow
from editorial.models import Item, ItemRevision, Notice, ReviewPolicy
from editorial.states import IllegalTransition, IssueState, ItemState, StaleVersion
from tests.factories import (
    AuthorFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def submitted(**fields) -> Item:
    return ItemFactory(state=ItemState.SUBMITTED, **fields)


def test_a_new_item_is_a_draft_with_a_revision_and_a_trail():
    author = UserFactory()

    item = workflow.create_item(by=author, headline="etcd 3.6 发布")

    assert item.state == ItemState.DRAFT
    assert item.submitted_by == author
    assert item.revisions.get().text["headline"] == "etcd 3.6 发布"
    assert item.transitions.get().verb == "created"


def test_a_new_item_is_credited_to_the_name_of_its_account():
    author = UserFactory()
    name = AuthorFactory(user=author)

    item = workflow.create_item(by=author, headline="x")

    assert item.credit == name


def test_state_cannot_be_set_by_an_edit():
    item = ItemFactory()

    with pytest.raises(TypeError, match="state"):
        workflow.edit_item(
            item=item, by=item.submitted_by, version=1, state=ItemState.APPROVED
        )


def test_editor_cannot_approve_own_item():
    editor = EditorFactory()
    item = submitted(submitted_by=editor)
    EditorFactory()

    with pytest.raises(PermissionDenied, match="colleague"):
        workflow.approve_item(item=item, by=editor, note="mine is fine")

    item.refresh_from_db()
    assert item.state == ItemState.SUBMITTED


def test_editor_cannot_approve_an_item_printed_under_their_own_name():
    editor = EditorFactory()
    item = submitted(credit=AuthorFactory(user=editor))
    EditorFactory()

    with pytest.raises(PermissionDenied):
        workflow.approve_item(item=item, by=editor)


def test_the_only_editor_approves_an_own_item_with_a_written_reason():
    editor = EditorFactory()
    item = submitted(submitted_by=editor)

    workflow.approve_item(item=item, by=editor, note="nobody else this week")

    assert item.state == ItemState.APPROVED
    assert item.transitions.get(verb="approved").note == "nobody else this week"


def test_the_only_editor_does_not_approve_an_own_item_without_a_reason():
    editor = EditorFactory()
    item = submitted(submitted_by=editor)

    with pytest.raises(PermissionDenied, match="why"):
        workflow.approve_item(item=item, by=editor)


def test_author_cannot_approve_where_editors_review():
    item = submitted()

    with pytest.raises(PermissionDenied):
        workflow.approve_item(item=item, by=UserFactory())


def test_any_other_author_approves_where_the_publication_says_so():
    PublicationFactory(review=ReviewPolicy.ANYONE_ELSE)
    item = submitted()

    workflow.approve_item(item=item, by=UserFactory())

    assert item.state == ItemState.APPROVED


def test_authors_approve_their_own_where_nobody_reviews():
    PublicationFactory(review=ReviewPolicy.NONE)
    item = submitted()

    workflow.approve_item(item=item, by=item.submitted_by)

    assert item.state == ItemState.APPROVED


def test_the_lead_editor_of_an_issue_approves_its_items_whatever_the_role():
    lead = UserFactory()
    item = submitted(issue=IssueFactory(lead_editor=lead))

    workflow.approve_item(item=item, by=lead)

    assert item.transitions.get(verb="approved").role == "lead"


def test_the_lead_editor_of_another_issue_approves_nothing_here():
    lead = UserFactory()
    IssueFactory(lead_editor=lead)
    item = submitted(issue=IssueFactory())

    with pytest.raises(PermissionDenied):
        workflow.approve_item(item=item, by=lead)


def test_two_editors_press_at_once_and_the_second_is_told():
    item = submitted()
    same = Item.objects.get(pk=item.pk)
    workflow.approve_item(item=item, by=EditorFactory())

    with pytest.raises(IllegalTransition):
        workflow.request_changes(item=same, by=EditorFactory(), note="no")

    assert Item.objects.get(pk=item.pk).state == ItemState.APPROVED


def test_an_item_is_not_approved_a_second_time():
    item = submitted()
    first = EditorFactory()
    workflow.approve_item(item=item, by=first)

    with pytest.raises(IllegalTransition):
        workflow.approve_item(item=item, by=EditorFactory())

    assert Item.objects.get(pk=item.pk).approved_by == first


@pytest.mark.parametrize("verb", ["request_changes", "reject_item"])
def test_sending_back_needs_a_reason(verb):
    item = submitted()

    with pytest.raises(ValidationError) as refused:
        getattr(workflow, verb)(item=item, by=EditorFactory(), note="  ")

    assert "note" in refused.value.message_dict


def test_a_returned_item_is_mended_and_submitted_again():
    item = submitted()
    author = item.submitted_by
    workflow.request_changes(item=item, by=EditorFactory(), note="shorter")

    workflow.edit_item(item=item, by=author, version=item.version, headline="短一点")
    workflow.submit_item(item=item, by=author)

    assert item.state == ItemState.SUBMITTED
    notice = Notice.objects.get(kind="changes_requested")
    assert (notice.recipient, notice.context["note"]) == (author, "shorter")


def test_an_edit_by_its_author_voids_the_approval():
    item = ItemFactory(state=ItemState.APPROVED)

    workflow.edit_item(item=item, by=item.submitted_by, version=1, headline="改过")

    assert item.state == ItemState.SUBMITTED
    assert item.approved_at is None


def test_an_edit_by_an_editor_keeps_the_approval_and_tells_the_author():
    item = ItemFactory(state=ItemState.APPROVED)
    editor = EditorFactory()

    workflow.edit_item(item=item, by=editor, version=1, headline="编辑改过")

    item.refresh_from_db()
    assert (item.state, item.approved_by) == (ItemState.APPROVED, editor)
    assert Notice.objects.get(kind="edited").recipient == item.submitted_by


def test_an_edit_of_an_item_sends_an_approved_issue_back_to_proofing():
    item = ItemFactory(
        state=ItemState.APPROVED, issue=IssueFactory(state=IssueState.APPROVED)
    )

    workflow.edit_item(item=item, by=EditorFactory(), version=1, headline="改过")

    item.issue.refresh_from_db()
    assert item.issue.state == IssueState.REVIEW


def test_a_save_over_a_newer_version_is_refused_and_loses_nothing():
    item = ItemFactory()
    author = item.submitted_by
    stale = Item.objects.get(pk=item.pk)
    workflow.edit_item(item=item, by=author, version=1, headline="第一个人")

    with pytest.raises(StaleVersion) as refused:
        workflow.edit_item(item=stale, by=author, version=1, headline="第二个人")

    assert (refused.value.given, refused.value.current) == (1, 2)
    assert Item.objects.get(pk=item.pk).headline == "第一个人"


def test_an_unchanged_save_makes_no_version():
    item = ItemFactory()

    workflow.edit_item(
        item=item, by=item.submitted_by, version=1, headline=item.headline
    )

    item.refresh_from_db()
    assert item.version == 1
    assert not ItemRevision.objects.exists()


def test_a_colleague_cannot_edit_my_item():
    item = ItemFactory()

    with pytest.raises(PermissionDenied):
        workflow.edit_item(item=item, by=UserFactory(), version=1, headline="x")


def test_an_item_without_headline_is_not_submitted():
    item = ItemFactory(headline="")

    with pytest.raises(ValidationError) as refused:
        workflow.submit_item(item=item, by=item.submitted_by)

    assert "headline" in refused.value.message_dict


def test_new_items_are_refused_once_the_issue_is_closed():
    issue = IssueFactory(state=IssueState.REVIEW)

    with pytest.raises(IllegalTransition):
        workflow.create_item(by=UserFactory(), issue=issue, headline="晚了")


def test_the_lead_editor_still_adds_an_item_while_proofing():
    lead = UserFactory()
    place = ItemFactory(issue=IssueFactory(state=IssueState.REVIEW, lead_editor=lead))

    item = workflow.create_item(
        by=lead, issue=place.issue, section=place.section, headline="补一条"
    )

    assert item.issue == place.issue


def test_a_comment_in_an_issue_is_open_to_every_colleague():
    item = ItemFactory(issue=IssueFactory())

    comment = workflow.comment_item(item=item, by=UserFactory(), text=" 有来源吗？ ")

    assert comment.text == "有来源吗？"


def test_a_private_draft_takes_no_comment_from_a_colleague():
    with pytest.raises(PermissionDenied):
        workflow.comment_item(item=ItemFactory(), by=UserFactory(), text="hm")
