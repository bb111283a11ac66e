"""What commands about readers have in common: who asks, and plain errors."""

import contextlib
from collections.abc import Iterator

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import CommandError, CommandParser

from editorial.models import User
from editorial.states import IllegalTransition


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
    if len(found) != 1:
        raise CommandError(
            f"--by {text}: {len(found)} active accounts have this address or name."
        )
    return found[0]


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the domain refuses into one line and exit status 1."""
    try:
        yield
    except (ValidationError, PermissionDenied, IllegalTransition) as error:
        words = getattr(error, "messages", [str(error)])
        raise CommandError(" ".join(words)) from error
