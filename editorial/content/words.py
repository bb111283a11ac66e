"""How much there is to read, in Chinese and in languages with blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .markdown import plain
from .outline import Outline

# Silent reading of informative prose: Brysbaert 2019 gives 238 English words a minute
# and, for Chinese, about 260 words or 400 characters.
HAN_A_MINUTE = 400
WORDS_A_MINUTE = 238

_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")


def count_words(text: str) -> tuple[int, int]:
    """(Chinese and kana characters, words of other scripts) in plain text."""
    han = len(_HAN.findall(text))
    return han, len(_WORD.findall(_HAN.sub(" ", text)))


def reading_minutes(outline: Outline) -> int:
    """Minutes to read an issue, rounded; at least one."""
    han = words = 0
    for text in _texts(outline):
        more_han, more_words = count_words(text)
        han, words = han + more_han, words + more_words
    return max(1, round(han / HAN_A_MINUTE + words / WORDS_A_MINUTE))


def _texts(outline: Outline) -> Iterator[str]:
    yield from (outline.title, outline.dek)
    yield plain(outline.opening_note, links=False)
    for section in outline.sections:
        yield section.title
        yield plain(section.note, links=False)
    for item in outline.items():
        yield f"{item.label} {item.headline}"
        yield plain(item.commentary, links=False)
    yield plain(outline.closing_note, links=False)
