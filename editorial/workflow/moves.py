"""The one place that writes `state`, and the trail row that goes with it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from django.db.models import F

from editorial import rules
from editorial.models import Issue, Item, Transition, User, Via
from editorial.states import (
    ISSUE_MOVES,
    ITEM_MOVES,
    IllegalTransition,
    IssueState,
    ItemState,
    StaleVersion,
)

Row = TypeVar("Row", Item, Issue)


def _move(
    row: Row,
    to: str,
    *,
    by: User | None,
    verb: str,
    note: str = "",
    via: str = Via.DESK,
    **fields: Any,
) -> Row:
    """Compare-and-set `row` from the state and version it was read in to `to`.

    `fields` change in the same UPDATE. Raises IllegalTransition when the table has no
    such move or another move was faster, StaleVersion when a save was.
    """
    before = row.state
    if isinstance(row, Item):
        allowed: Collection[str] = ITEM_MOVES[ItemState(before)]
    else:
        allowed = ISSUE_MOVES[IssueState(before)]
    if to not in allowed:
        raise IllegalTransition(str(row), before, to)
    _write(row, wanted=to, state=to, **fields)
    record(row, verb=verb, by=by, from_state=before, to_state=to, note=note, via=via)
    return row


def change(
    row: Row,
    *,
    by: User | None,
    verb: str,
    note: str = "",
    via: str = Via.DESK,
    **fields: Any,
) -> Row:
    """Compare-and-set fields other than `state`; the state stays as it is."""
    _write(row, wanted=row.state, **fields)
    state = row.state
    record(row, verb=verb, by=by, from_state=state, to_state=state, note=note, via=via)
    return row


def _write(row: Row, *, wanted: str, **fields: Any) -> None:
    model = type(row)
    written = model._default_manager.filter(
        pk=row.pk, state=row.state, version=row.version
    ).update(version=F("version") + 1, **fields)
    if not written:
        raise _who_was_faster(row, wanted)
    row.version += 1
    for name, value in fields.items():
        setattr(row, name, value)


def _who_was_faster(row: Row, wanted: str) -> Exception:
    now = (
        type(row)._default_manager.filter(pk=row.pk).values("state", "version").first()
    )
    if now is None:
        return IllegalTransition(str(row), "deleted", wanted)
    if now["state"] != row.state:
        return IllegalTransition(str(row), now["state"], wanted)
    return StaleVersion(str(row), row.version, now["version"])


def record(
    row: Row,
    *,
    verb: str,
    by: User | None,
    from_state: str = "",
    to_state: str = "",
    note: str = "",
    via: str = Via.DESK,
) -> Transition:
    """Write the audit row of a deed; belongs into the deed's own transaction."""
    subject: dict[str, Any] = {"item": row} if isinstance(row, Item) else {"issue": row}
    if isinstance(row, Item) and row.issue_id:
        subject["issue"] = row.issue
    return Transition.objects.create(
        **subject,
        subject=str(row)[:220],
        verb=verb,
        from_state=from_state,
        to_state=to_state,
        version=row.version,
        by=by,
        by_name=str(by)[:60] if by else "",
        role=role_of(by, row),
        note=note,
        via=via,
    )


def role_of(by: User | None, row: Row) -> str:
    """The role a person acts in here: "lead" where that is what gives the right."""
    if by is None:
        return ""
    issue = row.issue if isinstance(row, Item) else row
    leads = issue is not None and issue.lead_editor_id == by.pk
    return "lead" if leads and not by.is_editor else by.role


def lock_issue(issue: Issue) -> Issue:
    """Take the issue's row for this transaction and read it afresh.

    Items of one issue change one after the other, so that approving an issue sees
    each of them as it will be. SQLite has one writer at a time anyway.
    """
    return Issue.objects.select_for_update().get(pk=issue.pk)


def lock_in_order(*issues: Issue | None) -> None:
    """Lock several issues, always in one order, so that no two moves wait for each other.

    What takes items from one issue to another calls this before it locks either.
    """
    for pk in sorted({issue.pk for issue in issues if issue is not None}):
        Issue.objects.select_for_update().get(pk=pk)


def lock_item(item: Item) -> Item:
    """Lock the item and its issue; check that the caller's copy is not older than ours.

    Returns the caller's own row, its issue fresh. Raises IllegalTransition when it
    was moved and StaleVersion when it was edited since the caller read it: whoever
    waited here for another's save is told at once, before any work is done in vain.
    """
    if item.issue_id is not None:
        item.issue = Issue.objects.select_for_update().get(pk=item.issue_id)
    rows = Item.objects.select_for_update(no_key=True).filter(pk=item.pk)
    now = rows.values_list("state", "version", "issue_id").first()
    if now != (item.state, item.version, item.issue_id):
        raise _who_was_faster(item, item.state)
    return item


def void_issue_approval(issue: Issue | None, *, by: User | None, note: str) -> None:
    """Any edit of an approved issue or its items sends it back to proofing."""
    if issue is not None and issue.state == IssueState.APPROVED:
        _move(
            issue,
            IssueState.REVIEW,
            by=by,
            verb="approval_voided",
            note=note,
            publish_at=None,
            approved_hash="",
        )


def require_issue_editor(by: User, issue: Issue) -> None:
    rules.require(rules.can_edit_issue, by, issue)
