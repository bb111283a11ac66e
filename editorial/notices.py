"""Telling colleagues, once each, with a link.

A move writes what is owed (`tell_…`, inside its transaction); `send_owed` mails it. The
key of a notice names the occasion, so a repeated move owes nothing new.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from editorial import doorbell
from editorial.content.faces.typeset import join_names
from editorial.models import Author, Invitation, Issue, Item, Notice, Publication, User
from editorial.states import ItemState

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 6
# A dozen items handed in at once are one mail, not twelve.
GATHERED = frozenset({"submitted", "approved"})
MOST_LINES = 40  # of one notice; the page has them all
NAMED_IN_CHAT = 3  # headlines of one person


def mail_errors() -> tuple[type[Exception], ...]:
    """What handing one mail over may raise: for `except`, which asks when it has to.

    So whoever sends over SMTP never loads what providers' APIs are called with.
    """
    from anymail.exceptions import AnymailError

    return OSError, AnymailError  # smtplib's errors are OSErrors too


def absolute(path: str) -> str:
    """A link that works in a mail or a chat, from the setting, never the request."""
    return f"{settings.PUBLIC_URL}{path}"


def tell_submitted(item: Item, *, by: User) -> None:
    """To those who review this item: lead editor and editors, but not its author."""
    reviewers = set(item.other_reviewers(by))
    if item.issue is not None and item.issue.lead_editor is not None:
        # With a lead editor named, the others are spared the mail.
        reviewers &= {item.issue.lead_editor}
    reviewers = reviewers or set(item.other_reviewers(by))
    _owe(
        "submitted", f"submitted:{item.pk}:{item.version}", reviewers, _about(item, by)
    )


def tell_judged(item: Item, *, by: User, kind: str, note: str) -> None:
    """To its author: approved, changes_requested or rejected, with the reason."""
    context = _about(item, by) | {"note": note}
    _owe(kind, f"{kind}:{item.pk}:{item.version}", _authors_of(item) - {by}, context)


def tell_edited(item: Item, *, by: User, before: dict[str, Any]) -> None:
    """To its author, when an editor changed approved words; the page shows the diff."""
    context = _about(item, by) | {"before": before["headline"]}
    key = f"edited:{item.pk}:{item.version}"
    _owe("edited", key, _authors_of(item) - {by}, context)


def tell_closed(issue: Issue, *, by: User) -> None:
    """To everyone with an item in it."""
    _owe(
        "closed", f"closed:{issue.pk}:{issue.version}", _writers(issue), _of(issue, by)
    )


def tell_published(issue: Issue, *, by: User | None) -> None:
    """To everyone with an item in it, listing theirs."""
    for writer in _writers(issue):
        mine = (
            issue.items.owned_by(writer).approved().values_list("headline", flat=True)
        )
        context = _of(issue, by) | {
            "headlines": list(mine),
            "url": absolute(issue.get_absolute_url()),
        }
        _owe("published", f"published:{issue.pk}", [writer], context)


def tell_schedule_failed(issue: Issue, *, reason: str) -> None:
    """To those who can mend it: whoever scheduled it, its lead editor, the editors."""
    people = set(User.objects.editors())
    people |= {p for p in (issue.lead_editor, issue.scheduled_by) if p and p.is_active}
    key = f"schedule_failed:{issue.pk}:{issue.version}"
    _owe("schedule_failed", key, people, _of(issue, None) | {"reason": reason})


def tell_links_changed(
    person: User, *, key: str, links: list[dict[str, Any]], hosts: list[str]
) -> None:
    """To somebody who can act: links broken or alive again, and hosts out of reach.

    `links` are what `editorial.links.telling` says of each; `hosts` are names.
    """
    context = {
        "links": links[:MOST_LINES],
        "more": max(len(links) - MOST_LINES, 0),
        "broken": sum(link["verdict"] == "broken" for link in links),
        "hosts": hosts[:MOST_LINES],
        "url": absolute(reverse("desk:links")),
    }
    _owe("links_changed", key, [person], context)


def mail_invitation(invitation: Invitation, *, url: str) -> None:
    """Mail one person the way in. Raises what the mail server raises.

    Sent at once and not from the outbox: the secret link is stored nowhere.
    """
    publication = Publication.objects.current()
    language = publication.language if publication else settings.LANGUAGE_CODE
    context = {
        "publication": publication.name if publication else "Masthead",
        "by": str(invitation.invited_by or ""),
        "name": invitation.name,
        "url": url,
        "expires_at": invitation.expires_at,
    }
    _mail("invited", invitation.email, language, context)


def _owe(
    kind: str, key: str, recipients: Iterable[User], context: dict[str, Any]
) -> None:
    rows = [
        Notice(key=key, kind=kind, recipient=person, context=context)
        for person in recipients
        if person.is_active
    ]
    if rows:
        Notice.objects.bulk_create(rows, ignore_conflicts=True)
        doorbell.ring("editorial.send_notices")


def _authors_of(item: Item) -> set[User]:
    credited = item.credit.user if item.credit else None
    return {person for person in (item.submitted_by, credited) if person}


def _writers(issue: Issue) -> QuerySet[User]:
    items = issue.items.in_print()
    return (
        User.objects.active()
        .filter(Q(items__in=items) | Q(author__items__in=items))
        .distinct()
    )


def _about(item: Item, by: User) -> dict[str, Any]:
    return {
        "by": str(by),
        "headline": item.headline,
        "number": item.issue.number if item.issue else "",
        "url": absolute(item.get_absolute_url()),
    }


def _of(issue: Issue, by: User | None) -> dict[str, Any]:
    return {
        "by": str(by) if by else "",
        "number": issue.number,
        "title": issue.title,
        "url": absolute(reverse("desk:issue", args=[issue.slug])),
    }


def send_owed(limit: int = 100) -> int:
    """Mail what is owed; safe to run twice and in several workers. How many notices.

    What one person is owed of one kind goes into one mail where the kind allows
    (GATHERED). Rows are leased right before their mail goes out, so that however slow
    the server, no lease runs out in the queue. A refusing server costs an attempt and a
    growing wait, at most MAX_ATTEMPTS times; then the row says why it failed.
    """
    sent = 0
    for owed in _gather(_owed(limit)):
        gathered = [notice for notice in owed if _lease(notice)]
        if not gathered:
            continue
        rows = Notice.objects.filter(pk__in=[notice.pk for notice in gathered])
        try:
            _mail_notices(gathered)
        except Exception as error:  # whatever it is, it holds up none of the others
            logger.exception("%d notices not sent", len(gathered))
            for notice in gathered:
                _note_failure(notice, error)
        else:
            sent += rows.update(sent_at=timezone.now())
    return sent


def _owed(limit: int) -> list[Notice]:
    now = timezone.now()
    rows = Notice.objects.filter(sent_at=None, failed_at=None)
    rows = rows.filter(Q(lease_until=None) | Q(lease_until__lt=now))
    return list(rows.select_related("recipient")[:limit])


def _gather(notices: Iterable[Notice]) -> list[list[Notice]]:
    """Notices that go into one mail, the longest owed first."""
    mails: dict[object, list[Notice]] = {}
    for notice in notices:
        alone = notice.kind not in GATHERED
        key = notice.pk if alone else (notice.kind, notice.recipient_id)
        mails.setdefault(key, []).append(notice)
    return list(mails.values())


def _lease(notice: Notice) -> bool:
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    until = now + LEASE * 2**notice.attempts
    taken = Notice.objects.filter(free, pk=notice.pk, sent_at=None).update(
        lease_until=until, attempts=notice.attempts + 1
    )
    return bool(taken)


def _note_failure(notice: Notice, error: Exception) -> None:
    given_up = notice.attempts + 1 >= MAX_ATTEMPTS
    Notice.objects.filter(pk=notice.pk).update(
        error=str(error)[:300], failed_at=timezone.now() if given_up else None
    )


def _mail_notices(gathered: list[Notice]) -> None:
    publication = Publication.objects.current()
    spoken = publication.language if publication else settings.LANGUAGE_CODE
    first = gathered[0]
    context = {
        **first.context,
        "notices": [notice.context for notice in gathered],
        "publication": publication.name if publication else "Masthead",
        "recipient": str(first.recipient),
    }
    person = first.recipient
    _mail(first.kind, person.email, person.language or spoken, context)


def _mail(kind: str, address: str, language: str, context: dict[str, Any]) -> None:
    with translation.override(language):
        subject = render_to_string(f"emails/{kind}.subject.txt", context)
        body = render_to_string(f"emails/{kind}.txt", context)
    publication = Publication.objects.current()
    sender = publication.sender if publication else None
    EmailMessage(" ".join(subject.split()), body, sender, to=[address]).send()


def group_text(issue: Issue) -> str:
    """Ready text for the team's group: who still owes what, by when, with the link."""
    lines = [_("Issue %(number)s") % {"number": issue.number}]
    if issue.deadline_at:
        publication = Publication.objects.current()
        local = timezone.localtime(
            issue.deadline_at, publication.tz if publication else None
        )
        when = date_format(local, "SHORT_DATETIME_FORMAT")
        lines[0] += _(": copy deadline %(when)s") % {"when": when}
    lines += _debts(issue) or [_("Everything is in. Thank you!")]
    lines.append(absolute(reverse("desk:issue", args=[issue.slug])))
    return "\n".join(lines)


