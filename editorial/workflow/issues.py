"""The life of an issue on the desk: collecting, proofing, approved, scheduled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from editorial import links, notices, rules
from editorial.content.slugs import issue_slug
from editorial.models import (
    Credit,
    Issue,
    IssueSection,
    Item,
    Section,
    User,
    Via,
)
from editorial.models.outlines import approval_hash, author_named
from editorial.states import (
    ContentChanged,
    IllegalTransition,
    IssueState,
    ItemState,
    NotReady,
    StaleVersion,
)

from .items import approve_item, place_item, submit_item
from .moves import (
    _move,
    change,
    lock_in_order,
    lock_issue,
    record,
    require_issue_editor,
    void_issue_approval,
)
from .wording import clean_field, clean_issue


@transaction.atomic
def create_issue(
    *,
    by: User,
    number: str,
    lead_editor: User | None = None,
    via: str = Via.DESK,
    **fields: Any,
) -> Issue:
    """A new issue, collecting, with every recurring section in place.

    Raises ValidationError on a number that is empty or taken.
    """
    rules.require(rules.can_create_issue, by)
    words = clean_issue({"number": number, **fields})
    with _one_of_its_number(words["number"]):
        issue = Issue.objects.create(lead_editor=lead_editor, **words)
    IssueSection.objects.bulk_create(
        IssueSection(issue=issue, section=section, position=n)
        for n, section in enumerate(Section.objects.recurring())
    )
    record(issue, verb="created", by=by, to_state=issue.state, via=via)
    return issue


def _editable(issue: Issue, by: User) -> Issue:
    """The locked row, after the question who may and whether it is still open."""
    fresh = lock_issue(issue)
    require_issue_editor(by, fresh)
    if not fresh.is_open:
        raise IllegalTransition(str(fresh), fresh.state, "edited")
    return fresh


@transaction.atomic
def edit_issue(*, issue: Issue, by: User, version: int, **changes: Any) -> Issue:
    """Save an issue's own words; on an approved issue this voids the approval."""
    fresh = _editable(issue, by)
    if version != fresh.version:
        raise StaleVersion(str(fresh), version, fresh.version)
    words = clean_issue(changes)
    words = {n: value for n, value in words.items() if getattr(fresh, n) != value}
    if not words:
        return fresh
    void_issue_approval(fresh, by=by, note=_("the issue's text was edited"))
    if "cover" in words:
        fresh.cover = words["cover"]
        fresh.save(update_fields=["cover"])
        words["cover"] = fresh.cover.name
    if "number" not in words:
        return change(fresh, by=by, verb="edited", **words)
    # Nobody outside has its address yet, so that follows the number.
    words["slug"] = issue_slug(words["number"])
    with _one_of_its_number(words["number"]):
        return change(fresh, by=by, verb="edited", **words)


@contextmanager
def _one_of_its_number(number: str) -> Iterator[None]:
    """Write a number or its address; the table decides who was first."""
    if not number:
        raise ValidationError({"number": _("Give the issue a number.")})
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError(
            {"number": _("There is an issue %(number)s already.") % {"number": number}}
        ) from error


@transaction.atomic
def set_credits(*, issue: Issue, by: User, credits: Sequence[tuple[str, str]]) -> Issue:
    """Replace the printed credits by these (name, role) pairs, in order."""
    fresh = _editable(issue, by)
    named = [(clean_field(role, name, 60), role) for name, role in credits]
    void_issue_approval(fresh, by=by, note=_("the credits were changed"))
    fresh.credits.all().delete()
    for n, (name, role) in enumerate(dict.fromkeys(named)):
        Credit.objects.create(
            issue=fresh, author=author_named(name), role=role, position=n
        )
    return change(fresh, by=by, verb="credits_changed")


@transaction.atomic
def assign_lead_editor(*, issue: Issue, by: User, lead_editor: User | None) -> Issue:
    """Name who is responsible for this issue; that person then edits it."""
    rules.require(rules.is_editor, by)
    fresh = _editable(issue, by)
    note = str(lead_editor) if lead_editor else ""
    return change(
        fresh, by=by, verb="lead_editor_assigned", note=note, lead_editor=lead_editor
    )


