"""A draft may go; what was said and done about it stays."""

import pytest
from django.core.exceptions import PermissionDenied

from editorial import workflow
from editorial.models import Item, ItemRevision, Transition
from editorial.states import ItemState, StaleVersion
from tests.factories import EditorFactory, ItemFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_deleted_draft_leaves_its_revisions_and_its_trail():
    author = UserFactory()
    item = workflow.create_item(by=author, headline="写错了")

    workflow.delete_item(item=item, by=author)

    assert ItemRevision.objects.get().text["headline"] == "写错了"
    assert set(Transition.objects.values_list("verb", flat=True)) == {
        "created",
        "deleted",
    }


def test_a_draft_saved_meanwhile_is_not_deleted():
    item = ItemFactory()
    stale = Item.objects.get(pk=item.pk)
    workflow.edit_item(item=item, by=item.submitted_by, version=1, headline="写好了")

    with pytest.raises(StaleVersion):
        workflow.delete_item(item=stale, by=EditorFactory())

    assert Item.objects.get().headline == "写好了"


def test_a_submitted_item_cannot_be_deleted():
    item = ItemFactory(state=ItemState.SUBMITTED)

    with pytest.raises(PermissionDenied):
        workflow.delete_item(item=item, by=item.submitted_by)
