"""The life of an item: written, submitted, judged, placed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial import links, notices, rules
from editorial.models import (
    Comment,
    Issue,
    Item,
    ItemImage,
    ItemRevision,
    Section,
    Topic,
    User,
    Via,
)
from editorial.states import IllegalTransition, IssueState, ItemState, StaleVersion

from .moves import (
    _move,
    change,
    lock_in_order,
    lock_issue,
    lock_item,
    record,
    void_issue_approval,
)
from .wording import clean_item, snapshot


@transaction.atomic
def create_item(
    *, by: User, issue: Issue | None = None, via: str = Via.DESK, **fields: Any
) -> Item:
    """A new draft of `by`: at the end of its section, or in the backlog.

    Raises ValidationError naming the field, IllegalTransition when the issue takes no
    new items from this person any more.
    """
    rules.require(rules.is_member, by)
    issue = lock_issue(issue) if issue else None
    _require_open_to(issue, by)
    text = clean_item({"headline": "", **fields})
    item = Item(submitted_by=by, issue=issue, **text)
    if item.credit is None:
        item.credit = getattr(by, "author", None)
    _require_section(item)
    if issue is not None:
        _place_at_end(item)
    item.save()
    void_issue_approval(issue, by=by, note=item.headline)
    _keep_revision(item, by)
    links.register_links(item)
    record(item, verb="created", by=by, to_state=item.state, via=via)
    return item


@transaction.atomic
def edit_item(
    *, item: Item, by: User, version: int, via: str = Via.DESK, **changes: Any
) -> Item:
    """Save new words. Safe to call twice: unchanged words change nothing.

    `version` is the one the editor was shown. On an approved item an edit by whoever
    may review it re-approves it in the same move; any other edit voids the approval.
    Raises StaleVersion when somebody saved meanwhile (nothing is written).
    """
    item = lock_item(item)
    rules.require(rules.can_edit_item, by, item)
    if version != item.version:
        raise StaleVersion(str(item), version, item.version)
    text = clean_item(changes)
    text = {name: value for name, value in text.items() if getattr(item, name) != value}
    if not text:
        return item
    if "headline" in text or item.headline:
        _require_headline(text.get("headline", item.headline))
    if item.state != ItemState.APPROVED:
        change(item, by=by, verb="edited", via=via, **text)
    elif rules.can_review_item(by, item):
        before = snapshot(item)
        approved: dict[str, Any] = {"approved_by": by, "approved_at": timezone.now()}
        _move(
            item, item.state, by=by, verb="edited_approved", via=via, **text, **approved
        )
        notices.tell_edited(item, by=by, before=before)
    else:
        _void_approval(item, by=by, via=via, **text)
    if "section" in text:
        _require_section(item)
    void_issue_approval(item.issue, by=by, note=item.headline)
    _keep_revision(item, by)
    if {"url", "commentary"} & text.keys():
        links.register_links(item)
    return item


def _void_approval(item: Item, *, by: User, via: str = Via.DESK, **fields: Any) -> None:
    _move(
        item,
        ItemState.SUBMITTED,
        by=by,
        verb="approval_voided",
        via=via,
        approved_by=None,
        approved_at=None,
        submitted_at=timezone.now(),
        **fields,
    )
    notices.tell_submitted(item, by=by)


@transaction.atomic
def set_images(*, item: Item, by: User, images: Sequence[ItemImage]) -> Item:
    """Replace the item's pictures by these, in order; counts as an edit of its text."""
    item = lock_item(item)
    rules.require(rules.can_edit_item, by, item)
    kept = [image.pk for image in images if image.pk]
    item.images.exclude(pk__in=kept).delete()
    for position, image in enumerate(images):
        image.item, image.position = item, position
        image.save()
    if item.state != ItemState.APPROVED:
        change(item, by=by, verb="pictures_changed")
    elif rules.can_review_item(by, item):
        _move(item, item.state, by=by, verb="edited_approved")
    else:
        _void_approval(item, by=by)
    void_issue_approval(item.issue, by=by, note=item.headline)
    _keep_revision(item, by)
    return item


@transaction.atomic
def submit_item(*, item: Item, by: User, via: str = Via.DESK) -> Item:
    """Hand a draft to those who review. Needs a headline and, in an issue, a section."""
    item = lock_item(item)
    rules.require(rules.can_submit_item, by, item)
    if item.state == ItemState.APPROVED:  # that move is for an edit, see edit_item
        raise IllegalTransition(str(item), item.state, ItemState.SUBMITTED)
    _require_headline(item.headline)
    now = timezone.now()
    _move(item, ItemState.SUBMITTED, by=by, verb="submitted", via=via, submitted_at=now)
    links.check_soon(item)
    notices.tell_submitted(item, by=by)
    return item


