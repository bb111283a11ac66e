"""`manage.py mail_doctor`: would the big providers take our mail, and if not, why?"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from newsletter.doctor import examining, findings
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

    def handle(self, *args: Any, **options: Any) -> None:
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
