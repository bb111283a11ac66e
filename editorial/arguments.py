"""What commands on both sides have in common: who asks, and plain errors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db.models import Model, QuerySet

from .states import ContentChanged, IllegalTransition, NotReady, StaleVersion

Row = TypeVar("Row", bound=Model)


def add_by(parser: CommandParser) -> None:
    parser.add_argument(
        "--by",
        required=True,
        metavar="USER",
        help="who does it: the mail address or the name of an active account",
    )


def only_one(accounts: QuerySet[Row], text: str) -> Row:
    """The account that `--by text` means; CommandError unless it is just one."""
    found = list(accounts[:10])
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(
            f"--by {text}: {len(found)} accounts have this name; use a mail address."
        )
    raise CommandError(
        f"--by {text}: there is no active account with this address or name."
    )


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
    fields: dict[str, list[str]] = error.message_dict
    return "; ".join(f"{name}: {' '.join(words)}" for name, words in fields.items())
