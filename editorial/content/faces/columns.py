"""Plain text in columns, for readers whose program breaks no lines.

Counted as a terminal shows it: a Han character is two columns wide (UAX #11). Not
format=flowed (RFC 3676): Chinese needs its DelSp, which the large programs do not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import combining, east_asian_width

COLUMNS = 72

# What no line may begin or end with (a subset of JIS X 4051 and CLREQ).
_CLOSING = frozenset("，。、；：？！）》」』】〕〉”’…—·％,.;:?!)]}")
_OPENING = frozenset("（《「『【〔〈“‘([{")
_ADDRESS = re.compile(r"[(（]?https?://[!-~]+")
# One piece is a blank, an address, a word, or a sign that may stand alone.
_PIECE = re.compile(rf"\s+|{_ADDRESS.pattern}|[!-~\u00a1-\u1fff]+|.", re.DOTALL)
# The mark of a list entry, under which its further lines are set in.
_MARK = re.compile(r"\s*(?:[-*•] |\d{1,3}\. )")


def width(text: str) -> int:
    """How many columns `text` takes."""
    return sum(
        0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def fold(text: str, columns: int = COLUMNS) -> str:
    """`text` with its lines broken to so many columns; addresses are never broken."""
    return "\n".join(
        part for line in text.split("\n") for part in _folded(line, columns)
    )


def _folded(line: str, columns: int) -> Iterator[str]:
    if width(line) <= columns:
        yield line
        return
    mark = _MARK.match(line)
    indent = " " * width(mark.group()) if mark else ""
    current = ""
    for piece in _pieces(line):
        if current.strip() and width(current + piece.rstrip()) > columns:
            yield current.rstrip()
            current = indent + piece.lstrip()
        else:
            current += piece
    yield current.rstrip()


def _pieces(line: str) -> Iterator[str]:
    """What may stand on a line of its own, closing signs with what they close."""
    held = ""
    for match in _PIECE.finditer(line):
        piece = match.group()
        if held and piece[0] not in _CLOSING and held[-1] not in _OPENING:
            yield held
            held = piece
        else:
            held += piece
    yield held
