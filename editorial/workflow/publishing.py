"""From approved to published, and back off the site."""

from __future__ import annotations

import logging
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from editorial import links, notices
from editorial.content.outline import Outline
from editorial.models import (
    Credit,
    Issue,
    IssueRevision,
    Publication,
    User,
    Via,
)
from editorial.models.outlines import approval_hash, author_named, load_outline
from editorial.signals import issue_published, issue_withdrawn
from editorial.states import ContentChanged, IllegalTransition, IssueState

from .moves import _move, change, lock_issue, record, require_issue_editor

logger = logging.getLogger(__name__)


@transaction.atomic
def publish_issue(
    *,
    issue: Issue,
    by: User | None,
    via: str = Via.DESK,
    published_at: datetime | None = None,
) -> Issue:
    """Make exactly what was approved public. Safe to call twice, or a hundred times.

    One transaction: revision, live pointer, trail, printed credits, what the signal's
    receivers write, and notices. Raises ContentChanged when the words are no longer
    those approved. `published_at` is for archives; it is now otherwise.
    """
    fresh = lock_issue(issue)
    if by is not None:
        require_issue_editor(by, fresh)
    if fresh.state == IssueState.PUBLISHED:
        return fresh
    if fresh.state != IssueState.APPROVED:
        raise IllegalTransition(str(fresh), fresh.state, IssueState.PUBLISHED)
    outline = _as_approved(fresh)
    revision = _freeze(fresh, outline, by=by)
    _print_credits(fresh, outline)
    _move(
        fresh,
        IssueState.PUBLISHED,
        by=by,
        verb="published",
        via=via,
        published_at=published_at or timezone.now(),
        publish_at=None,
        live_revision=revision,
        schedule_failed_at=None,
        schedule_error="",
    )
    links.plan_after_publication(fresh)
    _let_go_of_the_rejected(fresh, by=by, via=via)
    _announce(fresh, revision, by=by)
    return fresh


def _as_approved(issue: Issue) -> Outline:
    """The outline, if it still is what was approved, item by item and word by word."""
    changed = approval_hash(issue) != issue.approved_hash
    if changed or issue.items.unfinished().exists():
        raise ContentChanged(
            _("Something changed after the approval. Look again and approve again.")
        )
    return load_outline(issue)


def _let_go_of_the_rejected(issue: Issue, *, by: User | None, via: str) -> None:
    """What it does not print waits in the backlog, where its author may take it up."""
    for item in issue.items.rejected():
        change(item, by=by, verb="to_backlog", note=str(issue), via=via, issue=None)


def _announce(issue: Issue, revision: IssueRevision, *, by: User | None) -> None:
    imported = issue.imported
    issue_published.send(
        Issue, issue=issue, revision=revision, by=by, imported=imported
    )
    if not imported:
        notices.tell_published(issue, by=by)


def _freeze(
    issue: Issue, outline: Outline, *, by: User | None, reason: str = "published"
) -> IssueRevision:
    last = issue.revisions.aggregate(last=Max("ordinal"))["last"] or 0
    return IssueRevision.objects.create(
        issue=issue,
        issue_number=issue.number,
        ordinal=last + 1,
        outline_json=outline.to_dict(),
        content_hash=outline.content_hash(),
        reason=reason,
        made_by=by,
        made_by_name=str(by)[:60] if by else "",
    )


def _print_credits(issue: Issue, outline: Outline) -> None:
    """Keep the byline as printed, so that it outlives renamed and moved items."""
    for n, credit in enumerate(outline.credits):
        Credit.objects.update_or_create(
            issue=issue,
            author=author_named(credit.name),
            role=credit.role,
            defaults={"position": n},
        )


@transaction.atomic
def withdraw_issue(*, issue: Issue, by: User, note: str, via: str = Via.DESK) -> Issue:
    """Take a published issue off every public page; its address then answers 410."""
    fresh = lock_issue(issue)
    require_issue_editor(by, fresh)
    if not note.strip():
        raise ValidationError({"note": _("Say why, in a sentence.")})
    _move(
        fresh,
        IssueState.WITHDRAWN,
        by=by,
        verb="withdrawn",
        note=note.strip(),
        via=via,
    )
    issue_withdrawn.send(Issue, issue=fresh, by=by)
    return fresh


@transaction.atomic
def restore_issue(*, issue: Issue, by: User, via: str = Via.DESK) -> Issue:
    """Put a withdrawn issue back as it was. It is not mailed a second time."""
    fresh = lock_issue(issue)
    require_issue_editor(by, fresh)
    if fresh.state != IssueState.WITHDRAWN:
        raise IllegalTransition(str(fresh), fresh.state, IssueState.PUBLISHED)
    restored = _move(fresh, IssueState.PUBLISHED, by=by, verb="restored", via=via)
    links.plan_after_publication(restored)
    return restored


def publish_due() -> list[Issue]:
    """Publish whatever is scheduled for now or earlier, oldest first.

    What was missed while nothing ran is caught up; one that fails blocks none, and its
    editors are told once, in the publication's language.
    """
    due = list(Issue.objects.due(timezone.now()).select_related("scheduled_by"))
    publication = Publication.objects.current()
    with translation.override(publication.language if publication else None):
        published = [_publish_or_note(issue) for issue in due]
    return [issue for issue in published if issue is not None]


def _publish_or_note(issue: Issue) -> Issue | None:
    try:
        with transaction.atomic():
            return _publish_scheduled(issue)
    except Exception as error:  # noqa: BLE001  (whatever it is, the others go out)
        log = logger.info if issue.schedule_failed_at else logger.exception
        log("scheduled publication of %s failed", issue)
        _note_failure(issue, error)
        return None


def _publish_scheduled(issue: Issue) -> Issue | None:
    """Publish in the name of whoever scheduled it, if the schedule still stands."""
    fresh = lock_issue(issue)
    due = fresh.publish_at is not None and fresh.publish_at <= timezone.now()
    if fresh.state != IssueState.APPROVED or not due:
        return None
    if fresh.scheduled_by is None:
        raise ValidationError(_("Whoever scheduled it has no account any more."))
    return publish_issue(issue=fresh, by=fresh.scheduled_by, via=Via.SWEEP)


@transaction.atomic
def _note_failure(issue: Issue, error: Exception) -> None:
    fresh = lock_issue(issue)
    first_time = fresh.schedule_failed_at is None
    reason = "; ".join(error.messages) if hasattr(error, "messages") else str(error)
    Issue.objects.filter(pk=fresh.pk).update(
        schedule_failed_at=timezone.now(), schedule_error=reason[:500]
    )
    if first_time:
        record(fresh, verb="schedule_failed", by=None, note=reason[:500], via=Via.SWEEP)
        notices.tell_schedule_failed(fresh, reason=reason[:500])
