"""Who may do what, as predicates (RELIABILITY §4). A door asks; nothing else decides.

`rules` registers each as a Django permission, so the admin asks the same questions.
A lead editor has an editor's rights on that issue and its items, whatever the role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rules
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from editorial.states import ITEM_EDITABLE, ItemState, ReviewPolicy

if TYPE_CHECKING:
    from editorial.models import Issue, Item, User


def require(predicate: rules.Predicate, user: User, obj: Any = None) -> None:
    """Raise PermissionDenied unless `predicate` holds for this user and object."""
    allowed = predicate(user) if obj is None else predicate(user, obj)
    if not allowed:
        raise PermissionDenied(_("You may not do this; an editor or an admin can."))


@rules.predicate
def is_member(user: User) -> bool:
    return bool(user and user.is_authenticated and user.is_active)


@rules.predicate
def is_editor(user: User) -> bool:
    return is_member(user) and user.is_editor


@rules.predicate
def is_admin(user: User) -> bool:
    return is_member(user) and user.is_admin


@rules.predicate
def edits_issue(user: User, issue: Issue | None) -> bool:
    """An editor by role, or the lead editor of this very issue."""
    if not is_member(user):
        return False
    return user.is_editor or (issue is not None and issue.lead_editor_id == user.pk)


@rules.predicate
def edits_item(user: User, item: Item) -> bool:
    return edits_issue(user, item.issue)


@rules.predicate
def owns(user: User, item: Item) -> bool:
    """Written by this account, or credited to its name in print."""
    if not is_member(user):
        return False
    return user.pk in item.owner_ids


@rules.predicate
def can_read_item(user: User, item: Item) -> bool:
    """Every member reads every item; only a draft in no issue is private."""
    if not is_member(user):
        return False
    private = item.issue_id is None and item.state == ItemState.DRAFT
    return not private or owns(user, item) or user.is_editor


@rules.predicate
def can_edit_item(user: User, item: Item) -> bool:
    open_to_change = item.state in ITEM_EDITABLE and (
        item.issue is None or item.issue.is_open
    )
    return open_to_change and (owns(user, item) or edits_item(user, item))


@rules.predicate
def can_submit_item(user: User, item: Item) -> bool:
    return owns(user, item) or edits_item(user, item)


@rules.predicate
def reviews_item(user: User, item: Item) -> bool:
    """May judge this item by position, leaving aside whose it is."""
    if edits_item(user, item):
        return True
    return is_member(user) and item.review_policy != ReviewPolicy.EDITORS


@rules.predicate
def can_review_item(user: User, item: Item) -> bool:
    """May approve, request changes or reject: anyone who reviews, never one's own.

    With review set to "nobody" authors approve their own. The deadlock of a team with
    nobody else free is `may_approve_own`, which demands a written reason.
    """
    if not owns(user, item):
        return reviews_item(user, item)
    return item.review_policy == ReviewPolicy.NONE


@rules.predicate
def may_approve_own(user: User, item: Item) -> bool:
    """Nobody else is free: no other active account could review this item."""
    if not (owns(user, item) and reviews_item(user, item)):
        return False
    return not item.other_reviewers(user).exists()


@rules.predicate
def can_comment(user: User, item: Item) -> bool:
    return can_read_item(user, item)


@rules.predicate
def can_delete_item(user: User, item: Item) -> bool:
    """A draft only: what was once submitted keeps its history."""
    return item.state == ItemState.DRAFT and can_submit_item(user, item)


@rules.predicate
def can_invite_as(user: User, role: str) -> bool:
    """Editors invite authors; whom to make editor or admin is the admins' to say."""
    return is_admin(user) or (is_editor(user) and role == "author")


# An issue's whole life belongs to its editors: edit, close, approve, publish,
# correct, withdraw.
can_edit_issue = edits_issue
can_correct_issue = edits_issue
can_create_issue = is_editor
can_import_archive = is_admin
can_invite = is_editor
can_manage_publication = is_admin
can_manage_people = is_admin
can_see_subscribers = is_admin
can_send_digest = edits_issue

PERMISSIONS = {
    "editorial.view_item": is_editor,
    "editorial.view_issue": is_editor,
    "editorial.view_section": is_editor,
    "editorial.add_section": is_editor,
    "editorial.change_section": is_editor,
    "editorial.delete_section": is_admin,
    "editorial.view_topic": is_editor,
    "editorial.add_topic": is_editor,
    "editorial.change_topic": is_editor,
    "editorial.delete_topic": is_admin,
    "editorial.view_author": is_editor,
    "editorial.add_author": is_editor,
    "editorial.change_author": is_editor,
    "editorial.view_link": is_editor,
    "editorial.view_check": is_editor,
    "editorial.view_verdictchange": is_editor,
    "editorial.view_host": is_editor,
    "editorial.view_archivedcopy": is_editor,
    "editorial.view_transition": is_editor,
    "editorial.view_itemrevision": is_editor,
    "editorial.view_issuerevision": is_editor,
    "editorial.view_comment": is_editor,
    "editorial.view_notice": is_admin,
    "editorial.view_publication": is_editor,
    "editorial.change_publication": is_admin,
    "editorial.view_user": is_admin,
    "editorial.change_user": is_admin,
    "editorial.view_invitation": is_editor,
    "editorial.view_credit": is_editor,
    "editorial.view_issuesection": is_editor,
    "editorial.view_itemimage": is_editor,
    "editorial.view_itemlink": is_editor,
}

for _name, _predicate in PERMISSIONS.items():
    if not rules.perm_exists(_name):
        rules.add_perm(_name, _predicate)
