"""How an issue's, a host's or all links are doing. Only reads.

Every function asks a constant number of queries, whatever the rows. Counted are the
links of items in issues; what is in no issue yet is its author's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
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
    Value,
    When,
)
from django.utils import timezone

from editorial.fetching.verdicts import Verdict
from editorial.models import Issue, ItemLink, Link, VerdictChange
from editorial.states import ItemState

from .uses import WORST_FIRST
from .words import Finding

PER_PAGE = 50
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


class Row(NamedTuple):
    """A use of a link as the table has it. `found`, `status` and `detail` are of the
    last visit.

    Whole models of five tables for each line took ten times as long as writing it.
    """

    number: str
    headline: str
    url: str
    host: str
    verdict: str
    reason: str
    checked_at: datetime | None
    verdict_since: datetime | None
    found: str | None
    status: int | None
    detail: str | None
    moved_to: str
    opened_by: str
    copy: str | None

    @property
    def finding(self) -> Finding:
        """For `words.say`, as `words.finding_of` has it."""
        same = self.found == self.reason
        return Finding(
            verdict=self.verdict,
            reason=self.reason,
            site=self.host,
            status=self.status if same else None,
            detail=self.detail or "" if same else "",
            moved_to=self.moved_to,
            opened_by=self.opened_by,
        )


@dataclass(frozen=True, slots=True)
class Report:
    """`oldest` is the dead link that readers have met for longest; `repaired` are links
    that were broken and answer again, since the month began. Of a single issue there
    are no `issues`, of a single host no `hosts`.
    """

    counts: Counts
    oldest: Link | None
    repaired: int
    issues: tuple[IssueRow, ...]
    hosts: tuple[HostRow, ...]


def make_report(wanted: Wanted) -> Report:
    """Everything but the links themselves, of the wanted host and issue."""
    links = _links(wanted.host, wanted.issue, few=True)
    return Report(
        counts=_counts(_links(wanted.host, wanted.issue)),
        oldest=links.broken().printed().order_by("verdict_since", "pk").first(),
        repaired=_repaired(links),
        issues=() if wanted.issue else _by_issue(wanted.host),
        hosts=() if wanted.host else _by_host(wanted.issue),
    )


def wanted_page(
    wanted: Wanted, counts: Counts, number: str | None, *, per_page: int = PER_PAGE
) -> Page[Link]:
    """A page of the links asked for, worst first, with where they stand.

    `counts` are those of the same host and issue. What is no page is the next best one.
    """
    count = getattr(counts, wanted.verdict) if wanted.verdict else counts.total
    return _Counted(_wanted_links(wanted), per_page, count).get_page(number)


class _Counted(Paginator):
    """Pages of links that are counted already.

    A page's links are found by their keys: to put whole rows in order, a hundred
    thousand of them for the last page, took five times as long.
    """

    def __init__(self, links: QuerySet[Link], per_page: int, count: int) -> None:
        super().__init__(links, per_page)
        self.links = links
        self.count = count

    def page(self, number: int | str) -> Page[Link]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        end = min(start + self.per_page, self.count)
        keys = self.links.values("pk")[start:end]
        if self.count - end < start:  # fewer lie behind it: counted from the end
            backwards = self.links.reverse().values("pk")
            keys = backwards[self.count - end : self.count - start]
        uses = _uses().select_related("item__issue").order_by("-item__issue", "item")
        links = (
            Link.objects.filter(pk__in=keys)
            .select_related("last_check", "archived_copy")
            .prefetch_related(Prefetch("item_links", uses))
            .order_by(*_worst_first())
        )
        return Page(links, number, self)


def _wanted_links(wanted: Wanted) -> QuerySet[Link]:
    links = _links(wanted.host, wanted.issue)
    if wanted.verdict:
        links = links.filter(verdict=wanted.verdict)
    return links.order_by(*_worst_first())


def _worst_first(link: str = "") -> tuple[Any, ...]:
    """The order of links, also of rows that lead to one by `link`, as in "link__"."""
    ranks = [
        When(**{f"{link}verdict": verdict.value, "then": Value(n)})
        for n, verdict in enumerate(WORST_FIRST)
    ]
    return (
        Case(*ranks, output_field=IntegerField()),
        F(f"{link}verdict_since").asc(nulls_last=True),
        f"{link}pk",
    )


def rows_of(wanted: Wanted, *, at_once: int = 1000) -> Iterator[Row]:
    """Each use of each link asked for, a part at a time, however many there are."""
    uses = _uses().filter(link__in=_wanted_links(wanted).order_by().values("pk"))
    rows = uses.order_by(*_worst_first("link__"), "-item__issue", "item").values_list(
        *("item__issue__number", "item__headline", "url", "link__host"),
        *("link__verdict", "link__reason", "link__checked_at", "link__verdict_since"),
        *("link__last_check__reason", "link__last_check__status"),
        *("link__last_check__detail", "link__moved_to", "link__opened_by_name"),
        "link__archived_copy__url",
    )
    return (Row(*values) for values in rows.iterator(at_once))


def _uses() -> QuerySet[ItemLink]:
    """Where links stand in issues, in what is printed or may be."""
    return ItemLink.objects.filter(item__issue__isnull=False).exclude(
        item__state=ItemState.REJECTED
    )


def _links(host: str, issue: Issue | None, *, few: bool = False) -> Any:
    """Those that stand in issues. Say `few` where another condition leaves few of them.

    Few are looked up one by one. Of many SQLite does the same if asked for EXISTS, and
    takes a second for a hundred thousand; a list of keys it gathers in one go.
    """
    uses = _uses().filter(item__issue=issue) if issue else _uses()
    if not (few or host):
        return Link.objects.filter(pk__in=uses.values("link"))
    links = Link.objects.filter(Exists(uses.filter(link=OuterRef("pk"))))
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
    newest = (
        Issue.objects.filter(pk__in=uses.values("item__issue"))
        .order_by(F("published_at").desc(nulls_first=True), "-pk")
        .values("pk")[:ISSUES_SHOWN]
    )
    issue = ("item__issue__number", "item__issue__slug")
    rows = (
        uses.filter(item__issue__in=newest)
        .order_by()
        .values(*issue)
        .annotate(
            out=F("item__issue__published_at"),
            newest=F("item__issue_id"),
            **_tally("link", "link__verdict", distinct=True),
        )
        .order_by(F("out").desc(nulls_first=True), "-newest")
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


def _tally(counted: str, verdict: str, *, distinct: bool = False) -> dict[str, Count]:
    """One count by verdict; `distinct` where a link can be met twice."""
    return {
        each.value: Count(counted, filter=Q(**{verdict: each.value}), distinct=distinct)
        for each in Verdict
    }


def _read(row: dict[str, Any]) -> Counts:
    return Counts(**{each.value: row[each.value] for each in Verdict})
