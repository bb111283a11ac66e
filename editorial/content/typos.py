"""What a typo fix may not change: links, numbers and names. The rest is for people.

Pure: two texts in, what differs out. Meaning cannot be decided here, so an editor may
still write something else; what can be decided is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum

from .markdown import links_in

# Digits of any script with what makes another number of them: separators inside, a
# sign or a unit that follows at once; and figures written out in Chinese. A single
# one of these is mostly no figure (一些, 统一, 万一 apart).
_NUMBER = re.compile(
    r"[-−+]?\d+(?:[.,:/·]\d+)*\s?(?:[%‰]|[百千万亿]+)?|[〇零一二两三四五六七八九十百千万亿]{2,}"
)


class Beyond(StrEnum):
    """What was changed that is more than a typo."""

    LINK = "link"
    NUMBER = "number"
    NAME = "name"


def beyond_a_typo(
    before: str, after: str, *, names: Iterable[str] = ()
) -> tuple[Beyond, ...]:
    """What of links, numbers and `names` differs between two Markdown texts.

    A name that stood there must still stand there as often; one that was misspelt may
    come to stand there.
    """
    return tuple(_differences(before, after, names))


def _differences(before: str, after: str, names: Iterable[str]) -> Iterator[Beyond]:
    if links_in(before) != links_in(after):
        yield Beyond.LINK
    if _numbers(before) != _numbers(after):
        yield Beyond.NUMBER
    if _lost(before, after, names):
        yield Beyond.NAME


def _numbers(text: str) -> list[str]:
    return ["".join(found.split()) for found in _NUMBER.findall(text)]


def _lost(before: str, after: str, names: Iterable[str]) -> Counter[str]:
    old, new = before.casefold(), after.casefold()
    wanted = {name.strip().casefold() for name in names if len(name.strip()) > 1}
    stood = Counter({n: times for n in wanted if (times := _times(n, old))})
    return stood - Counter({name: _times(name, new) for name in stood})


def _times(name: str, text: str) -> int:
    """How often `name` stands in `text` by itself: Go is not in Google."""
    if name not in text:
        return 0
    return len(re.findall(rf"(?<![0-9a-z]){re.escape(name)}(?![0-9a-z])", text))
