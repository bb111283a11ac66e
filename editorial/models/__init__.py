"""The newsroom's nouns, a file per family."""

from editorial.states import ReviewPolicy

from .issue import Credit, Issue, IssueRevision, IssueSection
from .item import Item, ItemImage
from .link import ArchivedCopy, Check, Host, ItemLink, Link, VerdictChange
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
    "ArchivedCopy",
    "Author",
    "Cadence",
    "Check",
    "Comment",
    "Credit",
    "Host",
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
    "VerdictChange",
    "Via",
    "Weekday",
    "hash_token",
]
