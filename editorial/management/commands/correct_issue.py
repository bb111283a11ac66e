"""Fix a typo in a published issue, or publish a correction."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from editorial import notices, workflow
from editorial.arguments import add_by, plain_errors
from editorial.management.arguments import add_number, issue_numbered, user_named
from editorial.models import Issue, Item, Via
from editorial.models.outlines import items_in_print

ITEM_WORDS = ("headline", "label", "url")
ISSUE_WORDS = ("title", "dek")
TEXTS = {"commentary": "an item's", "opening_note": "the", "closing_note": "the"}


class Command(BaseCommand):
    help = (
        "Changes words of a published issue. Without --note it is a typo fix, which "
        "changes no link, number or name; with one a correction, whose note readers "
        "see. Nobody is mailed."
    )

    def add_arguments(self, parser) -> None:
        add_number(parser)
        add_by(parser)
        item = "the item's number as printed; without it the issue's own texts"
        parser.add_argument("--item", type=int, metavar="N", help=item)
        parser.add_argument("--note", help="what readers are told: a correction")
        for name in (*ITEM_WORDS, *ISSUE_WORDS):
            parser.add_argument(f"--{name}", help=f"the new {name}")
        for name, whose in TEXTS.items():
            words = name.replace("_", " ")
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                metavar="FILE",
                help=f"a file with {whose} new {words}; - reads it from standard input",
            )

    def handle(
        self,
        *args: Any,
        number: str,
        by: str,
        item: int | None,
        note: str | None,
        **options: Any,
    ) -> None:
        issue, user = issue_numbered(number), user_named(by)
        row = _item_numbered(issue, item)
        wanted = {
            "issue": issue,
            "item": row,
            "by": user,
            "version": (row or issue).version,
            "via": Via.COMMAND,
            **_words(options, of_an_item=row is not None),
        }
        with plain_errors():
            if note is None:
                issue = workflow.fix_typo(**wanted)
            else:
                issue = workflow.correct_issue(note=note, **wanted)
        url = notices.absolute(issue.get_absolute_url())
        ordinal = issue.live_revision.ordinal if issue.live_revision else 0
        self.stdout.write(f"Issue {number} is in print as revision {ordinal}: {url}")


def _item_numbered(issue: Issue, number: int | None) -> Item | None:
    if number is None:
        return None
    items = items_in_print(issue)
    if not 1 <= number <= len(items):
        raise CommandError(f"Issue {issue.number} has no item {number}.")
    return items[number - 1]


def _words(options: dict[str, Any], *, of_an_item: bool) -> dict[str, str]:
    own = {*ISSUE_WORDS, "opening_note", "closing_note"}
    items = {*ITEM_WORDS, "commentary"}
    given = {n: v for n in own | items if (v := options.get(n)) is not None}
    if foreign := given.keys() - (items if of_an_item else own):
        where = "the issue's own texts" if of_an_item else "an item, with --item"
        raise CommandError(f"--{sorted(foreign)[0]} is for {where}.")
    return {n: _read(v) if n in TEXTS else v for n, v in given.items()}


def _read(name: str) -> str:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}") from error
    return text.rstrip("\n")
