"""An item has its place in an issue, or waits in the backlog."""

import pytest

from editorial import workflow
from editorial.states import ItemState
from tests.factories import EditorFactory, IssueFactory, ItemFactory

pytestmark = pytest.mark.django_db


def test_an_item_moves_to_the_given_place_and_the_others_make_room():
    issue = IssueFactory()
    first, second, third = (ItemFactory(issue=issue, position=n) for n in range(3))

    workflow.move_item(item=third, by=EditorFactory(), position=0)

    order = list(issue.items.order_by("position").values_list("pk", flat=True))
    assert order == [third.pk, first.pk, second.pk]


def test_an_unused_item_goes_back_to_the_backlog_and_keeps_its_state():
    item = ItemFactory(state=ItemState.APPROVED, issue=IssueFactory())

    workflow.place_item(item=item, by=EditorFactory(), issue=None)

    item.refresh_from_db()
    assert (item.issue, item.state) == (None, ItemState.APPROVED)
