"""`manage.py mail_doctor`: would the big providers take our mail, and if not, why?"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from editorial.arguments import plain_errors
from newsletter.doctor import check_mails, examining, findings
from newsletter.doctor.words import title_of, words_of
from newsletter.states import Fitness


class Command(BaseCommand):
    help = (
        "Look at SPF, DKIM, DMARC, the mail server, the unsubscribe address and the mail "
        "itself. Exits with 1 where something must be mended. Sends nothing."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument(
            "--source",
            metavar="FILE",
            help="the source of a test mail of the check-up, as it arrived; - reads "
            "standard input",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["source"]:
            with plain_errors():
                check_mails.read(_bytes_of(options["source"]))
        run = examining.examine_here()
        found = findings.in_order(examining.findings_of(run))
        verdict = findings.worst(found)
        if options["json"]:
            self._print_json(found, verdict)
        else:
            self._print_text(found, verdict)
        if verdict == Fitness.FAILING:
            raise SystemExit(1)

    def _print_json(self, found: list[findings.Finding], verdict: Fitness) -> None:
        data = {
            "verdict": verdict.value,
            "findings": [one.to_dict() | {"words": words_of(one)} for one in found],
        }
        self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))

    def _print_text(self, found: list[findings.Finding], verdict: Fitness) -> None:
        for one in found:
            label = Fitness(one.status).label
            self.stdout.write(f"{label}: {title_of(one.topic)}. {words_of(one)}")
            for line in one.put:
                self.stdout.write(f"    {line}")
        self.stdout.write(f"\n{verdict.label}")


def _bytes_of(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(check_mails.MOST)
    try:
        with Path(file).open("rb") as source:
            return source.read(check_mails.MOST)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror or error}.") from error
