"""`manage.py beat_health`: exit status 0 when beat's ticks come out at a worker."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newsletter import health


class Command(BaseCommand):
    help = "See whether a tick of beat came out at a worker lately."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--within",
            type=float,
            default=health.HEARTBEAT_SECONDS * 6,
            help="seconds that count as lately (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not health.beat_ticked(within=options["within"]):
            raise CommandError(
                f"No tick of beat in the last {options['within']:g} s. "
                "Look whether beat, the broker and a worker run."
            )
        self.stdout.write("Beat ticks.")
