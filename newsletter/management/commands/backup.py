"""Write everything into one file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsletter import backups


class Command(BaseCommand):
    help = (
        "Writes the whole newsroom, its readers and its pictures into one file. The "
        "secret key is not in it: keep that elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file, such as weekly.tar.gz")

    def handle(self, *args, file: Path, **options) -> None:
        try:
            counts = backups.write_backup(file)
        except FileExistsError as error:
            raise CommandError(f"{file} exists already; name a new file.") from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}.") from error
        self.stdout.write(f"{sum(counts.values())} rows are in {file}.")
