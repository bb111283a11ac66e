"""Web addresses standing bare in running text, Chinese or Latin.

Markdown parsers let a bare address run on to the next blank, and Chinese text has
none: `https://a.test/x宣布` would be swallowed whole. Here an address is what RFC 3986
can spell: ASCII only, so Chinese characters and full-width punctuation end it. What is
written around it is not taken into it either: closing punctuation, an unpaired closing
bracket, or a comma before the next address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_CANDIDATE = re.compile(
    r"""(?<![A-Za-z0-9])            # "xhttp://" is a word of its own
    https?://(?=[A-Za-z0-9])
    (?:
        (?![,;]https?://)           # a,b: two addresses
        [A-Za-z0-9\-._~:/?\#@!$&'()*+,;=%]
        | \[[\w.\-]*\](?==)         # ?tag[]=x, as browsers copy it
    )+""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_TRAILING = ".,:;!?'*_~"  # punctuation and emphasis marks of the sentence around it


class BareUrl(NamedTuple):
    """An address and where it stands: `text[start:end] == url`."""

    start: int
    end: int
    url: str


def find(text: str) -> Iterator[BareUrl]:
    """The bare http and https addresses of `text`, in order."""
    for match in _CANDIDATE.finditer(text):
        url = _without_surroundings(match.group())
        if not url.endswith("://"):
            yield BareUrl(match.start(), match.start() + len(url), url)


def swap(text: str, new_for: Callable[[str], str]) -> str:
    """`text` with each of its addresses replaced by what `new_for` gives for it."""
    parts: list[str] = []
    position = 0
    for start, end, url in find(text):
        parts += text[position:start], new_for(url)
        position = end
    return "".join((*parts, text[position:]))


def _without_surroundings(candidate: str) -> str:
    end = _end_of_balance(candidate)
    while end and candidate[end - 1] in _TRAILING + "(":
        end -= 1
    return candidate[:end]


def _end_of_balance(candidate: str) -> int:
    """Where the first `)` stands that nothing inside the address opened."""
    depth = 0
    for position, character in enumerate(candidate):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth < 0:
                return position
    return len(candidate)
