"""Who hears of a changed verdict: those who can act, once, in one notice each.

A sweep finds changes one by one; people get them together, when it has come to rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from editorial import notices
from editorial.fetching.verdicts import Verdict
from editorial.models import Host, Item, ItemLink, Link, User, VerdictChange
from editorial.states import ISSUE_OPEN, IssueState, ItemState

from .words import finding_of

PATIENCE = timedelta(hours=1)  # a sweep that goes on and on holds up no news longer
AT_ONCE = 500


@transaction.atomic
def tell_changes() -> int:
    """Owe everybody concerned one notice of what is new; how many people.

    Nothing while a sweep is under way, unless the oldest news is an hour old. Safe to
    run twice and in several workers.
    """
    now = timezone.now()
    changes = list(
        VerdictChange.objects.filter(to_tell=True)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("link__last_check")
        .order_by("at", "pk")[:AT_ONCE]
    )
    hosts = list(
        Host.objects.filter(
            unreachable_at__isnull=False, answered_at=None, told_at=None
        ).select_for_update(skip_locked=True)[:AT_ONCE]
    )
    if not (changes or hosts) or not _is_time(changes, hosts, now):
        return 0
    told = _tell(_news(changes), hosts, now)
    VerdictChange.objects.filter(pk__in=[change.pk for change in changes]).update(
        to_tell=False, told_at=now
    )
    Host.objects.filter(pk__in=[host.pk for host in hosts]).update(told_at=now)
    return told


def _is_time(
    changes: Sequence[VerdictChange], hosts: Sequence[Host], now: datetime
) -> bool:
    since = [change.at for change in changes]
    since += [host.unreachable_at for host in hosts if host.unreachable_at]
    waited = now - min(since) > PATIENCE
    return waited or not Link.objects.filter(next_check_at__lte=now).exists()


def _news(changes: Iterable[VerdictChange]) -> list[VerdictChange]:
    """The last change of each link, where it did not end as it began."""
    first: dict[int, str] = {}
    last: dict[int, VerdictChange] = {}
    for change in changes:
        first.setdefault(change.link_id, change.was)
        last[change.link_id] = change
    broken = Verdict.BROKEN.value
    return [
        change
        for key, change in last.items()
        if (first[key] == broken) != (change.now == broken)
    ]


def _tell(news: list[VerdictChange], hosts: list[Host], now: datetime) -> int:
    editors = frozenset(User.objects.editors())
    about = {change.link_id: change for change in news}
    lines: dict[User, list[dict[str, Any]]] = defaultdict(list)
    for use in _uses(ItemLink.objects.filter(link__in=about)):
        for person in _people(use.item, editors):
            lines[person].append(_line(use, about[use.link_id]))
    silent: dict[User, set[str]] = defaultdict(set)
    names = [host.name for host in hosts]
    for use in _uses(ItemLink.objects.filter(link__host__in=names)):
        for person in _people(use.item, editors):
            silent[person].add(use.link.host)
    everybody = {*lines, *silent}
    for person in everybody:
        notices.tell_links_changed(
            person,
            key=f"links:{now.isoformat(timespec='seconds')}",
            links=lines[person],
            hosts=sorted(silent[person]),
        )
    return len(everybody)


def _uses(uses: QuerySet[ItemLink]) -> QuerySet[ItemLink]:
    return uses.select_related(
        "link",
        "item__issue__lead_editor",
        "item__submitted_by",
        "item__credit__user",
    ).order_by("item__issue", "item", "position")


def _line(use: ItemLink, change: VerdictChange) -> dict[str, Any]:
    """What the mail says of one link, as JSON; in words only when it is written."""
    link = change.link
    return {
        "headline": use.item.headline,
        "number": use.item.issue.number if use.item.issue else "",
        "url": notices.absolute(f"{use.item.get_absolute_url()}#links"),
        "address": use.url,
        "is_last": link.muted_at is not None,
        **asdict(finding_of(link)),
    }


def _people(item: Item, editors: Set[User]) -> Set[User]:
    """Who can do something about an item's links.

    Of an issue its lead editor, or where there is none the editors; before publication
    also whose item it is. What is in no issue is its author's alone.
    """
    issue = item.issue
    credited = item.credit.user if item.credit else None
    authors = {p for p in (item.submitted_by, credited) if p and p.is_active}
    if item.state == ItemState.REJECTED:
        return set()
    if issue is None:
        return authors
    lead = issue.lead_editor
    in_charge = {lead} if lead and lead.is_active else editors
    if issue.state == IssueState.PUBLISHED:
        return in_charge
    return in_charge | authors if issue.state in ISSUE_OPEN else set()
