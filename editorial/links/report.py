"""How an issue's, a host's or all links are doing. Only reads.

Every function asks a constant number of queries, whatever the rows. Counted are the
links of items in issues; what is in no issue yet is its author's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    When,
)
from django.utils import timezone

from editorial.fetching.verdicts import Reason, Verdict
from editorial.models import Host, Issue, ItemLink, Link, VerdictChange
from editorial.states import ItemState

from .uses import WORST_FIRST

ISSUES_SHOWN = 12
HOSTS_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which links a person asked for; empty for all."""

    verdict: str = ""
    host: str = ""
    issue: Issue | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    ok: int = 0
    unsure: int = 0
    broken: int = 0
    unchecked: int = 0

    @property
    def total(self) -> int:
        return self.ok + self.unsure + self.broken + self.unchecked


@dataclass(frozen=True, slots=True)
class IssueRow:
    number: str
    slug: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class HostRow:
    name: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Report:
    """`oldest` is the dead link that readers have met for longest; `repaired` are links
    that were broken and answer again, since the month began.
    """

    counts: Counts
    oldest: Link | None
    repaired: int
    issues: tuple[IssueRow, ...]
    hosts: tuple[HostRow, ...]


def reaches_nothing(links: Iterable[Link]) -> bool:
    """Whether this machine seems cut off: some of these links cannot be reached from
    here, and no site ever answered it. Asks nothing where all of them can.
    """
    silent = any(link.reason == Reason.UNREACHABLE_FROM_HERE.value for link in links)
    return silent and not Host.objects.answered().exists()


def make_report(wanted: Wanted) -> Report:
    """Everything but the links themselves, of the wanted host and issue."""
    links = _links(wanted.host, wanted.issue)
    return Report(
        counts=_counts(links),
        oldest=links.broken().printed().order_by("verdict_since", "pk").first(),
        repaired=_repaired(links),
        issues=_by_issue(wanted.host),
        hosts=_by_host(wanted.issue),
    )


def wanted_links(wanted: Wanted) -> QuerySet[Link]:
    """The links asked for, worst first, ready to be listed with where they stand."""
    links = _links(wanted.host, wanted.issue)
    if wanted.verdict:
        links = links.filter(verdict=wanted.verdict)
    order = Case(
        *[When(verdict=verdict.value, then=n) for n, verdict in enumerate(WORST_FIRST)],
        output_field=IntegerField(),
    )
    uses = _uses().select_related("item__issue").order_by("-item__issue", "item")
    return (
        links.select_related("last_check", "archived_copy")
        .prefetch_related(Prefetch("item_links", uses))
        .order_by(order, F("verdict_since").asc(nulls_last=True), "pk")
    )


def rows_of(wanted: Wanted, *, at_once: int = 1000) -> Iterator[tuple[ItemLink, Link]]:
    """Each use of each link asked for, a part at a time, however many there are."""
    for link in wanted_links(wanted).iterator(at_once):
        for use in link.item_links.all():
            yield use, link


def _uses() -> QuerySet[ItemLink]:
    """Where links stand in issues, in what is printed or may be."""
    return ItemLink.objects.filter(item__issue__isnull=False).exclude(
        item__state=ItemState.REJECTED
    )


def _links(host: str, issue: Issue | None) -> Any:
    uses = _uses().filter(link=OuterRef("pk"))
    if issue is not None:
        uses = uses.filter(item__issue=issue)
    links = Link.objects.filter(Exists(uses))
    return links.filter(host=host) if host else links


def _counts(links: QuerySet[Link]) -> Counts:
    rows = links.order_by().values_list("verdict").annotate(n=Count("pk"))
    return Counts(**dict(rows))


def _repaired(links: QuerySet[Link]) -> int:
    month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0)
    mended = VerdictChange.objects.filter(
        was=Verdict.BROKEN.value, now=Verdict.OK.value, at__gte=month
    )
    return links.filter(verdict=Verdict.OK.value, pk__in=mended.values("link")).count()


def _by_issue(host: str) -> tuple[IssueRow, ...]:
    """The issues that come out next or came out last, the newest first."""
    uses = _uses().filter(link__host=host) if host else _uses()
    issue = ("item__issue__number", "item__issue__slug")
    rows = (
        uses.order_by()
        .values(*issue)
        .annotate(
            out=F("item__issue__published_at"),
            newest=F("item__issue_id"),
            **_tally("link", "link__verdict"),
        )
        .order_by(F("out").desc(nulls_first=True), "-newest")[:ISSUES_SHOWN]
    )
    number, slug = issue
    return tuple(IssueRow(row[number], row[slug], _read(row)) for row in rows)


def _by_host(issue: Issue | None) -> tuple[HostRow, ...]:
    """The hosts with most trouble; none that has no trouble."""
    rows = (
        _links("", issue)
        .order_by()
        .values("host")
        .annotate(**_tally("pk", "verdict"))
        .filter(Q(broken__gt=0) | Q(unsure__gt=0))
        .order_by("-broken", "-unsure", "host")[:HOSTS_SHOWN]
    )
    return tuple(HostRow(row["host"], _read(row)) for row in rows)


def _tally(counted: str, verdict: str) -> dict[str, Count]:
    """One count by verdict, each link once."""
    return {
        each.value: Count(counted, filter=Q(**{verdict: each.value}), distinct=True)
        for each in Verdict
    }


def _read(row: dict[str, Any]) -> Counts:
    return Counts(**{each.value: row[each.value] for each in Verdict})
