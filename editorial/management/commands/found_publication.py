"""Found one's own publication; asks, or takes flags."""

from __future__ import annotations

import re
from datetime import time
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from editorial import founding, notices
from editorial.arguments import plain_errors
from editorial.models import Cadence

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
QUESTIONS = {
    "name": ("Name of the publication", ""),
    "language": ("Language of the publication (zh-hans, en)", "zh-hans"),
    "time_zone": ("Time zone", "Asia/Shanghai"),
    "cadence": (f"Cadence ({', '.join(Cadence.values)})", Cadence.WEEKLY.value),
    "deadline": ("Copy deadline (day and time)", "fri 12:00"),
    "publish": ("Publication (day and time)", "fri 18:00"),
    "sections": ("Sections, separated by commas", ""),
    "sender": ("Sender of its mail, as Name <address>", ""),
    "admin_name": ("Your name", ""),
    "admin_email": ("Your mail address", ""),
}


class Command(BaseCommand):
    help = (
        "Founds the publication of this deployment, with its first admin. What no flag "
        "says is asked. The sample, if it is here, goes with all its readers; a "
        "publication of your own is never replaced. With --link it prints a link that "
        "opens the same form in a browser for a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, (question, default) in QUESTIONS.items():
            flag = "--" + name.replace("_", "-")
            given = f" (default: {default})" if default else ""
            parser.add_argument(flag, dest=name, help=question + given)
        parser.add_argument(
            "--yes",
            action="store_true",
            help="ask nothing; defaults for what no flag says",
        )
        parser.add_argument(
            "--link",
            action="store_true",
            help="print a set-up link and do nothing else",
        )

    def handle(self, *args, **options: Any) -> None:
        if not founding.is_open():
            raise CommandError(
                "A publication is founded already; its settings are on the desk."
            )
        if options["link"]:
            path = reverse("desk:setup_by_link", args=[founding.setup_token()])
            self.stdout.write(notices.absolute(path))
            return
        answers = {name: self._answer(name, options) for name in QUESTIONS}
        self._confirm(options["yes"])
        with plain_errors():
            publication, admin = founding.found_publication(charter_from(answers))
        login = notices.absolute(reverse(settings.LOGIN_URL))
        self.stdout.write(f"“{publication}” is founded; {admin.email} is its admin.")
        self.stdout.write(f"Sign in with that address at {login}")

    def _answer(self, name: str, options: dict[str, Any]) -> str:
        question, default = QUESTIONS[name]
        if options[name] is not None:
            return str(options[name]).strip()
        if options["yes"]:
            return default
        return (
            _ask(f"{question} [{default}]: " if default else f"{question}: ") or default
        )

    def _confirm(self, yes: bool) -> None:
        sample = founding.sample_size()
        if sample is None or yes:
            return
        answer = _ask(
            f"This removes the sample “{sample.name}” for good: {sample.issues} issues, "
            f"{sample.items} items, {sample.people} log-ins, all its readers. "
            "Go on? (yes/no) "
        )
        if answer.lower() not in {"y", "yes"}:
            raise CommandError("Nothing was changed.")


def charter_from(answers: dict[str, str]) -> founding.Charter:
    """The charter these answers describe; CommandError naming the flag if they do not."""
    deadline_weekday, deadline_time = _moment("deadline", answers["deadline"])
    publish_weekday, publish_time = _moment("publish", answers["publish"])
    sender_name, sender_email = parseaddr(answers["sender"])
    if answers["sender"] and "@" not in sender_email:
        raise CommandError("--sender: write it as Name <address>.")
    return founding.Charter(
        name=answers["name"],
        language=answers["language"],
        time_zone=answers["time_zone"],
        cadence=answers["cadence"],
        deadline_weekday=deadline_weekday,
        deadline_time=deadline_time,
        publish_weekday=publish_weekday,
        publish_time=publish_time,
        sections=re.split("[,，、]", answers["sections"]),
        sender_name=sender_name,
        sender_email=sender_email,
        admin_name=answers["admin_name"],
        admin_email=answers["admin_email"],
    )


def _moment(name: str, text: str) -> tuple[int, time]:
    day, _, clock = text.strip().lower().partition(" ")
    try:
        return DAYS.index(day[:3]), time.fromisoformat(clock.strip())
    except ValueError as error:
        raise CommandError(
            f"--{name} {text!r}: write a day and a time, such as “fri 12:00”."
        ) from error


def _ask(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError as error:
        raise CommandError(
            "Nobody is there to answer. Give the flags and --yes; see --help."
        ) from error
