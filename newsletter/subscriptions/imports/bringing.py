"""The presses of an import: bring a file, choose its columns, accept or discard it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from editorial import doorbell, rules
from editorial.content.typed_text import clean_text
from editorial.models import User
from editorial.states import IllegalTransition
from newsletter.models import ImportedFile, ReaderImport
from newsletter.states import ImportState

from . import reading
from .columns import FIELDS, NEEDED, recognise
from .running import move

SHORTEST_STATEMENT = 10


@transaction.atomic
def begin(
    *, kind: str, file_name: str, content: bytes, statement: str, by: User
) -> ReaderImport:
    """Keep a file and have it checked; nothing is written about any reader yet.

    `statement` says where the list is from and what its people agreed to; it is kept.
    Where no column of addresses is recognised it waits for `choose_columns`. Raises
    ValidationError naming `file`, `kind` or `statement`.
    """
    rules.require(rules.can_see_subscribers, by)
    if kind not in ReaderImport.Kind:
        raise ValidationError({"kind": _("Choose one of these.")})
    if len(content) > reading.MOST_BYTES:
        most = _("At most %(n)d MB; split the file in two.")
        raise ValidationError({"file": most % {"n": reading.MOST_BYTES // 2**20}})
    tables = reading.tables(content, file_name, kind)
    mapping: dict[str, str] = {}
    for table in tables:
        mapping = recognise(kind, table.headings) | mapping
    needed, words = NEEDED.get(kind, ("", ""))
    if needed and needed not in mapping:
        raise ValidationError({"file": str(words)})
    row = ReaderImport.objects.create(
        kind=kind,
        file_name=file_name[-200:],
        statement=_clean_statement(statement),
        mapping=mapping,
        by=by,
        by_name=by.name,
    )
    ImportedFile.objects.create(imported=row, content=content)
    if "address" in mapping:
        _check(row, mapping)
    return row


@transaction.atomic
def choose_columns(*, row: ReaderImport, mapping: dict[str, str], by: User) -> None:
    """Read the file anew with other columns: our field → its heading in the file.

    Raises ValidationError naming `address`, IllegalTransition while it is at work.
    """
    rules.require(rules.can_see_subscribers, by)
    present = headings(row)
    chosen = {n: h for n, h in mapping.items() if n in FIELDS and h in present}
    if "address" not in chosen:
        raise ValidationError({"address": _("Say which column holds the address.")})
    _check(row, chosen)


@transaction.atomic
def accept(*, row: ReaderImport, by: User) -> None:
    """Import what was checked. Raises IllegalTransition for the second of two presses.

    What has changed since the check counts as it is then.
    """
    rules.require(rules.can_see_subscribers, by)
    _restart(row, ImportState.RUNNING)


@transaction.atomic
def discard(*, row: ReaderImport, by: User) -> None:
    """Forget a file of which nothing was imported."""
    rules.require(rules.can_see_subscribers, by)
    if row.state in {ImportState.RUNNING, ImportState.DONE, ImportState.FAILED}:
        raise IllegalTransition(str(row), row.state, "discarded")
    row.delete()


def headings(row: ReaderImport) -> list[str]:
    """The headings in the file, each once; none when it has been read to its end."""
    tables = reading.tables_of(row)
    return list(dict.fromkeys(h for table in tables for h in table.headings if h))


def _check(row: ReaderImport, mapping: dict[str, str]) -> None:
    _restart(row, ImportState.CHECKING, mapping=mapping)


def _restart(row: ReaderImport, to: ImportState, **fields: object) -> None:
    tables = reading.tables_of(row)
    total = sum(reading.line_count(table) for table in tables)
    counts = {"done": 0, "lines": 0, "total": total, "taken": {}, "refused": {}}
    if not move(row, to, counts=counts, **fields):
        raise IllegalTransition(str(row), row.state, to)
    row.refused.all().delete()
    doorbell.ring("newsletter.work_on_import", row.pk)


def _clean_statement(typed: str) -> str:
    try:
        statement = clean_text(typed).strip()
    except ValueError as error:
        raise ValidationError({"statement": str(error)}) from error
    if len(statement) < SHORTEST_STATEMENT:
        words = _("Write down where the list is from and what people agreed to.")
        raise ValidationError({"statement": words})
    return statement[:2000]
