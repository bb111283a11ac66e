"""Only listed moves happen, whoever tries what in which order (RELIABILITY P12)."""

import random
from contextlib import suppress

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from editorial import workflow
from editorial.models import Item, Transition
from editorial.states import (
    ISSUE_MOVES,
    ITEM_MOVES,
    IllegalTransition,
    IssueState,
    ItemState,
    NotReady,
    StaleVersion,
)
from editorial.workflow.moves import _move
from tests.factories import (
    AdminFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

FORBIDDEN = [
    (before, after)
    for before in ItemState
    for after in ItemState
    if after not in ITEM_MOVES[before]
]
VERBS = {
    "submit_item": {},
    "take_back_item": {},
    "approve_item": {"note": "fine"},
    "request_changes": {"note": "shorter"},
    "reject_item": {"note": "not ours"},
    "reopen_item": {},
}


def test_every_state_has_a_row():
    assert set(ITEM_MOVES) == set(ItemState)
    assert set(ISSUE_MOVES) == set(IssueState)


@pytest.mark.parametrize(("before", "after"), FORBIDDEN)
def test_a_move_that_is_not_listed_is_refused(before, after):
    item = ItemFactory(state=before)

    with pytest.raises(IllegalTransition):
        _move(item, after, by=item.submitted_by, verb="forced")

    item.refresh_from_db()
    assert item.state == before
    assert not Transition.objects.exists()


@pytest.mark.parametrize(
    "before", [IssueState.DRAFT, IssueState.REVIEW, IssueState.APPROVED]
)
def test_an_open_issue_makes_only_listed_moves(before):
    issue = IssueFactory(state=before)

    for after in set(IssueState) - ISSUE_MOVES[before]:
        with pytest.raises(IllegalTransition):
            _move(issue, after, by=None, verb="forced")

    issue.refresh_from_db()
    assert issue.state == before


@pytest.mark.parametrize("seed", range(20))
def test_random_actions_of_all_roles_never_reach_an_unlisted_move(seed):
    chance = random.Random(seed)
    people = [UserFactory(), UserFactory(), EditorFactory(), AdminFactory()]
    item = ItemFactory(submitted_by=people[0], issue=IssueFactory())
    for _ in range(50):
        verb = chance.choice(list(VERBS))
        _try(verb, Item.objects.get(pk=item.pk), chance.choice(people))

    rows = Transition.objects.exclude(from_state="")
    moves = set(rows.values_list("from_state", "to_state"))

    assert moves
    assert all(after in ITEM_MOVES[ItemState(before)] for before, after in moves)
    last = rows.order_by("-pk").first()
    assert Item.objects.get(pk=item.pk).state == last.to_state


REFUSALS = (
    IllegalTransition,
    NotReady,
    PermissionDenied,
    StaleVersion,
    ValidationError,
)


def _try(verb, item, person):
    with suppress(*REFUSALS):
        getattr(workflow, verb)(item=item, by=person, **VERBS[verb])
