"""What the newsroom's commands have in common: which issue, and who."""

from __future__ import annotations

from django.core.management.base import CommandError, CommandParser

from editorial.arguments import only_one
from editorial.models import Issue, User


def add_number(parser: CommandParser) -> None:
    parser.add_argument("number", help="the issue's number as printed, such as 23")


def user_named(text: str) -> User:
    """The active account with this mail address or name; CommandError if not just one."""
    return only_one(User.objects.named(text), text)


def issue_numbered(number: str) -> Issue:
    issue = Issue.objects.filter(number=number).first()
    if issue is None:
        raise CommandError(f"There is no issue {number}.")
    return issue
