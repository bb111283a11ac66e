"""Bring a list of readers from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from editorial.arguments import add_by, only_one, plain_errors
from editorial.models import User
from newsletter.models import ReaderImport
from newsletter.states import ImportState, Refusal
from newsletter.subscriptions import imports


class Command(BaseCommand):
    help = (
        "Imports readers from a CSV file, or from an export of Mailchimp (also its "
        "archive), Substack, Buttondown, Ghost or listmonk. Suppressed and "
        "unsubscribed ones first; nobody is mailed, nobody who left is brought back. "
        "USER is an admin. Safe to run twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a CSV file, or a ZIP of them")
        add_by(parser)
        parser.add_argument("--kind", choices=ReaderImport.Kind.values, default="csv")
        parser.add_argument(
            "--statement",
            required=True,
            help="where the list is from and what its people agreed to; it is kept",
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=HEADING",
            help=f"a column that is not recognised ({', '.join(imports.FIELDS)})",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check it; write nothing"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args, file: str, by: str, **options) -> None:
        user = only_one(User.objects.named(by), by)
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}.") from error
        with plain_errors():
            row = imports.begin(
                kind=options["kind"],
                file_name=Path(file).name,
                content=content,
                statement=options["statement"],
                by=user,
            )
            if options["column"]:
                chosen = dict(pair.partition("=")[::2] for pair in options["column"])
                mapping = {**row.mapping, **chosen}
                self._finish(row)
                imports.choose_columns(row=row, mapping=mapping, by=user)
            self._finish(row)
            if row.state == ImportState.DRAFT:
                found = ", ".join(imports.headings(row))
                raise CommandError(
                    f"Which column holds the address? --column address=… of: {found}"
                )
            if not options["dry_run"]:
                imports.accept(row=row, by=user)
                self._finish(row)
        self._print(row, as_json=options["json"])
        if options["dry_run"]:
            imports.discard(row=row, by=user)

    def _finish(self, row: ReaderImport) -> None:
        while imports.work(row.pk):
            pass
        row.refresh_from_db()
        if row.state == ImportState.FAILED:
            raise CommandError(f"It stopped: {row.error}")

    def _print(self, row: ReaderImport, *, as_json: bool) -> None:
        counts = row.counts
        if as_json:
            refused = row.refused.values("line", "address", "reason", "detail")
            told: dict[str, Any] = {"state": row.state, **counts}
            told["refused_lines"] = list(refused)
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        for line in row.refused.all().iterator():
            detail = f" ({line.detail})" if line.detail else ""
            words = f"{line.line}: {line.address}: {line.get_reason_display()}{detail}"
            self.stderr.write(words)
        for standing, count in counts["taken"].items():
            self.stdout.write(f"{count} {standing}")
        for reason, count in counts["refused"].items():
            self.stdout.write(f"{count} not taken: {Refusal(reason).label}")
        end = "Nothing was written." if row.state == ImportState.CHECKED else "Done."
        self.stdout.write(f"{counts['lines']} lines. {end}")