@transaction.atomic
def take_back_item(*, item: Item, by: User, via: str = Via.DESK) -> Item:
    """Back to draft before anyone judged it."""
    item = lock_item(item)
    rules.require(rules.can_submit_item, by, item)
    if item.state == ItemState.REJECTED:  # that move voids an approval, see reopen_item
        raise IllegalTransition(str(item), item.state, ItemState.DRAFT)
    return _move(item, ItemState.DRAFT, by=by, verb="taken_back", via=via)


@transaction.atomic
def approve_item(*, item: Item, by: User, note: str = "", via: str = Via.DESK) -> Item:
    """Accept a submitted item into its issue.

    Raises IllegalTransition when someone else was faster, PermissionDenied for one's
    own item; with nobody else free one's own needs `note`, which the trail shows.
    """
    item = lock_item(item)
    if not rules.can_review_item(by, item):
        _require_exception_for_own(item, by, note)
    if item.state == ItemState.APPROVED:  # that move is for an edit, see edit_item
        raise IllegalTransition(str(item), item.state, ItemState.APPROVED)
    now = timezone.now()
    _move(
        item,
        ItemState.APPROVED,
        by=by,
        verb="approved",
        note=note,
        via=via,
        approved_by=by,
        approved_at=now,
    )
    notices.tell_judged(item, by=by, kind="approved", note=note)
    return item


def _require_exception_for_own(item: Item, by: User, note: str) -> None:
    """One's own item: only where nobody else is free, and then with a reason."""
    if rules.may_approve_own(by, item):
        if not note.strip():
            raise PermissionDenied(
                _("Nobody else can review this. Write why you approve it yourself.")
            )
        return
    if rules.owns(by, item) and rules.reviews_item(by, item):
        raise PermissionDenied(
            _("Nobody approves their own item; ask a colleague to review it.")
        )
    rules.require(rules.can_review_item, by, item)


@transaction.atomic
def request_changes(*, item: Item, by: User, note: str, via: str = Via.DESK) -> Item:
    """Send it back to its author with a reason."""
    return _send_back(
        item, ItemState.CHANGES_REQUESTED, by, note, via, verb="changes_requested"
    )


@transaction.atomic
def reject_item(*, item: Item, by: User, note: str, via: str = Via.DESK) -> Item:
    """Not for print; its author learns why and may take it up again."""
    return _send_back(item, ItemState.REJECTED, by, note, via, verb="rejected")


def _send_back(
    item: Item, to: str, by: User, note: str, via: str, *, verb: str
) -> Item:
    item = lock_item(item)
    rules.require(rules.can_review_item, by, item)
    if not note.strip():
        raise ValidationError({"note": _("Say what should change, in a sentence.")})
    _move(item, to, by=by, verb=verb, note=note.strip(), via=via)
    notices.tell_judged(item, by=by, kind=verb, note=note.strip())
    return item


@transaction.atomic
def reopen_item(*, item: Item, by: User, via: str = Via.DESK) -> Item:
    """A rejected item becomes a draft again, which voids its issue's approval.

    Raises IllegalTransition in an issue that came out: nothing is added to it.
    """
    item = lock_item(item)
    rules.require(rules.can_submit_item, by, item)
    if item.issue is not None and not item.issue.is_open:
        raise IllegalTransition(str(item.issue), item.issue.state, "item reopened")
    if item.state != ItemState.REJECTED:  # before it was judged, see take_back_item
        raise IllegalTransition(str(item), item.state, ItemState.DRAFT)
    _move(item, ItemState.DRAFT, by=by, verb="reopened", via=via)
    void_issue_approval(item.issue, by=by, note=item.headline)
    return item


@transaction.atomic
def delete_item(*, item: Item, by: User) -> None:
    """Remove a draft. Its revisions and trail stay."""
    item = lock_item(item)
    rules.require(rules.can_delete_item, by, item)
    record(item, verb="deleted", by=by, from_state=item.state)
    item.delete()