@transaction.atomic
def extend_deadline(*, issue: Issue, by: User, deadline_at: datetime) -> Issue:
    """Move the copy deadline. Nothing closes by itself; this only says when."""
    fresh = _editable(issue, by)
    if timezone.is_naive(deadline_at):
        raise ValidationError({"deadline_at": _("Say the time zone.")})
    if deadline_at <= timezone.now():
        raise ValidationError({"deadline_at": _("Choose a moment in the future.")})
    return change(fresh, by=by, verb="deadline_extended", deadline_at=deadline_at)


@transaction.atomic
def add_section(*, issue: Issue, by: User, title: str) -> IssueSection:
    """Add a section to this issue: the recurring one of that title, else once only."""
    from editorial.models.outlines import section_titled

    fresh = _editable(issue, by)
    title = clean_field("title", title, 80)
    if not title:
        raise ValidationError({"title": _("Give the section a title.")})
    section = section_titled(title)
    last = fresh.issue_sections.order_by("-position").first()
    place, created = IssueSection.objects.get_or_create(
        issue=fresh,
        section=section,
        defaults={"position": last.position + 1 if last else 0},
    )
    if created:
        void_issue_approval(fresh, by=by, note=section.title)
        change(fresh, by=by, verb="section_added", note=section.title)
    return place


@transaction.atomic
def remove_section(*, issue: Issue, by: User, section: Section) -> None:
    """Take an empty section out of this issue."""
    fresh = _editable(issue, by)
    if fresh.items.filter(section=section).exists():
        raise ValidationError(
            {"section": _("Move its items to another section first.")}
        )
    fresh.issue_sections.filter(section=section).delete()
    change(fresh, by=by, verb="section_removed", note=section.title)


@transaction.atomic
def order_sections(*, issue: Issue, by: User, sections: Sequence[int]) -> Issue:
    """Put this issue's sections (by id) into the given order."""
    fresh = _editable(issue, by)
    places = {place.section_id: place for place in fresh.issue_sections.all()}
    if sorted(sections) != sorted(places):
        raise ValidationError({"sections": _("Name each section of the issue once.")})
    void_issue_approval(fresh, by=by, note=_("the sections were ordered"))
    for n, pk in enumerate(sections):
        IssueSection.objects.filter(pk=places[pk].pk).update(position=n)
    return change(fresh, by=by, verb="sections_ordered")


@transaction.atomic
def close_issue(
    *,
    issue: Issue,
    by: User,
    unfinished: str = "wait",
    next_issue: Issue | None = None,
    via: str = Via.DESK,
) -> Issue:
    """Close to new items and begin proofing.

    `unfinished` says what becomes of drafts and items sent back: "wait" (they stay and
    hold up approval), "next" (to `next_issue`, else the backlog) or "drop" (to the
    backlog).
    """
    if unfinished not in {"wait", "next", "drop"}:
        raise ValidationError({"unfinished": _("Choose what becomes of them.")})
    lock_in_order(issue, next_issue)
    fresh = _editable(issue, by)
    _move(fresh, IssueState.REVIEW, by=by, verb="closed", via=via)
    if unfinished != "wait":
        target = next_issue if unfinished == "next" else None
        waiting = {ItemState.DRAFT, ItemState.CHANGES_REQUESTED}
        for item in fresh.items.filter(state__in=waiting):
            place_item(item=item, by=by, issue=target)
    links.check_issue(fresh)
    notices.tell_closed(fresh, by=by)
    return fresh


@transaction.atomic
def reopen_issue(*, issue: Issue, by: User, via: str = Via.DESK) -> Issue:
    """Back to collecting."""
    fresh = _editable(issue, by)
    return _move(fresh, IssueState.DRAFT, by=by, verb="reopened", via=via)


