"""A message encoded once, with gaps for what is personal.

Each gap is on lines of its own, so that a copy is shared bytes and a few small ones,
whatever the encoding around them. No line begins with a dot.
"""

import binascii
import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from email.quoprimime import body_encode
from typing import NamedTuple

from .copies import Copy

_CRLF = b"\r\n"
_SOFT_BREAK = b"=\r\n"
# What quoted-printable leaves as it is wherever it stands, and HTML as well.
_PLAIN = bytes(byte for byte in range(33, 127) if chr(byte) != "=")
_PLAIN_IN_HTML = bytes(byte for byte in _PLAIN if chr(byte) not in "&<>\"'")

Slot = Callable[[Copy], bytes]


class Value(NamedTuple):
    """What stands in a gap of one part: plain text, escaped by us inside HTML."""

    of: Callable[[Copy], str]
    is_html: bool = False
    paragraph: str = ""  # opened around it, and missing with it

    def finished(self, words: str) -> bytes:
        if self.is_html:
            words = in_html(words, self.paragraph)
        return words.encode()


def in_html(words: str, paragraph: str | None) -> str:
    if not paragraph:
        return html.escape(words)
    return f"{paragraph}{html.escape(words.strip())}</p>" if words else ""


class Tail:
    """Text in base64 from its first gap on; it fills several pieces.

    Base64 takes three bytes at a time, so what a value's length leaves over moves into
    the line of its slot; the rest of the segment behind it was encoded beforehand for
    each of the three places where it can begin.
    """

    def __init__(
        self, left: bytes, values: Sequence[Value], texts: Sequence[bytes]
    ) -> None:
        self._left = left
        self._slots = [
            (value.of, value.finished, text, [_begun(text, n) for n in range(3)])
            for value, text in zip(values, texts, strict=True)
        ]

    def __call__(self, copy: Copy) -> list[bytes]:
        pieces = []
        left = self._left
        for of, finished, text, begun in self._slots:
            left += finished(of(copy))
            missing = -len(left) % 3
            if missing > len(text):
                left += text
                continue
            pieces.append(_base64_lines(left + text[:missing]))
            lines, left = begun[missing]
            pieces.append(lines)
        if left:
            pieces.append(_base64_lines(left))
        return pieces


Piece = bytes | Slot | Tail


class Form:
    """Shared bytes in as few pieces as there can be, and what fills the gaps."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces: list[bytes] = []
        self._slots: list[tuple[int, Slot]] = []
        self._tails: list[tuple[int, Tail]] = []
        run: list[bytes] = []
        for piece in pieces:
            if isinstance(piece, bytes):
                run.append(piece)
                continue
            self._pieces += b"".join(run), b""
            run.clear()
            at = len(self._pieces) - 1
            if isinstance(piece, Tail):
                self._tails.insert(0, (at, piece))  # what it brings moves no gap
            else:
                self._slots.append((at, piece))
        self._pieces.append(b"".join(run))

    def fill(self, copy: Copy) -> list[bytes]:
        filled = self._pieces.copy()
        for at, slot in self._slots:
            filled[at] = slot(copy)
        for at, tail in self._tails:
            filled[at : at + 1] = tail(copy)
        return filled


def encoded(texts: Sequence[bytes], values: Sequence[Value]) -> tuple[str, list[Piece]]:
    """A transfer encoding, and in it texts with values between them."""
    raw = b"".join(texts)
    # Base64 costs a third, quoted-printable two bytes for each that is not ASCII.
    if sum(byte > 127 for byte in raw) * 6 > len(raw):
        return "base64", list(_in_base64(texts, values))
    return "quoted-printable", list(_in_quoted_printable(texts, values))


def _in_quoted_printable(
    texts: Sequence[bytes], values: Sequence[Value]
) -> Iterator[Piece]:
    """Segments and slots end in soft line breaks, which vanish in decoding."""
    for text, value in zip(texts, values, strict=False):
        yield _quoted(text) + _SOFT_BREAK
        yield _quoted_paragraph(value) if value.paragraph else _quoted_slot(value)
    yield _quoted(texts[-1])


def _quoted_slot(value: Value) -> Slot:
    of, finished = value.of, value.finished

    def slot(copy: Copy) -> bytes:
        words = of(copy)
        raw = words.encode()
        is_plain = len(raw) < 76 and not raw.translate(None, _PLAIN_IN_HTML)
        if is_plain and not raw.startswith(b"."):  # like every address of ours
            return raw + _SOFT_BREAK
        return _softly_quoted(finished(words))

    return slot


def _quoted_paragraph(value: Value) -> Slot:
    inner = _quoted_slot(Value(lambda copy: value.of(copy).strip(), is_html=True))
    begin, end = _softly_quoted(value.paragraph.encode()), _softly_quoted(b"</p>")
    nothing = _SOFT_BREAK

    def slot(copy: Copy) -> bytes:
        return begin + inner(copy) + end if value.of(copy) else nothing

    return slot


def _softly_quoted(words: bytes) -> bytes:
    line = binascii.b2a_qp(words, istext=False)
    if b"\n" in line:
        # Its soft breaks follow the value's own ends: CRLF, or LF where it has none.
        line = line.replace(_CRLF, b"\n").replace(b"\n", _CRLF)
    if line.startswith(b".") or b"\n." in line:
        line = _quoted(words)
    return line + _SOFT_BREAK


def _quoted(raw: bytes) -> bytes:
    """Quoted-printable, a dot at the beginning of a line as well."""
    octets = raw.decode("latin-1")
    lines = body_encode(octets, maxlinelen=73, eol="\r\n").encode("ascii")
    lines = lines.replace(b"\r\n.", b"\r\n=2E")
    return b"=2E" + lines[1:] if lines.startswith(b".") else lines


def _in_base64(texts: Sequence[bytes], values: Sequence[Value]) -> Iterator[Piece]:
    """Everything before the first slot is shared, and so is most of what follows."""
    head = texts[0]
    cut = len(head) - len(head) % 3 if values else len(head)
    yield _base64_lines(head[:cut])
    if values:
        yield Tail(head[cut:], values, texts[1:])


def _begun(text: bytes, start: int) -> tuple[bytes, bytes]:
    """Its lines from a byte on, and what is left at the end: less than three bytes."""
    end = max(len(text) - (len(text) - start) % 3, start)
    return _base64_lines(text[start:end]), text[end:]


def _base64_lines(raw: bytes) -> bytes:
    signs = binascii.b2a_base64(raw, newline=False)
    if len(signs) <= 76:  # so are many slots
        return signs + _CRLF if signs else b""
    if len(signs) <= 152:  # and so are most addresses
        return b"%b\r\n%b\r\n" % (signs[:76], signs[76:])
    return b"".join([signs[n : n + 76] + _CRLF for n in range(0, len(signs), 76)])
