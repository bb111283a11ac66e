"""`manage.py worker_health`: exit status 0 when a worker carries out a task."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newsletter import health


class Command(BaseCommand):
    help = "Send a canary task to this machine's worker and wait for its answer."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--worker",
            default=f"celery@{socket.gethostname()}",
            help="the worker's node name (default: %(default)s)",
        )
        parser.add_argument(
            "--any", action="store_true", help="be content with any worker's answer"
        )
        parser.add_argument(
            "--timeout",
            type=float,
            default=30,
            help="seconds to wait; long tasks before it count (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worker = None if options["any"] else options["worker"]
        if not health.worker_answers(worker=worker, seconds=options["timeout"]):
            raise CommandError(
                f"{worker or 'No worker'} did not carry out a canary task within "
                f"{options['timeout']:g} s. Look at the worker's log and the broker."
            )
        self.stdout.write(f"{worker or 'A worker'} carried out a canary task.")
