"""The text of a message as SMTP takes it: 7 bits, CRLF, leading dots doubled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Self

_LINE_END = re.compile(rb"\r\n|\r|\n")


class Text(NamedTuple):
    """Whole lines, in pieces that `smtp_lines` made; what many share is made once."""

    pieces: Sequence[bytes]

    @classmethod
    def of(cls, message: bytes) -> Self:
        """A whole message; without empty lines at its end."""
        return cls((smtp_lines(message.rstrip(b"\r\n")),))


def smtp_lines(lines: bytes) -> bytes:
    """Whole lines of a message as they go over the wire.

    No bare CR or LF leaves (SMTP smuggling), and no line that is only a dot.
    """
    if not lines.isascii():
        raise ValueError("A message must be encoded to 7 bits before it leaves.")
    ends = lines.count(b"\n")
    if lines.count(b"\r\n") != ends or lines.count(b"\r") != ends:
        lines = _LINE_END.sub(b"\r\n", lines)
    if b"\r\n." in lines:
        lines = lines.replace(b"\r\n.", b"\r\n..")
    if lines.startswith(b"."):
        lines = b"." + lines
    return lines if not lines or lines.endswith(b"\r\n") else lines + b"\r\n"
