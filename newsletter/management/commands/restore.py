"""Read a backup into an empty database."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsletter import backups


class Command(BaseCommand):
    help = (
        "Reads a backup into an empty, migrated database. Nobody is mailed by what "
        "comes back: a digest that was being sent is paused until an editor resumes it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that `backup` wrote")

    def handle(self, *args, file: Path, **options) -> None:
        try:
            counts = backups.restore_backup(file)
        except backups.NotABackup as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}.") from error
        self.stdout.write(f"{sum(counts.values())} rows are back.")
