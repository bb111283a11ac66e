"""Take the list of readers away."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from editorial.arguments import add_by, only_one, plain_errors
from editorial.models import User
from newsletter import subscriptions


class Command(BaseCommand):
    help = (
        "Writes every reader and every suppressed address as CSV. USER is an admin; "
        "who took it and when is kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", default="-", help="a new file; otherwise the output"
        )
        add_by(parser)

    def handle(self, *args, file: str, by: str, **options) -> None:
        user = only_one(User.objects.named(by), by)
        with plain_errors():
            lines = subscriptions.export_readers(by=user)
        if file == "-":
            for line in lines:
                self.stdout.write(line, ending="")
            return
        try:
            with Path(file).open("x", encoding="utf-8", newline="") as target:
                target.writelines(lines)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}.") from error
