"""The newsroom's nouns, a file per family."""

from editorial.states import ReviewPolicy

from .issue import Credit, Issue, IssueRevision, IssueSection
from .item import Item, ItemImage
from .link import Check, ItemLink, Link
from .people import Author, Invitation, Role, User, hash_token
from .publication import (
    Cadence,
    Publication,
    Section,
    Topic,
    Weekday,
)
from .trail import Comment, ItemRevision, Notice, Transition, Via

__all__ = [
    "Author",
    "Cadence",
    "Check",
    "Comment",
    "Credit",
    "Invitation",
    "Issue",
    "IssueRevision",
    "IssueSection",
    "Item",
    "ItemImage",
    "ItemLink",
    "ItemRevision",
    "Link",
    "Notice",
    "Publication",
    "ReviewPolicy",
    "Role",
    "Section",
    "Topic",
    "Transition",
    "User",
    "Via",
    "Weekday",
    "hash_token",
]
