"""Random walks: people of every role try everything, in any order (RELIABILITY P12)."""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils import timezone

from editorial import workflow
from editorial.models import Issue, Item, Transition
from editorial.states import (
    ISSUE_MOVES,
    ITEM_MOVES,
    ContentChanged,
    IllegalTransition,
    IssueState,
    ItemState,
    NotReady,
    StaleVersion,
)
from tests.factories import (
    AdminFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    UserFactory,
)

REFUSALS = (
    ContentChanged,
    IllegalTransition,
    NotReady,
    PermissionDenied,
    StaleVersion,
    ValidationError,
)
SOON = timedelta(hours=1)
OUT = (IssueState.PUBLISHED, IssueState.WITHDRAWN)
# What somebody who is neither editor nor lead editor of the issue may bring about.
AUTHORS_VERBS = {
    *("created", "edited", "submitted", "taken_back", "approval_voided"),
    *("reopened", "moved", "placed", "to_backlog"),
}

ITEM_DEEDS = [
    lambda item, by: workflow.submit_item(item=item, by=by),
    lambda item, by: workflow.take_back_item(item=item, by=by),
    lambda item, by: workflow.approve_item(item=item, by=by, note="fine"),
    lambda item, by: workflow.request_changes(item=item, by=by, note="shorter"),
    lambda item, by: workflow.reject_item(item=item, by=by, note="not ours"),
    lambda item, by: workflow.reopen_item(item=item, by=by),
    lambda item, by: workflow.move_item(item=item, by=by, position=0),
    lambda item, by: workflow.edit_item(
        item=item, by=by, version=item.version, headline=f"{item.version}"
    ),
]
ISSUE_DEEDS = [
    lambda issue, by: workflow.close_issue(issue=issue, by=by),
    lambda issue, by: workflow.reopen_issue(issue=issue, by=by),
    lambda issue, by: workflow.approve_issue(issue=issue, by=by),
    lambda issue, by: workflow.unapprove_issue(issue=issue, by=by),
    lambda issue, by: workflow.publish_issue(issue=issue, by=by),
    lambda issue, by: workflow.withdraw_issue(issue=issue, by=by, note="wrong"),
    lambda issue, by: workflow.restore_issue(issue=issue, by=by),
    lambda issue, by: workflow.schedule_issue(
        issue=issue, by=by, publish_at=timezone.now() + SOON
    ),
    lambda issue, by: workflow.edit_issue(
        issue=issue, by=by, version=issue.version, dek=f"{issue.version}"
    ),
]


@dataclass
class Newsroom:
    """People by role, and what they walk about in; `done` counts deeds by role."""

    people: dict[str, Any]
    issues: list[Issue]
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


def open_newsroom(*, issues: int) -> Newsroom:
    """Two authors, one of them the lead editor, an editor and an admin."""
    people = {
        "author": UserFactory(),
        "lead": UserFactory(),
        "editor": EditorFactory(),
        "admin": AdminFactory(),
    }
    rows = [IssueFactory(lead_editor=people["lead"]) for _ in range(issues)]
    for row in rows:
        ItemFactory(issue=row, submitted_by=people["author"])
        ItemFactory(issue=row, submitted_by=people["editor"])
    return Newsroom(people, rows)


def walk(room: Newsroom, chance: random.Random, *, actions: int) -> None:
    """So many tries: one person, one thing, one row as it is now."""
    for _ in range(actions):
        role = chance.choice(list(room.people))
        room.refused[role] += 1
        with suppress(*REFUSALS):
            _act(room, chance, role)
            room.refused[role] -= 1
            room.done[role] += 1


def _act(room: Newsroom, chance: random.Random, role: str) -> None:
    person = room.people[role]
    issue = Issue.objects.get(pk=chance.choice(room.issues).pk)
    items = list(issue.items.all())
    if items and chance.random() < 0.6:
        chance.choice(ITEM_DEEDS)(chance.choice(items), person)
    else:
        chance.choice(ISSUE_DEEDS)(issue, person)


def moves_of(rows: Any) -> set[tuple[str, str]]:
    """What changed a state, as (before, after)."""
    changed = rows.exclude(from_state="").values_list("from_state", "to_state")
    return {(before, after) for before, after in changed if before != after}


def illegal(room: Newsroom) -> list[str]:
    """Whatever must not be in this newsroom after any walk, in words."""
    trail = Transition.objects.filter(issue__in=room.issues)
    return [
        *_unlisted(moves_of(trail.exclude(item=None)), ITEM_MOVES, ItemState),
        *_unlisted(moves_of(trail.filter(item=None)), ISSUE_MOVES, IssueState),
        *_beyond_an_author(room, trail),
        *_unlike_their_trail(room, trail),
        *_unapproved_in_print(room),
    ]


def _unlisted(moves: set[tuple[str, str]], table: Any, states: Any) -> list[str]:
    return [
        f"{before} became {after}"
        for before, after in moves
        if after not in table[states(before)]
    ]


def _beyond_an_author(room: Newsroom, trail: Any) -> list[str]:
    by_author = trail.filter(by=room.people["author"]).values_list("verb", flat=True)
    return [f"an author has {verb}" for verb in set(by_author) - AUTHORS_VERBS]


def _unlike_their_trail(room: Newsroom, trail: Any) -> list[str]:
    """Rows whose state is not the one their last move left them in."""
    wrong = []
    for issue in Issue.objects.filter(pk__in=[row.pk for row in room.issues]):
        for row in (issue, *issue.items.all()):
            own = Q(item=row) if isinstance(row, Item) else Q(item=None, issue=row)
            last = trail.filter(own).exclude(to_state="").first()
            if last is not None and last.to_state != row.state:
                wrong.append(f"{row} is {row.state}, its trail ends at {last.to_state}")
    return wrong


def _unapproved_in_print(room: Newsroom) -> list[str]:
    signed_off = [IssueState.APPROVED, *OUT]
    rows = (
        Item.objects.in_print()
        .filter(issue__in=room.issues, issue__state__in=signed_off)
        .exclude(state=ItemState.APPROVED)
    )
    return [f"{row} is {row.state} in an approved issue" for row in rows]