@transaction.atomic
def approve_issue(
    *,
    issue: Issue,
    by: User,
    note: str = "",
    expected_hash: str | None = None,
    via: str = Via.DESK,
) -> Issue:
    """Approve exactly the words as they stand now, named by their hash.

    `expected_hash` names the words the person read: ContentChanged where they differ.
    Raises NotReady while an item is not approved or there is none; preflight's other
    findings are for the person who presses (the desk shows them and asks).
    """
    fresh = _editable(issue, by)
    _require_ready(fresh)
    content_hash = approval_hash(fresh)
    if expected_hash is not None and content_hash != expected_hash:
        raise ContentChanged(
            _("Something changed after you opened this page. Look again, then approve.")
        )
    links.check_issue(fresh)
    return _move(
        fresh,
        IssueState.APPROVED,
        by=by,
        verb="approved",
        note=note,
        via=via,
        approved_hash=content_hash,
        schedule_failed_at=None,
        schedule_error="",
    )


def _require_ready(issue: Issue) -> None:
    open_items = issue.items.unfinished().count()
    if open_items:
        words = ngettext(
            "%(n)d item is not approved yet.",
            "%(n)d items are not approved yet.",
            open_items,
        )
        raise NotReady([words % {"n": open_items}])
    if not issue.items.approved().exists():
        raise NotReady([_("There is no approved item in it.")])


@transaction.atomic
def unapprove_issue(
    *, issue: Issue, by: User, note: str = "", via: str = Via.DESK
) -> Issue:
    """Back to proofing; a schedule is cleared."""
    fresh = _editable(issue, by)
    return _move(
        fresh,
        IssueState.REVIEW,
        by=by,
        verb="unapproved",
        note=note,
        via=via,
        publish_at=None,
        approved_hash="",
    )


@transaction.atomic
def schedule_issue(*, issue: Issue, by: User, publish_at: datetime) -> Issue:
    """Publish at a given moment (aware), in the name of `by`; the sweep does it.

    The row's `publish_at` is read when the time comes, so a moved or cleared schedule
    never fires.
    """
    fresh = _editable(issue, by)
    if fresh.state != IssueState.APPROVED:
        raise IllegalTransition(str(fresh), fresh.state, "scheduled")
    if timezone.is_naive(publish_at) or publish_at <= timezone.now():
        raise ValidationError({"publish_at": _("Choose a moment in the future.")})
    return change(
        fresh,
        by=by,
        verb="scheduled",
        note=publish_at.isoformat(timespec="minutes"),
        publish_at=publish_at,
        scheduled_by=by,
        schedule_failed_at=None,
        schedule_error="",
    )


@transaction.atomic
def unschedule_issue(*, issue: Issue, by: User) -> Issue:
    """Clear the schedule; the issue stays approved."""
    fresh = _editable(issue, by)
    return change(fresh, by=by, verb="unscheduled", publish_at=None, scheduled_by=None)


@transaction.atomic
def submit_items(*, issue: Issue, by: User, via: str = Via.DESK) -> list[Item]:
    """Submit every draft and mended item of the issue that `by` may submit."""
    fresh = lock_issue(issue)
    states = {ItemState.DRAFT, ItemState.CHANGES_REQUESTED}
    items = [
        item
        for item in fresh.items.filter(state__in=states).select_related("credit")
        if rules.can_submit_item(by, item)
    ]
    return [submit_item(item=item, by=by, via=via) for item in items]


@transaction.atomic
def submit_own_drafts(*, issue: Issue, by: User, via: str = Via.DESK) -> list[Item]:
    """Submit the drafts of this issue that are `by`'s own; all of them or none."""
    fresh = lock_issue(issue)
    drafts = fresh.items.filter(state=ItemState.DRAFT).select_related("credit")
    own = [item for item in drafts if rules.owns(by, item)]
    return [submit_item(item=item, by=by, via=via) for item in own]


@transaction.atomic
def sign_off_issue(
    *, issue: Issue, by: User, note: str = "", via: str = Via.DESK
) -> Issue:
    """Approve every submitted item, close the issue if needed, and approve it.

    All or nothing: an own item, or one not submitted, leaves everything as it was.
    """
    fresh = lock_issue(issue)
    require_issue_editor(by, fresh)
    for item in fresh.items.waiting():
        approve_item(item=item, by=by, note=note, via=via)
    fresh = lock_issue(fresh)
    if fresh.state == IssueState.DRAFT:
        fresh = close_issue(issue=fresh, by=by, via=via)
    return approve_issue(issue=fresh, by=by, note=note, via=via)
