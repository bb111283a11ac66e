"""Tables for spreadsheet programs, which take some texts for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

# By the first of these a program tells a formula from a text; a tab or a line break in
# front is skipped by some. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_BOM = "\ufeff"  # without it Excel reads Chinese as something else
_AT_ONCE = 8192  # characters: a server sends each piece by itself


def safe_cell(value: object) -> str:
    """The value as text that no program runs; "" for None."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_pieces(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The rows as a CSV file (RFC 4180) that begins with a byte order mark.

    In pieces of some lines each, so that a file of any length takes little memory.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(_BOM)
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        if buffer.tell() >= _AT_ONCE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue()