def _debts(issue: Issue) -> list[str]:
    owed: dict[str, list[str]] = {}
    waiting = 0
    for item in issue.items.unfinished().select_related("credit", "submitted_by"):
        if item.state == ItemState.SUBMITTED:
            waiting += 1
            continue
        name = str(item.credit or item.submitted_by or "?")
        words = _("to fix") if item.state == ItemState.CHANGES_REQUESTED else _("draft")
        debt = _("%(headline)s (%(state)s)")
        owed.setdefault(name, []).append(
            debt % {"headline": item.headline, "state": words}
        )
    lines = [
        _("%(name)s: %(headlines)s") % {"name": name, "headlines": _few(headlines)}
        for name, headlines in owed.items()
    ]
    idle = [name for name in _silent(issue) if name not in owed]
    if idle:
        lines.append(_("Nothing yet from: %(names)s") % {"names": join_names(idle)})
    if waiting:
        lines.append(
            ngettext(
                "%(n)d item waits for review.", "%(n)d items wait for review.", waiting
            )
            % {"n": waiting}
        )
    return lines


def _few(headlines: list[str]) -> str:
    """A line of a chat stays a line: the first ones, and how many more."""
    named = pgettext("between two headlines", "; ").join(headlines[:NAMED_IN_CHAT])
    more = len(headlines) - NAMED_IN_CHAT
    if more <= 0:
        return named
    words = ngettext("%(headlines)s; %(n)d more", "%(headlines)s; %(n)d more", more)
    return words % {"headlines": named, "n": more}


def _silent(issue: Issue) -> list[str]:
    """Names printed on the issue's masthead with no item in it yet.

    Nobody while an item says not whose it is, as after an import: it may be theirs.
    """
    if issue.items.in_print().filter(credit=None).exists():
        return []
    writers = Author.objects.filter(credits__issue=issue, credits__role="author")
    return list(
        writers.exclude(items__issue=issue).values_list("name", flat=True).distinct()
    )
