"""The list of readers as a table, for whoever moves house; each time written down."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from editorial import rules
from editorial.models import User
from newsletter.models import ReaderExport, Subscriber, Suppression
from newsletter.states import SubscriberState

HEADINGS = ("email", "name", "status", "wants", "confirmed_at", "unsubscribed_at")
# What spreadsheets run instead of showing (CWE-1236).
_RUN = ("=", "+", "-", "@", "\t", "\r")
# In words that our own import knows again.
_CAUSES = {
    Suppression.Cause.HARD_BOUNCE: "bounced",
    Suppression.Cause.BOUNCES: "bounced",
}
_BLOCKED = "blocked"


def export_readers(*, by: User) -> Iterator[str]:
    """The table as CSV, line by line, in memory that does not grow with the list.

    Every subscriber, and every suppressed address whether or not it was one. That `by`
    took it is on record before the first line. Raises PermissionDenied at once.
    """
    rules.require(rules.can_see_subscribers, by)
    orphans = _suppressed_strangers()
    rows = Subscriber.objects.count() + orphans.count()
    ReaderExport.objects.create(by=by, by_name=by.name, rows=rows)
    return _lines()


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe before what it would."""
    return f"'{text}" if text.startswith(_RUN) else text


def _lines() -> Iterator[str]:
    yield _line(HEADINGS)
    same = Suppression.objects.filter(canonical_address=OuterRef("canonical_address"))
    readers = Subscriber.objects.annotate(cause=Subquery(same.values("cause")[:1]))
    for reader in readers.order_by("pk").iterator(2000):
        left = reader.unsubscribed_at if reader.has_left else None
        confirmed = reader.state == SubscriberState.CONFIRMED
        yield _line(
            (
                reader.address,
                reader.name,
                _word(reader.cause) if reader.cause else reader.state,
                reader.wants,
                _moment(reader.confirmed_at if confirmed else None),
                _moment(left),
            )
        )
    for row in _suppressed_strangers().order_by("pk").iterator(2000):
        yield _line((row.canonical_address, "", _word(row.cause), "", "", ""))


def _suppressed_strangers() -> QuerySet[Suppression]:
    known = Subscriber.objects.values("canonical_address")
    return Suppression.objects.exclude(canonical_address__in=known)


def _word(cause: str) -> str:
    return _CAUSES.get(Suppression.Cause(cause), _BLOCKED)


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _line(cells: tuple[str, ...]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([safe_cell(cell) for cell in cells])
    return written.getvalue()
