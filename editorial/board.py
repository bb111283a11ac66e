"""An issue on the desk: its board as it will read, its steps, its links.

Only reads. Every function asks a constant number of queries, whatever the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from django.db.models import Case, Count, F, Max, Q, QuerySet, When

from editorial import duties, links, preflight, rules
from editorial.links.line import reaches_nothing
from editorial.models import (
    Author,
    Issue,
    IssueSection,
    Item,
    Link,
    Section,
    Topic,
    User,
)
from editorial.states import (
    ISSUE_OPEN,
    ITEM_UNFINISHED,
    IssueState,
    ItemState,
)


class Step(StrEnum):
    """What happens next with an issue, seen by one person."""

    WRITE = "write"
    REVIEW = "review"
    CLOSE = "close"
    MEND = "mend"
    APPROVE = "approve"
    PUBLISH = "publish"
    WAIT = "wait"
    READ = "read"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Card:
    """An item on the board. `link` is its link an editor should hear of first.

    `up` and `down` are the positions of its neighbours in print; None at the ends.
    """

    item: Item
    link: Link | None
    up: int | None
    down: int | None


@dataclass(frozen=True, slots=True)
class TopicGroup:
    """Neighbouring cards of one topic, as they will be printed together."""

    topic: Topic | None
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class SectionOfBoard:
    section: Section
    groups: tuple[TopicGroup, ...]

    @property
    def count(self) -> int:
        return sum(len(group.cards) for group in self.groups)

    @property
    def too_few(self) -> bool:
        return self.count < self.section.min_items

    @property
    def too_many(self) -> bool:
        most = self.section.max_items
        return most is not None and self.count > most


@dataclass(frozen=True, slots=True)
class Writer:
    """A name on the issue: how many items, how many of them to mend.

    `idle` is someone with nothing in it, as far as every item says whose it is.
    """

    name: str
    items: int
    to_mend: int
    leads: bool
    idle: bool


@dataclass(frozen=True, slots=True)
class Board:
    """`cut_off` says that this machine seems to reach nothing outside."""

    issue: Issue
    sections: tuple[SectionOfBoard, ...]
    rejected: tuple[Item, ...]
    writers: tuple[Writer, ...]
    preflight: preflight.Preflight
    to_review: tuple[Item, ...]
    step: Step
    own_drafts: int
    may_edit: bool
    cut_off: bool

    @property
    def may_move(self) -> bool:
        """Whether this person may put its items in order."""
        return self.may_edit and self.issue.is_open


@dataclass(frozen=True, slots=True)
class Place:
    """A section's place in an issue.

    `order_up` and `order_down` are the ids of all its sections as one press would
    leave them, separated by commas; empty at the ends.
    """

    section: Section
    item_count: int
    order_up: str
    order_down: str


def open_issues() -> QuerySet[Issue]:
    """Issues on the desk, the one that comes out first foremost."""
    return (
        Issue.objects.unpublished()
        .select_related("lead_editor")
        .order_by(F("planned_on").asc(nulls_last=True), "pk")
    )


def issue_after(issue: Issue) -> Issue | None:
    """The issue still collecting that comes out after this one, if there is one."""
    others = open_issues().filter(state=IssueState.DRAFT).exclude(pk=issue.pk)
    if issue.planned_on:
        others = others.exclude(planned_on__lt=issue.planned_on)
    return others.first()


def last_planned_on() -> date | None:
    """The latest day any issue was planned for, whether it is out by now or not."""
    return Issue.objects.aggregate(last=Max("planned_on"))["last"]


def places(issue: Issue) -> tuple[Place, ...]:
    """The issue's sections in order."""
    mine = Q(section__items__issue=issue)
    rows = list(
        issue.issue_sections.select_related("section").annotate(
            item_count=Count("section__items", filter=mine)
        )
    )
    order = [row.section_id for row in rows]
    return tuple(
        Place(
            section=row.section,
            item_count=row.item_count,
            order_up=_swapped(order, n - 1, n),
            order_down=_swapped(order, n, n + 1),
        )
        for n, row in enumerate(rows)
    )


def _swapped(order: list[int], one: int, other: int) -> str:
    if one < 0 or other >= len(order):
        return ""
    order = list(order)
    order[one], order[other] = order[other], order[one]
    return ",".join(map(str, order))


def not_handed_in(issue: Issue) -> list[Item]:
    """Drafts and items sent back: closing must say what becomes of them."""
    waiting = {ItemState.DRAFT, ItemState.CHANGES_REQUESTED}
    return list(issue.items.filter(state__in=waiting).select_related("credit"))


