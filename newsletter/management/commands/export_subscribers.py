"""Take the list of readers away."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsletter import subscriptions
from newsletter.management.arguments import add_by, plain_errors, user_named


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
        user = user_named(by)
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
