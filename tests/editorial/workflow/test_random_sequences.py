"""Whoever tries what in which order, only listed moves happen (RELIABILITY P12)."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
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

pytestmark = pytest.mark.django_db

SEEDS, ACTIONS = 10, 1_000
REFUSALS = (
    ContentChanged,
    IllegalTransition,
    NotReady,
    PermissionDenied,
    StaleVersion,
    ValidationError,
)
SOON = timedelta(hours=1)

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


def act(chance: random.Random, people: list, issues: list[Issue]) -> None:
    """One person tries one thing with one row, as it is now."""
    person = chance.choice(people)
    issue = Issue.objects.get(pk=chance.choice(issues).pk)
    with suppress(*REFUSALS):
        if chance.random() < 0.6:
            item = chance.choice(list(issue.items.all()))
            chance.choice(ITEM_DEEDS)(item, person)
        else:
            chance.choice(ISSUE_DEEDS)(issue, person)


def moves_of(rows) -> set[tuple[str, str]]:
    changed = rows.exclude(from_state="").values_list("from_state", "to_state")
    return {(before, after) for before, after in changed if before != after}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_actions_of_all_roles_make_listed_moves_only(seed):
    chance = random.Random(seed)
    people = [UserFactory(), UserFactory(), EditorFactory(), AdminFactory()]
    issues = [IssueFactory(lead_editor=people[1]) for _ in range(3)]
    for issue in issues:
        ItemFactory.create_batch(2, issue=issue, submitted_by=people[0])

    for _ in range(ACTIONS):
        act(chance, people, issues)

    of_items = moves_of(Transition.objects.exclude(item=None))
    of_issues = moves_of(Transition.objects.filter(item=None))
    assert len(of_items) > 3
    assert all(after in ITEM_MOVES[ItemState(before)] for before, after in of_items)
    assert all(after in ISSUE_MOVES[IssueState(before)] for before, after in of_issues)
    assert not unapproved_in_print()


def unapproved_in_print() -> list[Item]:
    """Items of an approved or public issue that nobody approved."""
    signed_off = [IssueState.APPROVED, IssueState.PUBLISHED, IssueState.WITHDRAWN]
    return list(
        Item.objects.in_print()
        .filter(issue__state__in=signed_off)
        .exclude(state=ItemState.APPROVED)
    )