def load(issue: Issue, user: User) -> Board:
    """The whole board of one issue, for one person."""
    items = list(
        issue.items.select_related("topic", "section", "credit__user", "submitted_by")
        .prefetch_related("item_links__link")
        .annotate(comment_count=Count("comments"))
        .order_by("position", "pk")
    )
    places = list(issue.issue_sections.select_related("section"))
    may_edit = rules.can_edit_issue(user, issue)
    waiting = tuple(duties.judgeable(user, items))
    printed = [item for item in items if item.state != ItemState.REJECTED]
    return Board(
        issue=issue,
        sections=tuple(_section(place, items) for place in places),
        rejected=tuple(item for item in items if item.state == ItemState.REJECTED),
        writers=_writers(issue, printed),
        preflight=preflight.run(issue),
        to_review=waiting,
        step=next_step(issue, printed, waiting=len(waiting), may_edit=may_edit),
        own_drafts=sum(
            item.state == ItemState.DRAFT and rules.owns(user, item) for item in items
        ),
        may_edit=may_edit,
        cut_off=reaches_nothing(
            use.link for item in items for use in item.item_links.all()
        ),
    )


def next_step(
    issue: Issue, items: Iterable[Item], *, waiting: int, may_edit: bool
) -> Step:
    """The one press that brings this issue on, for someone with `waiting` to review."""
    if issue.state == IssueState.PUBLISHED:
        return Step.READ
    if issue.state == IssueState.WITHDRAWN:
        return Step.RESTORE if may_edit else Step.READ
    if waiting:
        return Step.REVIEW
    if not may_edit:
        return Step.WRITE if issue.state == IssueState.DRAFT else Step.WAIT
    if issue.state == IssueState.DRAFT:
        return Step.CLOSE
    if issue.state == IssueState.REVIEW:
        unfinished = any(item.state in ITEM_UNFINISHED for item in items)
        return Step.MEND if unfinished else Step.APPROVE
    return Step.WAIT if issue.publish_at else Step.PUBLISH


def _section(place: IssueSection, items: Sequence[Item]) -> SectionOfBoard:
    """One section; positions count all its rows, cards only those that print."""
    rows = [item for item in items if item.section_id == place.section_id]
    shown = [n for n, row in enumerate(rows) if row.state != ItemState.REJECTED]
    cards = [
        Card(
            item=rows[n],
            link=links.worst_of(use.link for use in rows[n].item_links.all()),
            up=shown[at - 1] if at else None,
            down=shown[at + 1] if at + 1 < len(shown) else None,
        )
        for at, n in enumerate(shown)
    ]
    groups = groupby(cards, key=lambda card: card.item.topic)
    return SectionOfBoard(
        section=place.section,
        groups=tuple(TopicGroup(topic, tuple(members)) for topic, members in groups),
    )


def _writers(issue: Issue, printed: Sequence[Item]) -> tuple[Writer, ...]:
    """Printed names first, then whoever wrote an item; the lead editor is among them."""
    names = [
        credit.author.name
        for credit in issue.credits.select_related("author")
        if credit.role == credit.CreditRole.AUTHOR
    ]
    named = [(_name(item), item) for item in printed]
    items = Counter(name for name, _item in named if name)
    to_mend = Counter(
        name for name, item in named if item.state == ItemState.CHANGES_REQUESTED
    )
    lead = issue.lead_editor
    lead_name = _pen_name(lead) if lead else ""
    everyone = dict.fromkeys([*names, *items, *([lead_name] if lead else [])])
    all_named = all(item.credit_id for item in printed)
    return tuple(
        Writer(
            name,
            items[name],
            to_mend[name],
            leads=name == lead_name,
            idle=all_named and not items[name] and name != lead_name,
        )
        for name in everyone
    )


def _name(item: Item) -> str:
    return str(item.credit or item.submitted_by or "")


def _pen_name(user: User) -> str:
    author = Author.objects.filter(user=user).first()
    return author.name if author else str(user)


def issues_overview() -> tuple[Sequence[Issue], Sequence[Issue]]:
    """Issues on the desk, and those that came out (newest first), with item counts."""
    counted = Count("items", filter=~Q(items__state=ItemState.REJECTED))
    on_desk = list(open_issues().annotate(item_count=counted))
    out = Issue.objects.exclude(state__in=ISSUE_OPEN).annotate(item_count=counted)
    return on_desk, list(out.order_by("-published_at", "-pk"))


@dataclass(frozen=True, slots=True)
class LinkProgress:
    """An issue's links with their verdicts; `done` of them visited since a moment."""

    links: tuple[Link, ...]
    done: int
    cut_off: bool = False

    @property
    def total(self) -> int:
        return len(self.links)

    @property
    def is_done(self) -> bool:
        return self.done >= self.total


def link_progress(issue: Issue, *, since: datetime | None) -> LinkProgress:
    """Where the checks of an issue's links stand; broken ones first."""
    order = Case(
        *[When(verdict=v.value, then=n) for n, v in enumerate(links.WORST_FIRST)],
        default=len(links.WORST_FIRST),
    )
    rows = tuple(
        Link.objects.filter(item_links__item__issue=issue)
        .distinct()
        .annotate(badness=order)
        .select_related("last_check")
        .prefetch_related("item_links__item__issue")
        .order_by("badness", "host", "pk")
    )
    # What was visited just before the press is not visited again.
    fresh_since = since - links.PRESS_AGAIN_AFTER if since else None
    fresh = [
        row
        for row in rows
        if fresh_since and row.checked_at and row.checked_at >= fresh_since
    ]
    done = len(fresh) if since else len(rows)
    return LinkProgress(rows, done, cut_off=reaches_nothing(rows))
