"""Visits: who makes which, and what is kept of them.

The database holds what is planned (`next_check_at`) and who is at it
(`claimed_until`), so that any number of workers share the work, none visits what
another is visiting, and one that is killed leaves claims that run out. What was found
is stored in small batches on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from editorial import doorbell
from editorial.fetching.broker import BrokerPace
from editorial.fetching.manners import Manners
from editorial.fetching.verdicts import Judgement
from editorial.fetching.visits import seconds_until_again, visit_in_batches
from editorial.models import Issue, Item, Link
from editorial.models.link import LinkQuerySet

from . import line
from .keeping import store
from .schedule import FRESH_FOR, PRESS_AGAIN_AFTER, next_mark
from .uses import link_at

CLAIM_FOR = timedelta(minutes=3)  # longer than a visit's budget and its task's limit
ASKED_AT_ONCE = 500  # links of one task that somebody waits for
SWEPT_AT_ONCE = 200  # and of one that nobody waits for


class _Claimed(NamedTuple):
    """What a visit needs of a link; thousands of model instances took megabytes."""

    pk: int
    url: str
    host: str
    verdict: str


def check_soon(item: Item, *, again: bool = False) -> int:
    """Ask a worker for the item's stale links; how many.

    With `again` somebody presses: what was visited in the last ten minutes is left out.
    """
    return _ask_for(Link.objects.filter(item_links__item=item), again=again)


def check_issue(issue: Issue, *, again: bool = False) -> int:
    """Ask a worker for the issue's stale links; how many. `again` as in `check_soon`."""
    return _ask_for(Link.objects.of_issue(issue), again=again)


def stale(links: LinkQuerySet) -> LinkQuerySet:
    """Those not visited within a day and not being visited now."""
    return _unvisited_for(FRESH_FOR, links)


def _unvisited_for(time: timedelta, links: LinkQuerySet) -> LinkQuerySet:
    now = timezone.now()
    stale = Q(checked_at=None) | Q(checked_at__lt=now - time)
    return links.free(now).filter(stale)


@transaction.atomic
def _ask_for(links: LinkQuerySet, *, again: bool) -> int:
    """Plan the visits for now, which no lost message undoes, and ring for a worker."""
    wanted = _unvisited_for(PRESS_AGAIN_AFTER if again else FRESH_FOR, links)
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


def check(link_ids: Sequence[int], *, at_once: int | None = None) -> int:
    """Visit these links and store what was found; how many were visited.

    `at_once` is the most requests at the same time. Links somebody else is visiting are
    left to them.
    """
    now = timezone.now()
    free = Link.objects.free(now).filter(pk__in=link_ids)
    return _visit(_claim(free), at_once=at_once)


def check_asked(link_ids: Sequence[int]) -> int:
    """Visit those of these links whose visit is still to be made; how many were.

    Whoever pressed five times before a worker came has asked for one visit.
    """
    return _visit(_claim(Link.objects.due(timezone.now()).filter(pk__in=link_ids)))


def sweep(limit: int = SWEPT_AT_ONCE) -> int:
    """Visit what is due, a bounded part of it; how many were visited.

    Any number of workers may do so at once. Rings for the next part while there is one.
    """
    now = timezone.now()
    due = _claim(Link.objects.due(now)[:limit])
    visited = _visit([*due, *_claim(line.find_witnesses(due, now))])
    if len(due) == limit:
        doorbell.ring("editorial.check_due_links")
    return visited


def keep_visit(url: str, found: Judgement) -> Link | None:
    """Store the visit of somebody who read the page for its words; the link, judged.

    It is the address's visit of the day, so that an item which takes the link needs no
    second one. None where a check would have tried once more: that visit is still to be
    made. Raises InvalidUrl.
    """
    if seconds_until_again(found, pause=0) is not None:
        return None
    link = link_at(url)
    store({link: found})
    return Link.objects.select_related("last_check").get(pk=link.pk)


@transaction.atomic
def _claim(wanted: QuerySet[Link]) -> list[_Claimed]:
    """Take these for a visit, but for what others take at this moment.

    Outside PostgreSQL select_for_update does nothing, and an immediate transaction is
    alone anyway. A link that no item has any more is planned no further.
    """
    locked = wanted.select_for_update(skip_locked=True, of=("self",))
    keys = list(locked.values_list("pk", flat=True))
    used = Link.objects.filter(pk__in=keys).in_use().order_by("pk")
    claimed = list(map(_Claimed._make, used.values_list(*_Claimed._fields)))
    mine = [link.pk for link in claimed]
    if unused := set(keys).difference(mine):
        Link.objects.filter(pk__in=unused).update(next_check_at=None)
    until = timezone.now() + CLAIM_FOR
    Link.objects.filter(pk__in=mine).update(claimed_until=until)
    return claimed


def _visit(claimed: Iterable[_Claimed], *, at_once: int | None = None) -> int:
    waiting = {link.url: link for link in claimed}
    stored = 0
    try:
        for found in _judgements(list(waiting), at_once):
            stored += store({waiting.pop(url): judged for url, judged in found.items()})
    finally:
        _let_go(waiting.values())
    return stored


def _judgements(
    urls: list[str], at_once: int | None
) -> Iterator[Mapping[str, Judgement]]:
    if not urls:
        return iter(())
    if at_once is None:
        return visit_in_batches(urls)
    pace = BrokerPace(settings.REDIS_URL)
    return visit_in_batches(urls, manners=Manners(pace=pace, at_once=at_once))


def _let_go(unvisited: Iterable[_Claimed]) -> None:
    """Give back what the time did not suffice for; it is due still."""
    keys = [link.pk for link in unvisited]
    if keys:
        Link.objects.filter(pk__in=keys).update(claimed_until=None)
