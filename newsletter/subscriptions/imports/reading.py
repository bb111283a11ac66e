"""A file of readers, line by line: encodings, separators, archives of several files.

The file itself is held (at most MOST_BYTES), its lines never all at once.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from editorial.content.importers.decoding import Undecodable, decode
from newsletter.models import ImportedFile, ReaderImport

from .columns import LISTS, Standing, standing_of

MOST_BYTES = 32 * 1024 * 1024
_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says; `standing` is None where its word is not known."""

    number: int  # from 1, headings included; of several files one after the other
    address: str = ""
    name: str = ""
    standing: Standing | None = Standing.SUBSCRIBED
    word: str = ""  # as the file has the standing
    agreed_at: datetime | None = None
    left_at: datetime | None = None
    evidence: str = field(default="")  # what was recorded, as it is in the file
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its headings, and its text."""

    name: str
    text: str
    separator: str
    headings: list[str]


def tables(content: bytes, name: str, kind: str = "") -> list[Table]:
    """The file, or the lists of an archive. Raises ValidationError naming `file`."""
    wanted = re.compile(rf"{LISTS.get(kind, '.*')}\.csv", re.IGNORECASE)
    try:
        found = [_table(part, data) for part, data in _parts(content, name, wanted)]
    except (Undecodable, zipfile.BadZipFile, csv.Error) as error:
        raise ValidationError({"file": str(error)}) from error
    if not any(table.headings for table in found):
        raise ValidationError({"file": _("There are no headings in its first line.")})
    return found


def tables_of(row: ReaderImport) -> list[Table]:
    """What an import's file holds; nothing once it has been read to its end."""
    file = ImportedFile.objects.filter(imported=row).first()
    return tables(bytes(file.content), row.file_name, row.kind) if file else []


def _parts(
    content: bytes, name: str, wanted: re.Pattern[str]
) -> list[tuple[str, bytes]]:
    if not content.startswith(b"PK\x03\x04"):
        return [(name, content)]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [
            member
            for member in archive.infolist()
            if wanted.fullmatch(PurePosixPath(member.filename).name)
        ]
        if sum(member.file_size for member in members) > MOST_BYTES:
            words = _("What is in it is more than %(n)d MB.")
            raise ValidationError({"file": words % {"n": MOST_BYTES // 2**20}})
        if not members:
            raise ValidationError({"file": _("There is no list of readers in it.")})
        # What the archive claims about sizes need not be true.
        return [(m.filename, archive.open(m).read(m.file_size)) for m in members]


def _table(name: str, data: bytes) -> Table:
    text = decode(data)
    if "\n" not in text:
        text = text.replace("\r", "\n")  # as old spreadsheets end their lines
    first = text.lstrip("\n\r").partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    headings = next(csv.reader([first], delimiter=separator), [])
    return Table(name, text, separator, [cell.strip() for cell in headings])


def lines(table: Table, mapping: dict[str, str], after: int = 0) -> Iterator[Line]:
    """Every line of a table but its headings and blank ones, numbered on from `after`."""
    places = {
        name: table.headings.index(heading)
        for name, heading in mapping.items()
        if heading in table.headings
    }
    whole = _standing_of_file(table, places)
    reader = csv.reader(_physical(table.text), delimiter=table.separator)
    began = False
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            yield Line(after + reader.line_num, broken=True)
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if began:
            got = {n: _cell(cells[i]) for n, i in places.items() if i < len(cells)}
            short = len(cells) <= places.get("address", 0)
            yield _line(after + reader.line_num, got, mapping, whole, broken=short)
        began = True


def _cell(text: str) -> str:
    """Without blanks around it, nor the apostrophe of exports that fear formulas."""
    text = text.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in {*"=+-@"} else text


def _physical(text: str) -> Iterator[str]:
    """The lines with their ends, without a copy of the whole."""
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin) + 1 or len(text)
        yield text[begin:end]
        begin = end


def line_count(table: Table) -> int:
    """How many lines it has at most: one of a quoted cell counts as well."""
    return table.text.count("\n") + 1


def _standing_of_file(table: Table, places: dict[str, int]) -> Standing | None:
    """What everybody in it is, where the file is about one kind of people.

    Mailchimp writes a file for each; only that of the cleaned has `CLEAN_TIME`, only
    that of the unsubscribed `UNSUB_TIME`. With both it is one file of all. Buttondown
    names the file.
    """
    named = PurePosixPath(table.name).name.lower().startswith("unsubscribe")
    if named and "standing" not in places:
        return Standing.UNSUBSCRIBED
    present = {heading.upper() for heading in table.headings}
    left, cleaned = "UNSUB_TIME" in present, "CLEAN_TIME" in present
    if left == cleaned:
        return None
    return Standing.BOUNCED if cleaned else Standing.UNSUBSCRIBED


def _line(
    number: int,
    got: dict[str, str],
    mapping: dict[str, str],
    whole: Standing | None,
    *,
    broken: bool,
) -> Line:
    if broken:
        return Line(number, broken=True)
    word = got.get("standing", "")
    standing = whole or standing_of(word, mapping.get("standing", ""))
    if standing is Standing.SUBSCRIBED:  # its own times know better
        if got.get("cleaned_at"):
            standing = Standing.BOUNCED
        elif got.get("left_at"):
            standing = Standing.UNSUBSCRIBED
    names = (got.get("first_name", ""), got.get("last_name", ""))
    recorded = (got.get(name, "") for name in ("agreed_at", "agreed_from"))
    return Line(
        number=number,
        address=got.get("address", ""),
        name=got.get("name") or " ".join(filter(None, names)),
        standing=standing,
        word=word,
        agreed_at=moment(got.get("agreed_at", "")),
        left_at=moment(got.get("left_at") or got.get("cleaned_at") or ""),
        evidence=" · ".join(filter(None, recorded)),
    )


def moment(text: str) -> datetime | None:
    """A date of ISO 8601, with or without time; without a zone it is taken as UTC.

    None for anything else: 03/04/2020 is two days, and a guess is no record.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1990 <= found.year <= 2100:  # an empty date of some database
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
