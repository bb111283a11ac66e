"""What the newsroom's commands have in common: who, which issue, and plain errors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import CommandError, CommandParser

from editorial.models import Issue, User
from editorial.states import ContentChanged, IllegalTransition, NotReady, StaleVersion


def add_number(parser: CommandParser) -> None:
    parser.add_argument("number", help="the issue's number as printed, such as 23")


def add_by(parser: CommandParser) -> None:
    parser.add_argument(
        "--by",
        required=True,
        metavar="USER",
        help="who does it: the mail address or the name of an active account",
    )


def user_named(text: str) -> User:
    """The active account with this mail address or name; CommandError if not just one."""
    active = User.objects.active()
    found = list(active.filter(email__iexact=text)) or list(active.filter(name=text))
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(
            f"--by {text}: {len(found)} accounts have this name; use a mail address."
        )
    raise CommandError(
        f"--by {text}: there is no active account with this address or name."
    )


def issue_numbered(number: str) -> Issue:
    issue = Issue.objects.filter(number=number).first()
    if issue is None:
        raise CommandError(f"There is no issue {number}.")
    return issue


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the domain refuses into one line and exit status 1."""
    try:
        yield
    except ValidationError as error:
        raise CommandError(_in_one_line(error)) from error
    except PermissionDenied as error:
        raise CommandError(
            str(error) or "You may not do this; an editor or an admin can."
        ) from error
    except (IllegalTransition, StaleVersion, NotReady, ContentChanged) as error:
        raise CommandError(" ".join(str(error).split())) from error


def _in_one_line(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    fields: dict[str, Any] = error.message_dict
    return "; ".join(f"{name}: {' '.join(words)}" for name, words in fields.items())
