"""What each person owes, may read and may press; what waits for whom.

Only reads. Every function but `offers` asks a constant number of queries, whatever the
rows; `offers` is for one item.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from editorial import rules
from editorial.fetching.verdicts import Verdict
from editorial.links.weighing import BEYOND_DOUBT
from editorial.models import (
    ArchivedCopy,
    Issue,
    Item,
    ItemLink,
    Publication,
    Transition,
    User,
)
from editorial.models.item import ItemQuerySet
from editorial.signals import Errand, errands_wanted
from editorial.states import ISSUE_OPEN, IssueState, ItemState, ReviewPolicy

SENT_BACK = ("changes_requested", "rejected")


@dataclass(frozen=True, slots=True)
class Duties:
    """What one person owes, most urgent first."""

    returned: tuple[Item, ...]
    to_review: tuple[Item, ...]
    drafts: tuple[Item, ...]
    waiting: tuple[Item, ...]

    @property
    def count(self) -> int:
        return len(self.returned) + len(self.to_review)


@dataclass(frozen=True, slots=True)
class Offers:
    """Which presses this person is offered on an item. The domain decides again."""

    edit: bool = False
    submit: bool = False
    take_back: bool = False
    judge: bool = False
    approve_own: bool = False
    reopen: bool = False
    delete: bool = False
    place: bool = False
    correct: bool = False


@dataclass(frozen=True, slots=True)
class LinkOffers:
    """Which presses this person is offered on an item's link. The domain decides again.

    `moved_in_print` says that its new address is for later issues: what came out stays.
    """

    opened: bool = False
    accept_move: bool = False
    moved_in_print: bool = False
    show_copy: bool = False
    hide_copy: bool = False


def link_offers(user: User, item: Item, use: ItemLink) -> LinkOffers:
    """What makes sense on this link of this item; asks nothing of the database."""
    link = use.link
    copy: ArchivedCopy | None = getattr(link, "archived_copy", None)
    doubtful = link.verdict in {Verdict.UNSURE, Verdict.BROKEN}
    printed = item.issue is not None and item.issue.state == IssueState.PUBLISHED
    decides = printed and rules.can_edit_issue(user, item.issue)
    shown = copy is not None and copy.shown_at is not None
    return LinkOffers(
        opened=(doubtful and link.reason not in BEYOND_DOUBT) or use.has_changed,
        accept_move=bool(link.moved_to) and rules.can_edit_item(user, item),
        moved_in_print=bool(link.moved_to) and printed,
        show_copy=bool(
            decides and copy and copy.url and not shown and link.verdict == "broken"
        ),
        hide_copy=decides and shown,
    )


def readable_items(user: User) -> ItemQuerySet:
    """Items this person may read, with what pages say about them."""
    return Item.objects.readable_by(user).select_related(
        "issue__lead_editor",
        "section",
        "topic",
        "credit__user",
        "submitted_by",
        "approved_by",
    )


def owed_by(user: User) -> Duties:
    """Everything one person owes, across all open issues and the backlog."""
    mine = readable_items(user).owned_by(user)
    open_only = Q(issue=None) | Q(issue__state__in=ISSUE_OPEN)
    unfinished = list(
        mine.filter(open_only)
        .unfinished()
        .annotate(
            sent_back_note=_last_sent_back("note"),
            sent_back_by=_last_sent_back("by_name"),
        )
    )
    return Duties(
        returned=_in_state(unfinished, ItemState.CHANGES_REQUESTED),
        to_review=tuple(to_review(user)),
        drafts=_in_state(unfinished, ItemState.DRAFT),
        waiting=_in_state(unfinished, ItemState.SUBMITTED),
    )


def errands(user: User) -> list[Errand]:
    """What waits for this person outside the newsroom, such as a mail to send."""
    answers: Any = errands_wanted.send(User, user=user)  # stubs know no answers
    return [errand for _receiver, found in answers for errand in found]


def _in_state(items: Sequence[Item], state: str) -> tuple[Item, ...]:
    return tuple(item for item in items if item.state == state)


def _last_sent_back(field: str) -> Subquery:
    notes = Transition.objects.filter(item=OuterRef("pk"), verb__in=SENT_BACK)
    return Subquery(notes.order_by("-at", "-pk").values(field)[:1])


def last_sent_back(item: Item) -> Transition | None:
    """Who sent the item back last, and with which words."""
    return item.transitions.filter(verb__in=SENT_BACK).first()


def to_review(user: User, issue: Issue | None = None) -> list[Item]:
    """What waits for this person's judgement, longest waiting first."""
    items = readable_items(user).waiting()
    if issue is not None:
        items = items.filter(issue=issue)
    open_only = Q(issue=None) | Q(issue__state__in=ISSUE_OPEN)
    return judgeable(user, _with_one_publication(items.filter(open_only)))


