"""One returned mail from standard input, as a mail server's alias pipes it in."""

import sys

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from newsletter import returns

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the mail


class Command(BaseCommand):
    help = (
        "Reads one bounce or complaint from standard input. One that cannot be "
        "understood is kept and listed on the desk; nothing is lost."
    )

    def handle(self, *args, **options) -> None:
        raw = sys.stdin.buffer.read()
        try:
            taken = returns.take_mail(raw)
        except DatabaseError as error:
            self.stderr.write(f"the database is away, keep the mail: {error}")
            sys.exit(TRY_AGAIN)
        self.stdout.write(taken.value)
