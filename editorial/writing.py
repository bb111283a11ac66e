"""Writing an item in one press: its words, its pictures and, if asked, handing it in."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from editorial import workflow
from editorial.models import Issue, Item, User
from editorial.models.outlines import topic_named
from editorial.pictures import Picture, save_pictures
from editorial.states import ItemState


@transaction.atomic
def save_item(
    *,
    item: Item | None,
    by: User,
    version: int,
    words: dict[str, Any],
    pictures: list[Picture] | None = None,
    issue: Issue | None = None,
    new_topic: str = "",
    submit: bool = False,
) -> Item:
    """A new item (`item` None, into `issue` or the backlog) or new words for one.

    All or nothing: words that cannot be submitted are not saved either, so that the
    form can show them again. Raises what create, edit and submit raise.
    """
    if new_topic.strip():
        words = {**words, "topic": topic_named(new_topic.strip())}
    if item is None:
        item = workflow.create_item(by=by, issue=issue, **words)
    else:
        item = workflow.edit_item(item=item, by=by, version=version, **words)
    if pictures:
        item = save_pictures(item=item, by=by, pictures=pictures)
    return workflow.submit_item(item=item, by=by) if submit else item


def saves_itself(item: Item | None) -> bool:
    """Whether a half-written text may be kept unasked: only while nobody relies on it."""
    return item is None or item.state in {ItemState.DRAFT, ItemState.CHANGES_REQUESTED}