def _with_one_publication(items: Iterable[Item]) -> list[Item]:
    """The rows, sharing one issue object each and one look at the review policy."""
    rows = list(items)
    issues: dict[int | None, Issue] = {}
    if any(row.state == ItemState.SUBMITTED for row in rows):
        policy = Publication.objects.review_policy()
        for row in rows:
            row.review_policy = policy
            if row.issue is not None:
                row.issue = issues.setdefault(row.issue_id, row.issue)
    return rows


def judgeable(user: User, items: Iterable[Item]) -> list[Item]:
    """Those of the submitted `items` this person may judge, longest waiting first.

    One's own count only where nobody else is free, as `rules.may_approve_own` has it.
    """
    waiting = [item for item in items if item.state == ItemState.SUBMITTED]
    waiting.sort(key=lambda item: (item.submitted_at, item.pk))
    mine: list[Item] = []
    others: list[Item] = []
    for item in waiting:
        (mine if rules.owns(user, item) else others).append(item)
    judged = [item for item in others if rules.can_review_item(user, item)]
    if mine:
        judged += _own_with_nobody_free(user, mine)
    return sorted(judged, key=waiting.index)


def _own_with_nobody_free(user: User, items: list[Item]) -> list[Item]:
    active = list(User.objects.active().exclude(pk=user.pk))
    editors: set[int | None] = {p.pk for p in active if p.is_editor}
    everyone: set[int | None] = {p.pk for p in active}

    def free_for(item: Item) -> set[int | None]:
        lead = item.issue.lead_editor_id if item.issue else None
        strict = item.review_policy == ReviewPolicy.EDITORS
        able: set[int | None] = editors | ({lead} & everyone) if strict else everyone
        return able - item.owner_ids

    return [
        item
        for item in items
        if rules.reviews_item(user, item)
        and (item.review_policy == ReviewPolicy.NONE or not free_for(item))
    ]


def others_work(user: User) -> list[Item]:
    """What colleagues have on open issues, newest change first."""
    items = readable_items(user).filter(issue__state__in=ISSUE_OPEN).unfinished()
    mine = Q(submitted_by=user) | Q(credit__user=user)
    return list(items.exclude(mine).order_by("-updated_at", "-pk")[:12])


def backlog(user: User) -> ItemQuerySet:
    """The backlog as this person may see it, oldest first; without what was rejected."""
    return readable_items(user).backlog().in_print().order_by("created_at", "pk")


def rejected(user: User) -> ItemQuerySet:
    """Rejected items in no issue: each may be taken up again by whose it is."""
    return readable_items(user).backlog().rejected().order_by("-updated_at", "-pk")


def offers(user: User, item: Item) -> Offers:
    """What makes sense for this person, in this state, on an issue that is still open."""
    state = ItemState(item.state)
    is_open = item.issue is None or item.issue.is_open
    works_on_it = is_open and rules.can_submit_item(user, item)
    submitted = is_open and state == ItemState.SUBMITTED
    judge = submitted and rules.can_review_item(user, item)
    return Offers(
        edit=rules.can_edit_item(user, item),
        submit=works_on_it and state in {ItemState.DRAFT, ItemState.CHANGES_REQUESTED},
        take_back=submitted and rules.owns(user, item),
        judge=judge,
        approve_own=submitted and not judge and rules.may_approve_own(user, item),
        reopen=works_on_it and state == ItemState.REJECTED,
        delete=rules.can_delete_item(user, item) and is_open,
        place=works_on_it and state != ItemState.REJECTED,
        correct=_is_printed(item) and rules.can_correct_issue(user, item.issue),
    )


def _is_printed(item: Item) -> bool:
    return item.issue is not None and item.issue.state == IssueState.PUBLISHED
