"""Import an issue from the plain text a team pastes."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from editorial import capture
from editorial.arguments import add_by, plain_errors
from editorial.content.importers.decoding import Undecodable, decode
from editorial.content.importers.text import Parsed, TooLong, parse
from editorial.management.arguments import user_named
from editorial.models import Issue, Publication

# Far beyond an issue; a device or a film must not be read to its end.
READ_AT_MOST = 8 * 1024 * 1024


class Command(BaseCommand):
    help = (
        "Reads an issue from a plain text file: byline, sections, topics, numbered "
        "items, links and missing pictures. Every line is in the issue or in the "
        "report. Without --as published its items are drafts of USER."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a text file, or - for standard input")
        add_by(parser)
        parser.add_argument(
            "--number",
            default="",
            help="as printed; otherwise the one in the text, or the next",
        )
        parser.add_argument(
            "--as",
            dest="publish_as",
            choices=["draft", "published"],
            default="draft",
            help="published is for archives: it takes an admin and never mails anyone",
        )
        parser.add_argument(
            "--published-on",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="with --as published: the day it came out (otherwise now)",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what was understood; write nothing",
        )
        parser.add_argument(
            "--json", action="store_true", help="print outline and report as JSON"
        )

    def handle(self, *args, file: str, by: str, **options) -> None:
        user = user_named(by)
        parsed = _read(file)
        if options["published_on"] and options["publish_as"] != "published":
            raise CommandError("--published-on goes with --as published only.")
        issue = None
        if not options["dry_run"]:
            with plain_errors():
                issue = capture.import_issue(
                    outline=parsed.outline,
                    by=user,
                    number=options["number"],
                    publish_as=options["publish_as"],
                    published_at=_moment(options["published_on"]),
                )
        if options["json"]:
            self._print_json(parsed, issue)
        else:
            self._print_text(parsed, issue, file)

    def _print_json(self, parsed: Parsed, issue: Issue | None) -> None:
        found: dict[str, Any] = parsed.summary()
        if issue is not None:
            found["issue"] = {"number": issue.number, "state": issue.state}
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))

    def _print_text(self, parsed: Parsed, issue: Issue | None, file: str) -> None:
        outline = parsed.outline
        counts = parsed.summary()["counts"]
        for section in outline.sections:
            self.stdout.write(section.title)
            for group in section.groups:
                for item in group.items:
                    topic = f"[{group.topic}] " if group.topic else ""
                    self.stdout.write(f"  {topic}{item.headline}")
        for entry in parsed.report:
            self.stderr.write(f"{file}:{entry.line}: {entry.reason}")
        size = (
            f"{counts['items']} items in {counts['sections']} sections, "
            f"{counts['links']} links, {len(outline.authors)} authors"
        )
        if issue is None:
            self.stdout.write(f"Understood: {size}. Nothing was written.")
        else:
            self.stdout.write(f"Issue {issue.number} ({issue.state}): {size}.")


def _read(file: str) -> Parsed:
    """The parsed file; CommandError with one line for what is no issue."""
    name = "standard input" if file == "-" else file
    try:
        text = decode(_bytes_of(file))
        if not text.strip():
            raise CommandError(f"{name}: there is no text in it.")
        parsed = parse(text, capture.known_words())
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror or error}.") from error
    except (Undecodable, TooLong) as error:
        raise CommandError(f"{name}: {error}") from error
    if next(parsed.outline.items(), None) is None:
        raise CommandError(f"{name}: no item was found in this text.")
    return parsed


def _bytes_of(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(READ_AT_MOST)
    with Path(file).open("rb") as source:
        return source.read(READ_AT_MOST)


def _moment(day: date | None):
    if day is None:
        return None
    publication = Publication.objects.current()
    if publication is None:
        raise CommandError("Found the publication first: manage.py found_publication.")
    return publication.publish_moment(day)
