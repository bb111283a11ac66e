"""Check links from the command line, of an issue, of the archive or of a file."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from editorial import links
from editorial.fetching import seam
from editorial.fetching.lists import read_urls
from editorial.fetching.manners import Manners
from editorial.fetching.verdicts import Judgement, Reason, Verdict
from editorial.fetching.visits import visit_in_batches
from editorial.management.arguments import issue_numbered
from editorial.models import Issue, Link

SOME_BROKEN, UNREADABLE = 1, 2  # exit status
AT_ONCE = 500  # links that are given to the newsroom's check together
WHOLE_RUN = 24 * 60 * 60.0  # seconds: somebody waits, and may press Ctrl-C


@dataclass(frozen=True, slots=True)
class Row:
    """What is told of one link."""

    verdict: str
    reason: str
    url: str
    status: int | None
    detail: str
    moved_to: str


class Command(BaseCommand):
    help = (
        "Visits links and says ok, unsure or broken of each. Exit status: 0 none is "
        "broken, 1 some are, 2 the command or the file cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--issue", metavar="N", help="links of this issue; stored")
        what.add_argument(
            "--all-published", action="store_true", help="links of all issues; stored"
        )
        what.add_argument(
            "--file",
            metavar="FILE",
            help="a URL a line, or Markdown (.md) or HTML (.html); - is standard "
            "input. Needs no database, and stores nothing",
        )
        parser.add_argument(
            "--format", choices=("table", "json", "tsv"), default="table"
        )
        parser.add_argument(
            "--jobs", type=int, metavar="N", help="most requests at once"
        )
        parser.add_argument(
            "--allow-network",
            metavar="CIDR",
            help="under the settings of the tests only: a range of loopback that may "
            "be visited, on any port",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with _allowing(options["allow_network"]):
            rows = list(self._show_progress(*_begin(options)))
        if options["format"] == "json":
            self.stdout.write(json.dumps([asdict(row) for row in rows], indent=2))
        else:
            write = _as_tsv if options["format"] == "tsv" else _as_table
            self.stdout.write("".join(f"{line}\n" for line in write(rows)), ending="")
        if any(row.verdict == Verdict.BROKEN for row in rows):
            sys.exit(SOME_BROKEN)

    def _show_progress(self, total: int, batches: Iterator[list[Row]]) -> Iterator[Row]:
        """The rows; meanwhile a bar, where somebody watches."""
        done, watched = 0, self.stderr.isatty()
        for rows in batches:
            yield from rows
            done += len(rows)
            if watched:
                bar = "#" * (30 * done // total)
                self.stderr.write(f"\r[{bar:30}] {done}/{total}", ending="")
        if watched:
            self.stderr.write("")


@contextlib.contextmanager
def _allowing(cidr: str | None) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        if cidr:
            try:
                stack.enter_context(seam.opened(cidr))
            except (ImproperlyConfigured, ValueError) as error:
                raise _unreadable(f"--allow-network {cidr}: {error}") from error
        yield


def _begin(options: dict[str, Any]) -> tuple[int, Iterator[list[Row]]]:
    """How many links there are, and their rows as they become known."""
    jobs = options["jobs"]
    if jobs is not None and jobs < 1:
        raise _unreadable("--jobs: a number from 1 on.")
    if options["file"]:
        urls = _read_file(options["file"])
        return len(urls), _visit(urls, jobs)
    chosen = Link.objects.filter(item_links__item__issue__in=_issues(options["issue"]))
    keys = list(chosen.distinct().order_by("pk").values_list("pk", flat=True))
    return len(keys), _check(keys, jobs)


def _issues(number: str | None) -> Iterable[Issue]:
    if number is None:
        return Issue.objects.published()
    try:
        return [issue_numbered(number)]
    except CommandError as error:
        raise _unreadable(str(error)) from error


def _read_file(name: str) -> list[str]:
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return read_urls(raw.decode("utf-8-sig"), name=name)
    except OSError as error:
        raise _unreadable(f"--file {name}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise _unreadable(f"--file {name}: this is not UTF-8 text.") from error


def _unreadable(message: str) -> CommandError:
    return CommandError(message, returncode=UNREADABLE)


def _visit(urls: list[str], jobs: int | None) -> Iterator[list[Row]]:
    manners = Manners(at_once=jobs) if jobs else None
    if urls:
        for found in visit_in_batches(urls, manners=manners, budget=WHOLE_RUN):
            yield [_row(url, judgement) for url, judgement in found.items()]


def _check(keys: list[int], jobs: int | None) -> Iterator[list[Row]]:
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        links.check(part, at_once=jobs)
        checked = Link.objects.filter(pk__in=part).select_related("last_check")
        yield [_row_of(link) for link in checked.order_by("pk")]


def _row(url: str, found: Judgement) -> Row:
    return Row(
        verdict=found.verdict.value,
        reason=found.reason.value,
        url=url,
        status=found.status,
        detail=found.detail,
        moved_to=found.moved_to,
    )


def _row_of(link: Link) -> Row:
    last = link.last_check
    return Row(
        verdict=link.verdict,
        reason=link.reason,
        url=link.url,
        status=last.status if last else None,
        detail=last.detail if last else "",
        moved_to=link.moved_to,
    )


def _as_tsv(rows: list[Row]) -> Iterator[str]:
    return (f"{row.verdict}\t{row.reason}\t{row.url}" for row in rows)


def _as_table(rows: list[Row]) -> Iterator[str]:
    """Worst first, then by address, and the sums."""
    order = [verdict.value for verdict in links.WORST_FIRST]
    for row in sorted(rows, key=lambda row: (order.index(row.verdict), row.url)):
        why = str(Reason(row.reason).label) if row.reason else ""
        more = row.moved_to or row.detail or (row.status or "")
        yield f"{row.verdict:9}  {why:40}  {row.url}{f'  ({more})' if more else ''}"
    sums = {verdict: sum(row.verdict == verdict for row in rows) for verdict in order}
    parts = [f"{count} {verdict}" for verdict, count in sums.items() if count]
    yield f"{len(rows)} links: {', '.join(parts)}" if rows else "No links."
