"""Visits: who makes which, and what is kept of them.

The database holds what is planned (`next_check_at`) and who is at it
(`claimed_until`), so that any number of workers share the work, none visits what
another is visiting, and one that is killed leaves claims that run out. What was found
is stored in small batches on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from editorial import doorbell
from editorial.fetching.verdicts import Judgement
from editorial.fetching.visits import visit_in_batches
from editorial.models import Issue, Item, Link

from .keeping import store
from .schedule import FRESH_FOR, next_mark

CLAIM_FOR = timedelta(minutes=3)  # longer than a visit's budget and its task's limit
ASKED_AT_ONCE = 500  # links of one task that somebody waits for
SWEPT_AT_ONCE = 200  # and of one that nobody waits for


def check_soon(item: Item, *, again: bool = False) -> int:
    """Ask a worker for the item's stale links; with `again`, for all. How many."""
    return _ask_for(Link.objects.filter(item_links__item=item), again=again)


def check_issue(issue: Issue, *, again: bool = False) -> int:
    """Ask a worker for the issue's stale links; with `again`, for all. How many."""
    return _ask_for(Link.objects.of_issue(issue), again=again)


def stale(links: QuerySet[Link]) -> QuerySet[Link]:
    """Those not visited within a day and not being visited now."""
    now = timezone.now()
    return links.filter(
        Q(checked_at=None) | Q(checked_at__lt=now - FRESH_FOR), _is_free(now)
    )


@transaction.atomic
def _ask_for(links: QuerySet[Link], *, again: bool) -> int:
    """Plan the visits for now, which no lost message undoes, and ring for a worker."""
    wanted = links if again else stale(links)
    keys = list(wanted.order_by("pk").values_list("pk", flat=True))
    Link.objects.filter(pk__in=keys).update(next_check_at=timezone.now())
    for start in range(0, len(keys), ASKED_AT_ONCE):
        doorbell.ring("editorial.check_links", keys[start : start + ASKED_AT_ONCE])
    return len(keys)


def plan_after_publication(issue: Issue) -> None:
    """Begin the decaying schedule of an issue's links; belongs into its move.

    What nobody ever visited, as after an import, is visited at once.
    """
    if issue.published_at is None:
        return
    now = timezone.now()
    links = Link.objects.filter(item_links__item__in=issue.items.approved())
    mark = next_mark(issue.published_at, now)
    later = Q(next_check_at=None) | Q(next_check_at__gt=mark)
    mine = Link.objects.filter(pk__in=links.values("pk"))
    mine.filter(later, checked_at__isnull=False).update(next_check_at=mark)
    mine.filter(checked_at=None).update(next_check_at=now)


def check(link_ids: Sequence[int]) -> int:
    """Visit these links and store what was found. Safe to run twice: how many visited.

    Links somebody else is visiting are left to them.
    """
    now = timezone.now()
    return _visit(_claim(Link.objects.filter(_is_free(now), pk__in=link_ids)))


def sweep(limit: int = SWEPT_AT_ONCE) -> int:
    """Visit what is due, a bounded part of it; how many were visited.

    Any number of workers may do so at once. Rings for the next part while there is one.
    """
    claimed = _claim(Link.objects.due(timezone.now())[:limit])
    visited = _visit(claimed)
    if len(claimed) == limit:
        doorbell.ring("editorial.check_due_links")
    return visited


def _is_free(now: datetime) -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lt=now)


@transaction.atomic
def _claim(wanted: QuerySet[Link]) -> list[Link]:
    """Take these for a visit, but for what others take at this moment.

    Outside PostgreSQL select_for_update does nothing, and an immediate transaction is
    alone anyway. A link that no item has any more is planned no further.
    """
    locked = wanted.select_for_update(skip_locked=True, of=("self",))
    keys = list(locked.values_list("pk", flat=True))
    mine = Link.objects.filter(pk__in=keys)
    mine.exclude(pk__in=mine.in_use().values("pk")).update(next_check_at=None)
    claimed = list(mine.in_use().order_by("pk").only("url"))
    Link.objects.filter(pk__in=[link.pk for link in claimed]).update(
        claimed_until=timezone.now() + CLAIM_FOR
    )
    return claimed


def _visit(claimed: Iterable[Link]) -> int:
    waiting = {link.url: link for link in claimed}
    stored = 0
    try:
        for found in _judgements(list(waiting)):
            stored += store({waiting.pop(url): judged for url, judged in found.items()})
    finally:
        _let_go(waiting.values())
    return stored


def _judgements(urls: list[str]) -> Iterator[Mapping[str, Judgement]]:
    return visit_in_batches(urls) if urls else iter(())


def _let_go(unvisited: Iterable[Link]) -> None:
    """Give back what the time did not suffice for; it is due still."""
    keys = [link.pk for link in unvisited]
    if keys:
        Link.objects.filter(pk__in=keys).update(claimed_until=None)
