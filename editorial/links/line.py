"""Our own line: silence says something about a host only while others answer us.

A machine without a way out finds every site silent. What shows that the line works is an
answer from anywhere, of the visits just made or of any worker's a moment ago; where there
is none, a few links that are well are visited beside those in doubt, as witnesses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import QuerySet
from django.utils import timezone

from editorial.fetching.outcomes import NOT_LET_OUT
from editorial.fetching.verdicts import Judgement, Reason, Verdict
from editorial.models import Check, Host, Link
from editorial.models.link import LinkQuerySet

from .schedule import DAY, FRESH_FOR

PROVEN_FOR = timedelta(minutes=10)  # much longer than a run, so that its last may count
WITNESSES = 3
SHORTEST_WAIT = timedelta(hours=1)
SEVERAL = 2  # hosts that are silent together, before anybody is told of it

DOWN = "line"  # the detail of a silence that was ours
# Silence that is no host's: our line's and our proxy's.
OURS = frozenset({DOWN, NOT_LET_OUT})


class Doubtful(Protocol):
    """A link, or as much of one as it takes to see whether it is in doubt."""

    @property
    def host(self) -> str: ...
    @property
    def verdict(self) -> str: ...


def own_up(found: Mapping[int, Judgement], now: datetime) -> Mapping[int, Judgement]:
    """The same visits, their silence taken upon ourselves where nobody answers us.

    A machine that nothing ever answered may stand where most of the web is out of
    reach: that is told host by host. Asks nothing where any visit was answered.
    """
    silent = [key for key, each in found.items() if is_silence(each)]
    if not silent or any(each.answered for each in found.values()):
        return found
    if _answered().filter(checked_at__gt=now - PROVEN_FOR).exists():
        return found
    if not Host.objects.answered().exists():
        return found
    return {**found, **{key: replace(found[key], detail=DOWN) for key in silent}}


def is_silence(found: Judgement) -> bool:
    """Whether nothing came back from where the visit was led."""
    return found.reason is Reason.UNREACHABLE_FROM_HERE and found.detail not in OURS


def find_witnesses(beside: Sequence[Doubtful], now: datetime) -> LinkQuerySet:
    """Links to be visited beside these, so that their silence can be believed.

    None where one of these was well when it was last visited. Like all others they are
    visited once a day at most.
    """
    if not beside or any(link.verdict == Verdict.OK.value for link in beside):
        return Link.objects.none()
    return (
        Link.objects.in_use()
        .free(now)
        .filter(
            verdict=Verdict.OK.value,
            checked_at__lt=now - FRESH_FOR,
            last_check__status__isnull=False,
        )
        .exclude(host__in={link.host for link in beside})
        .order_by("-checked_at")[:WITNESSES]
    )


def wait_for(doubted_for: timedelta) -> timedelta:
    """How long to leave a link alone after a silence of ours: ever longer."""
    return min(max(doubted_for, SHORTEST_WAIT), DAY)


def reaches_nothing(links: Iterable[Link]) -> bool:
    """Whether this machine seems cut off: some of these links cannot be reached from
    here, and no site ever answered it, or none does any more. Asks nothing where all of
    them can.
    """
    if all(link.reason != Reason.UNREACHABLE_FROM_HERE.value for link in links):
        return False
    return not Host.objects.answered().exists() or _is_down()


def _is_down() -> bool:
    last = _answered().order_by("-checked_at").values_list("checked_at", flat=True)
    since = last.first() or timezone.now() - DAY
    silent = Check.objects.filter(checked_at__gt=since, detail=DOWN)
    hosts = silent.order_by().values_list("link__host", flat=True).distinct()
    return len(hosts[:SEVERAL]) == SEVERAL


def _answered() -> QuerySet[Check]:
    return Check.objects.filter(status__isnull=False)
