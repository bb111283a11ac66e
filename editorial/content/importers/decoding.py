"""Bytes of a text file → text, or a clear word about where they stop being text.

UTF-8 first; then the two encodings old editors still write without saying so: GB18030
(Chinese Windows) and Windows-1252 (everyone else's). Almost any bytes "decode" as the
latter two, so each must also look like what people write with it.
"""

from __future__ import annotations

import codecs
import re

from django.utils.translation import gettext as _


class Undecodable(ValueError):
    """Bytes that are no text in an encoding we know; `offset` is the first bad one."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(
            _(
                "This file is not text we can read: byte %(offset)d fits neither UTF-8,"
                " GB18030 nor Windows-1252. Save it as UTF-8 and try again."
            )
            % {"offset": offset}
        )


_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_UTF8_LETTER = re.compile(
    rb"[\xc3][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_GB18030_CHARACTER = re.compile(
    rb"[\x81-\xfe](?:[\x30-\x39][\x81-\xfe][\x30-\x39]|[\x40-\xfe])"
)
_GB2312_CHARACTER = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_HIGH_PAIR = re.compile(rb"[\x80-\xff]{2}")
_MOSTLY = 0.8


def decode(data: bytes) -> str:
    """The text of a file, without byte order mark. Raises Undecodable."""
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return _decode_declared(data, len(bom), encoding)
    control = _CONTROL.search(data)
    if control:
        raise Undecodable(control.start())
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = _as_gb18030(data) or _as_windows_1252(data)
        if text is None:
            raise Undecodable(error.start) from None
        return text


def _decode_declared(data: bytes, skip: int, encoding: str) -> str:
    try:
        return data[skip:].decode(encoding)
    except UnicodeDecodeError as error:
        raise Undecodable(skip + error.start) from None


def _as_gb18030(data: bytes) -> str | None:
    """`data` as GB18030 where most of its characters are the common ones (GB 2312)."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    characters = _GB18030_CHARACTER.findall(data)
    common = sum(map(bool, map(_GB2312_CHARACTER.fullmatch, characters)))
    return text if common >= _MOSTLY * len(characters) else None


def _as_windows_1252(data: bytes) -> str | None:
    """`data` as Windows-1252 where its accents and quotes stand alone among ASCII."""
    if _UTF8_LETTER.search(data):
        return None  # UTF-8 with a damaged byte: guessing would hide the damage
    high = sum(byte >= 0x80 for byte in data)
    paired = sum(len(pair) for pair in _HIGH_PAIR.findall(data))
    if paired > (1 - _MOSTLY) * high or high > len(data) / 2:
        return None
    try:
        return data.decode("windows-1252")
    except UnicodeDecodeError:
        return None