@transaction.atomic
def move_item(
    *,
    item: Item,
    by: User,
    section: Section | None = None,
    topic: Topic | None = None,
    position: int = 0,
) -> Item:
    """Put an item at `position` (0 first) of a section of its issue.

    `section` None keeps the section and `topic`; the items behind it move down.
    """
    item = lock_item(item)
    rules.require(rules.edits_item, by, item)
    if item.issue is None or not item.issue.is_open:
        raise IllegalTransition(
            str(item), item.issue.state if item.issue else "", "moved"
        )
    new_topic = item.topic if section is None else topic
    section = section or item.section
    if not item.issue.issue_sections.filter(section=section).exists():
        raise ValidationError({"section": _("This issue has no such section.")})
    neighbours = list(
        item.issue.items.filter(section=section)
        .exclude(pk=item.pk)
        .order_by("position", "pk")
        .values_list("pk", flat=True)
    )
    position = max(0, min(position, len(neighbours)))
    neighbours.insert(position, item.pk)
    change(
        item, by=by, verb="moved", section=section, topic=new_topic, position=position
    )
    for n, pk in enumerate(neighbours):
        Item.objects.filter(pk=pk).exclude(position=n).update(position=n)
    void_issue_approval(item.issue, by=by, note=item.headline)
    return item


@transaction.atomic
def place_item(
    *, item: Item, by: User, issue: Issue | None, section: Section | None = None
) -> Item:
    """Put an item into an issue, or with `issue` None back into the backlog."""
    lock_in_order(item.issue, issue)
    item = lock_item(item)
    issue = lock_issue(issue) if issue else None
    rules.require(rules.can_submit_item, by, item)
    if item.issue is not None and not item.issue.is_open:
        raise IllegalTransition(str(item.issue), item.issue.state, "item moved")
    _require_open_to(issue, by)
    void_issue_approval(item.issue, by=by, note=item.headline)
    item_section = section or item.section
    if issue is not None and item_section is None:
        raise ValidationError({"section": _("Choose a section first.")})
    _join_section(issue, item_section)
    verb = "placed" if issue else "to_backlog"
    change(item, by=by, verb=verb, issue=issue, section=item_section)
    if issue is not None:
        _place_at_end(item)
        Item.objects.filter(pk=item.pk).update(position=item.position)
        void_issue_approval(issue, by=by, note=item.headline)
    return item


@transaction.atomic
def comment_item(*, item: Item, by: User, text: str) -> Comment:
    """Say something about an item to whoever may read it."""
    rules.require(rules.can_comment, by, item)
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("Write something first.")})
    if len(text) > 4000:
        raise ValidationError({"text": _("At most 4,000 characters.")})
    return Comment.objects.create(item=item, by=by, by_name=str(by), text=text)


def _require_open_to(issue: Issue | None, by: User) -> None:
    """New items: from anyone while collecting, afterwards from its editors only."""
    if issue is None or issue.state == IssueState.DRAFT:
        return
    if not (issue.is_open and rules.can_edit_issue(by, issue)):
        raise IllegalTransition(str(issue), issue.state, "taking new items")


def _require_headline(headline: str) -> None:
    if not headline.strip():
        raise ValidationError({"headline": _("Give it a headline first.")})


def _require_section(item: Item) -> None:
    if item.issue is None:
        return
    if item.section is None:
        raise ValidationError({"section": _("Choose a section.")})
    _join_section(item.issue, item.section)


def _join_section(issue: Issue | None, section: Section | None) -> None:
    """The section takes its place in the issue if it has none there yet."""
    if issue is None or section is None:
        return
    last = issue.issue_sections.aggregate(last=Max("position"))["last"]
    issue.issue_sections.get_or_create(
        section=section, defaults={"position": 0 if last is None else last + 1}
    )


def _place_at_end(item: Item) -> None:
    """Behind the last item of its topic, else behind the last of its section."""
    rows = Item.objects.filter(issue=item.issue, section=item.section).exclude(
        pk=item.pk
    )
    same_topic = rows.filter(topic=item.topic).aggregate(last=Max("position"))["last"]
    last = rows.aggregate(last=Max("position"))["last"]
    if same_topic is not None and same_topic != last:
        item.position = same_topic + 1
        rows.filter(position__gt=same_topic).update(position=F("position") + 1)
    else:
        item.position = 0 if last is None else last + 1


def _keep_revision(item: Item, by: User) -> None:
    ItemRevision.objects.create(
        item=item,
        version=item.version,
        text=snapshot(item),
        by=by,
        by_name=str(by)[:60],
    )
