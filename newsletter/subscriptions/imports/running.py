"""The work on an import: a shift at a time, a batch a transaction, from where it was.

A check and an import read the same lines and judge them alike; only the import writes
readers. Suppressed and unsubscribed lines go first, so that no subscribed line of the
same file is taken before the word against it. `counts["done"]` is committed with each
batch: whoever goes on after a crash reads the lines before it, and writes nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from editorial import doorbell
from editorial.models import Publication
from newsletter.models import ImportedFile, ReaderImport, RefusedLine
from newsletter.states import IMPORT_MOVES, ImportState, Refusal

from . import reading, taking
from .columns import Standing
from .judging import Candidate, Known, read_address

logger = logging.getLogger(__name__)

BATCH = 1000  # lines in one transaction
SHIFT = 20.0  # seconds until another worker may have its turn
LEASE = timedelta(seconds=90)

Judged = tuple[reading.Line, Candidate | Refusal, str]


def work(import_id: int, *, shift: float = SHIFT) -> bool:
    """Check or import for a while; whether there is more to do. Safe to run twice.

    Nothing is done while another worker holds the import.
    """
    free = Q(lease_until=None) | Q(lease_until__lte=Now())
    rows = ReaderImport.objects.filter(pk=import_id)
    at_work = rows.filter(state__in=[ImportState.CHECKING, ImportState.RUNNING])
    if not at_work.filter(free).update(lease_until=Now() + LEASE):
        return False
    row = rows.get()
    try:
        finished = _work_on(row, until=time.monotonic() + shift)
    except Exception as error:  # (one file must not come round for ever)
        logger.exception("import %s stopped", import_id)
        words = "; ".join(error.messages) if isinstance(error, ValidationError) else ""
        move(row, ImportState.FAILED, error=(words or type(error).__name__)[:300])
        finished = True
    rows.update(lease_until=None)
    if not finished:
        doorbell.ring("newsletter.work_on_import", import_id)
    return not finished


def work_on_all() -> None:
    """Go on with whatever a lost wake-up or a dead worker left."""
    at_work = [ImportState.CHECKING, ImportState.RUNNING]
    for row in ReaderImport.objects.filter(state__in=at_work).only("pk"):
        work(row.pk)


def move(row: ReaderImport, to: ImportState, **fields: Any) -> bool:
    """Write the state, if it is still the one this row was read in."""
    if to not in IMPORT_MOVES[ImportState(row.state)]:
        return False
    rows = ReaderImport.objects.filter(pk=row.pk, state=row.state)
    moved = bool(rows.update(state=to, **fields))
    if moved:
        row.state = to
        for name, value in fields.items():
            setattr(row, name, value)
    return moved


def _work_on(row: ReaderImport, *, until: float) -> bool:
    """False where time ran out before the end."""
    tables = reading.tables_of(row)
    account = Account.of(row)
    for number, batch in enumerate(_batches(tables, row.mapping)):
        if number < account.done:
            continue
        if time.monotonic() > until:
            return False
        _do(row, batch, account)
    _finish(row)
    return True


@transaction.atomic
def _finish(row: ReaderImport) -> None:
    if row.state == ImportState.CHECKING:
        move(row, ImportState.CHECKED)
    else:
        move(row, ImportState.DONE, finished_at=timezone.now())
        ImportedFile.objects.filter(imported=row).delete()


@dataclass
class Account:
    """What has become of the lines so far."""

    done: int = 0  # batches
    lines: int = 0
    total: int = 0  # lines in the file, blank ones and headings included
    taken: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, row: ReaderImport) -> Account:
        return cls(**row.counts)

    def note(self, judged: list[Judged]) -> None:
        self.done += 1
        self.lines += len(judged)
        for _line, verdict, _detail in judged:
            if isinstance(verdict, Refusal):
                kept, word = self.refused, verdict.value
            else:
                kept, word = self.taken, str(verdict.line.standing)
            kept[word] = kept.get(word, 0) + 1


def _do(row: ReaderImport, batch: list[Judged], account: Account) -> None:
    with transaction.atomic():
        # As every request does: nobody subscribes between the look and the write.
        Publication.objects.select_for_update(no_key=True).current()
        candidates = [v for _l, v, _d in batch if isinstance(v, Candidate)]
        known = Known.about(candidates)
        judged = [
            (line, _judge(verdict, known), detail) for line, verdict, detail in batch
        ]
        if row.state == ImportState.RUNNING:
            chosen = [v for _l, v, _d in judged if isinstance(v, Candidate)]
            taking.take(row, chosen, known)
        RefusedLine.objects.bulk_create(
            RefusedLine(
                imported=row,
                line=line.number,
                address=line.address[:254].replace("\0", ""),
                reason=verdict,
                detail=detail,
            )
            for line, verdict, detail in judged
            if isinstance(verdict, Refusal)
        )
        account.note(judged)
        ReaderImport.objects.filter(pk=row.pk).update(
            counts=vars(account), lease_until=Now() + LEASE
        )


def _judge(verdict: Candidate | Refusal, known: Known) -> Candidate | Refusal:
    if isinstance(verdict, Refusal):
        return verdict
    return known.refusal_of(verdict) or verdict


def _batches(
    tables: list[reading.Table], mapping: dict[str, str]
) -> Iterator[list[Judged]]:
    """Everything there is, what speaks against mailing somebody first."""
    seen: dict[int, int] = {}  # hash of an address → the line it was on first
    for is_first in (True, False):
        lines = _lines(tables, mapping)
        chosen = (
            line
            for line in lines
            if (line.standing is not Standing.SUBSCRIBED or line.broken) is is_first
        )
        judged = (_look(line, seen) for line in chosen)
        while batch := list(islice(judged, BATCH)):
            yield batch


def _lines(
    tables: list[reading.Table], mapping: dict[str, str]
) -> Iterator[reading.Line]:
    after = 0
    for table in tables:
        yield from reading.lines(table, mapping, after)
        after += reading.line_count(table)


def _look(line: reading.Line, seen: dict[int, int]) -> Judged:
    verdict = read_address(line)
    if isinstance(verdict, Refusal):
        return line, verdict, line.word if verdict is Refusal.STANDING else ""
    first = seen.setdefault(hash(verdict.canonical), line.number)
    if first != line.number:
        return line, Refusal.DUPLICATE, str(first)
    return line, verdict, ""
