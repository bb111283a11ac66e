"""Pasted text as lines, each classed by its own shape before anybody knows its place.

Here the accidents of copying are undone: line ends of every system, no-break and other
odd spaces, zero-width characters, control characters, a number torn from its text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from django.utils.translation import gettext as _

MAX_BYTES = 1024 * 1024
MAX_LINES = 50_000


class TooLong(ValueError):
    """More text than one issue can be; nothing was read."""


class Shape(Enum):
    """What a line looks like by itself."""

    BLANK = auto()
    RULE = auto()  # ----, ====
    PICTURE = auto()  # "file": what copying leaves of an image
    ORDERED = auto()
    BULLET = auto()
    STRAY_MARKER = auto()  # a number or bullet whose text is the next line
    TEXT = auto()

    @property
    def is_empty(self) -> bool:
        """Whether such a line says nothing by itself."""
        return self is Shape.BLANK or self is Shape.RULE or self is Shape.STRAY_MARKER


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line with its shape. `text` is what follows the marker, trimmed."""

    number: int  # from 1, as an editor counts
    raw: str
    shape: Shape
    text: str = ""
    indent: int = 0  # columns before the first character
    marker: str = ""  # the style of the marker: "1.", "1)", "(1)", "①", "-" …
    ordinal: int | None = None
    changed: bool = False  # control characters were taken out

    @property
    def opens(self) -> bool:
        """Whether it begins with a number or a bullet."""
        return self.shape is Shape.ORDERED or self.shape is Shape.BULLET


def split_lines(text: str) -> list[str]:
    """The lines of `text`, whichever system ended them. Raises TooLong."""
    if len(text) > MAX_BYTES or len(text.encode(errors="replace")) > MAX_BYTES:
        raise TooLong(
            _(
                "This text is longer than 1 MiB, more than one issue has."
                " Paste one issue at a time."
            )
        )
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise TooLong(
            _(
                "This text has %(count)d lines; one issue has at most %(most)d."
                " Paste one issue at a time."
            )
            % {"count": len(lines), "most": MAX_LINES}
        )
    return lines


def read_lines(raw_lines: Sequence[str]) -> list[SourceLine]:
    """Each line, classed; indentation common to all of them is left out."""
    lines = [_read(number, raw) for number, raw in enumerate(raw_lines, start=1)]
    margin = min((ln.indent for ln in lines if ln.shape is not Shape.BLANK), default=0)
    if margin:
        lines = [replace(line, indent=max(0, line.indent - margin)) for line in lines]
    _reunite_markers(lines)
    return lines


# --- one line ---------------------------------------------------------------------------

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))
_SPACES = dict.fromkeys(
    [0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F], " "
)  # U+3000 stays: between Chinese names it means something
# Controls, lone surrogates and the non-characters that no page and no feed may hold.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_COLUMNS = {"\t": 4, "\u3000": 2}

_RULE = re.compile(r"(?:[-=_*~—–＝＿·]\s?){3,}")
_PICTURE = re.compile(
    r"[\[【(（]?\s*(?:file|image|img|picture|图片|图像)\s*[\]】)）]?", re.IGNORECASE
)
_NUMBERED = re.compile(
    r"""(?P<number>\d{1,5})\s?
        (?:
            (?P<dot>．|\.(?=\s|[^\x00-\x7f]|[A-Z]|[a-z]{3}|$))   # not "1.6", not "3.x"
          | (?P<other>[)）、])(?!\d)
        )\s*""",
    re.VERBOSE,
)
_BRACKETED = re.compile(r"[(（](?P<number>\d{1,3}|[一二三四五六七八九十]{1,3})[)）]\s*")
_CIRCLED = re.compile(r"(?P<number>[①-⑳❶-❿])\s*")
_HAN_NUMBERED = re.compile(r"(?P<number>[一二三四五六七八九十]{1,3})、\s*")
_BULLET = re.compile(r"(?P<mark>[-*+–—](?=\s|$)|[•·‣◦●○■▪▫□◆◇►▶])\s*")
_HAN_DIGITS = {
    character: value for value, character in enumerate("一二三四五六七八九", 1)
}


def _read(number: int, raw: str) -> SourceLine:
    text = raw.translate(_INVISIBLE).translate(_SPACES)
    visible = _UNPRINTABLE.sub("", text)
    indent, content = _indentation(visible)
    shape, marker, ordinal, words = _classify(content.replace("\t", " ").strip())
    return SourceLine(
        number=number,
        raw=raw,
        shape=shape,
        text=words,
        indent=indent,
        marker=marker,
        ordinal=ordinal,
        changed=visible != text,
    )


def _indentation(text: str) -> tuple[int, str]:
    content = text.lstrip()
    before = text[: len(text) - len(content)]
    return sum(_COLUMNS.get(character, 1) for character in before), content


def _classify(content: str) -> tuple[Shape, str, int | None, str]:
    if not content:
        return Shape.BLANK, "", None, ""
    if _RULE.fullmatch(content):
        return Shape.RULE, "", None, content
    if _PICTURE.fullmatch(content):
        return Shape.PICTURE, "", None, content
    return _ordered(content) or _bullet(content) or (Shape.TEXT, "", None, content)


def _ordered(content: str) -> tuple[Shape, str, int | None, str] | None:
    for pattern, style in (
        (_NUMBERED, "1"),
        (_BRACKETED, "(1)"),
        (_CIRCLED, "①"),
        (_HAN_NUMBERED, "一、"),
    ):
        match = pattern.match(content)
        if match:
            groups = match.groupdict()
            if style == "1":
                style += "." if groups["dot"] else _half_width(groups["other"])
            ordinal = _value(groups["number"])
            return Shape.ORDERED, style, ordinal, content[match.end() :]
    return None


def _bullet(content: str) -> tuple[Shape, str, int | None, str] | None:
    match = _BULLET.match(content)
    if not match:
        return None
    return Shape.BULLET, match["mark"], None, content[match.end() :]


def _half_width(mark: str) -> str:
    return ")" if mark == "）" else mark


def _value(number: str) -> int:
    """The value of "12", "１２", "⑫" or "十二"."""
    if number.isdecimal():
        return int(number)
    if len(number) == 1 and number != "十" and number not in _HAN_DIGITS:
        return int(unicodedata.numeric(number))
    tens, ten, ones = number.rpartition("十")
    return (10 * _HAN_DIGITS.get(tens, 1) if ten else 0) + _HAN_DIGITS.get(ones[:1], 0)


# --- neighbours ---------------------------------------------------------------------------


def _reunite_markers(lines: list[SourceLine]) -> None:
    """A number alone on its line belongs to the text below it, in place."""
    stray: int | None = None
    for index, line in enumerate(lines):
        if line.shape is Shape.BLANK:
            continue
        if stray is not None and line.shape is Shape.TEXT:
            torn = lines[stray]
            lines[index] = replace(
                line,
                shape=torn.shape,
                marker=torn.marker,
                ordinal=torn.ordinal,
                indent=torn.indent,
            )
            lines[stray] = replace(torn, shape=Shape.STRAY_MARKER)
        stray = index if line.opens and not line.text else None
    for index, line in enumerate(lines):
        if line.opens and not line.text:  # nothing below it either
            words = line.raw.strip()
            lines[index] = replace(line, shape=Shape.TEXT, text=words, marker="")
