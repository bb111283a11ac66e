"""Only listed moves happen, whoever tries what in which order (RELIABILITY P12)."""

import pytest

from editorial.models import Transition
from editorial.states import (
    ISSUE_MOVES,
    ITEM_MOVES,
    IllegalTransition,
    IssueState,
    ItemState,
)
from editorial.workflow.moves import _move
from tests.factories import (
    IssueFactory,
    ItemFactory,
)

pytestmark = pytest.mark.django_db

FORBIDDEN = [
    (before, after)
    for before in ItemState
    for after in ItemState
    if after not in ITEM_MOVES[before]
]


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
