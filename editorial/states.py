"""States of items and issues, and the tables of allowed moves: data, not code.

`workflow` is the only module that moves anything; every state has a row here.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ItemState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class IssueState(models.TextChoices):
    DRAFT = "draft", _("Collecting")
    REVIEW = "review", _("Proofing")
    APPROVED = "approved", _("Approved for publication")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ReviewPolicy(models.TextChoices):
    """Who may approve an item, never counting its own author (`rules.can_review_item`)."""

    EDITORS = "editors", _("An editor or the lead editor")
    ANYONE_ELSE = "anyone_else", _("Any other author")
    NONE = "none", _("Nobody: authors approve their own")


ITEM_MOVES: dict[ItemState, frozenset[ItemState]] = {
    ItemState.DRAFT: frozenset({ItemState.SUBMITTED}),
    ItemState.SUBMITTED: frozenset(
        {
            ItemState.DRAFT,
            ItemState.APPROVED,
            ItemState.CHANGES_REQUESTED,
            ItemState.REJECTED,
        }
    ),
    ItemState.CHANGES_REQUESTED: frozenset({ItemState.SUBMITTED}),
    # An edit by its author voids the approval; an edit by an editor re-approves it.
    ItemState.APPROVED: frozenset({ItemState.SUBMITTED, ItemState.APPROVED}),
    ItemState.REJECTED: frozenset({ItemState.DRAFT}),
}

ISSUE_MOVES: dict[IssueState, frozenset[IssueState]] = {
    IssueState.DRAFT: frozenset({IssueState.REVIEW}),
    IssueState.REVIEW: frozenset({IssueState.DRAFT, IssueState.APPROVED}),
    IssueState.APPROVED: frozenset({IssueState.REVIEW, IssueState.PUBLISHED}),
    IssueState.PUBLISHED: frozenset({IssueState.WITHDRAWN}),
    IssueState.WITHDRAWN: frozenset({IssueState.PUBLISHED}),
}

# Text may be changed by hand in these states only; elsewhere a move comes first.
ITEM_EDITABLE = frozenset(
    {
        ItemState.DRAFT,
        ItemState.SUBMITTED,
        ItemState.CHANGES_REQUESTED,
        ItemState.APPROVED,
    }
)
ISSUE_OPEN = frozenset({IssueState.DRAFT, IssueState.REVIEW, IssueState.APPROVED})
ITEM_UNFINISHED = frozenset(
    {ItemState.DRAFT, ItemState.SUBMITTED, ItemState.CHANGES_REQUESTED}
)


class IllegalTransition(Exception):
    """The move is not in the table for the state the row is in now.

    Doors answer 409. `current` is the state as the database holds it.
    """

    def __init__(self, subject: str, current: str, wanted: str) -> None:
        super().__init__(f"{subject}: cannot go from {current} to {wanted}")
        self.subject, self.current, self.wanted = subject, current, wanted


class StaleVersion(Exception):
    """Somebody else saved in between; nothing was written.

    Doors answer 409 and show both texts. `current` is the version in the database.
    """

    def __init__(self, subject: str, given: int, current: int) -> None:
        super().__init__(f"{subject}: you edited version {given}, now at {current}")
        self.subject, self.given, self.current = subject, given, current


class ContentChanged(Exception):
    """What was approved is not what would go live now; nothing was published.

    Doors answer 409. The way on is to look again and approve again.
    """


class NotReady(Exception):
    """The issue cannot be approved yet. `reasons` are sentences for a person.

    Doors answer 409 and list them.
    """

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons
