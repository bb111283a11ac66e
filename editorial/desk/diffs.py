"""What changed between two texts, word by word, and between two revisions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext_lazy as _

from editorial.models import ItemRevision

# A Han or kana character is a word of its own; so is each run of letters or blanks.
_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+|\s+|[^\w\s]")
# Past these the matcher takes seconds, or for ever where one word is all there is:
# whole lines are compared then, and past them the text as a whole.
MOST_WORDS = 6000
MOST_PAIRS = 150_000

FIELDS = {
    "headline": _("Headline"),
    "label": _("Label"),
    "url": _("Link"),
    "commentary": _("Text"),
    "form": _("Form"),
    "section": _("Section"),
    "topic": _("Topic"),
    "credit": _("Credit"),
    "images": _("Pictures"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text; `kind` is "same", "ins" or "del"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs, as parts to show one after another."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """One save in an item's history: what it changed; nothing for the first."""

    revision: ItemRevision
    changes: tuple[Change, ...]
    is_first: bool


def compare(before: str, after: str) -> tuple[Part, ...]:
    """`after` with what went and what came."""
    old, new = _words(before), _words(after)
    if _too_much(old, new):
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if _too_much(old, new):
        old, new = [before], [after]
    matcher = SequenceMatcher(str.isspace, old, new, autojunk=False)
    return tuple(_parts(matcher, old, new))


def _too_much(old: list[str], new: list[str]) -> bool:
    """Whether the matcher would take seconds; it looks at each pair of equal words."""
    mine, others = Counter(old), Counter(new)
    pairs = sum(n * others[word] for word, n in mine.items() if not word.isspace())
    return len(old) + len(new) > MOST_WORDS or pairs > MOST_PAIRS


def _words(text: str) -> list[str]:
    return _WORDS.findall(text)


def _parts(matcher: SequenceMatcher, old: list[str], new: list[str]) -> Iterator[Part]:
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        if kind == "equal":
            yield Part("same", "".join(new[b1:b2]))
            continue
        if a2 > a1:
            yield Part("del", "".join(old[a1:a2]))
        if b2 > b1:
            yield Part("ins", "".join(new[b1:b2]))


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[Change, ...]:
    """The fields of two snapshots that differ."""
    pairs = [
        (str(label), _as_text(before.get(name)), _as_text(after.get(name)))
        for name, label in FIELDS.items()
    ]
    return tuple(
        Change(label, compare(old, new)) for label, old, new in pairs if old != new
    )


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(
            " · ".join(filter(None, (str(each.get(k, "")) for k in ("alt", "caption"))))
            or str(each.get("name", ""))
            for each in value
        )
    return str(value or "")


def history(revisions: list[ItemRevision]) -> list[Saved]:
    """Each save against the one before it; `revisions` come newest first."""
    pairs = zip_longest(revisions, revisions[1:])
    return [
        Saved(new, changes(old.text, new.text) if old else (), is_first=old is None)
        for new, old in pairs
    ]
