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

from editorial.content.outline import Outline
from editorial.models import IssueRevision, ItemRevision

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

OWN_TEXTS = {
    "title": _("Title"),
    "dek": _("Dek"),
    "opening_note": _("Opening note"),
    "closing_note": _("Closing note"),
}
COVER_TEXTS = {
    "alt": _("The cover in words, for those who cannot see it"),
    "credit": _("Cover credit"),
}
# The outline's own names for an item's fields.
ITEM_TEXTS = {
    "headline": _("Headline"),
    "label": _("Label"),
    "link": _("Link"),
    "commentary": _("Text"),
    "credit": _("Credit"),
}


# Half of a name or of an address says nothing: these are shown as they were and are.
WHOLE = frozenset({"url", "link", "form", "section", "topic", "credit"})


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


@dataclass(frozen=True, slots=True)
class Reprint:
    """A frozen revision: what it changed in the one before, and what readers were told."""

    revision: IssueRevision
    changes: tuple[Change, ...]
    note: str


def compare(before: str, after: str) -> tuple[Part, ...]:
    """`after` with what went and what came."""
    old, new = _words(before), _words(after)
    if _too_much(old, new):
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if _too_much(old, new):
        old, new = [before], [after]
    matcher = SequenceMatcher(str.isspace, old, new, autojunk=False)
    return tuple(_parts(matcher, old, new))


def contrast(name: str, before: str, after: str) -> tuple[Part, ...]:
    """What changed in the field of this name: word by word, or the whole of it."""
    if name not in WHOLE or before == after:
        return compare(before, after)
    went = [Part("del", before)] if before else []
    came = [Part("ins", after)] if after else []
    between = [Part("same", " ")] if went and came else []
    return (*went, *between, *came)


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
    fields = [
        (name, str(label), _as_text(before.get(name)), _as_text(after.get(name)))
        for name, label in FIELDS.items()
    ]
    return tuple(
        Change(label, contrast(name, old, new))
        for name, label, old, new in fields
        if old != new
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


def reprints(revisions: list[IssueRevision]) -> list[Reprint]:
    """Each frozen revision against the one before it; they come newest first."""
    outlines = [revision.outline for revision in revisions]
    return [
        _reprint(revision, new, old)
        for revision, new, old in zip_longest(revisions, outlines, outlines[1:])
    ]


def _reprint(revision: IssueRevision, new: Outline, old: Outline | None) -> Reprint:
    if old is None:
        return Reprint(revision, (), "")
    told = new.corrections[len(old.corrections) :]
    return Reprint(revision, tuple(_reworded(old, new)), told[-1].note if told else "")


def _reworded(old: Outline, new: Outline) -> Iterator[Change]:
    for name, label in OWN_TEXTS.items():
        yield from _change(name, label, getattr(old, name), getattr(new, name))
    for name, label in COVER_TEXTS.items():
        before, after = getattr(old.cover, name, ""), getattr(new.cover, name, "")
        yield from _change(f"cover_{name}", label, before, after)
    for number, pair in enumerate(zip(old.items(), new.items(), strict=False), 1):
        for name, label in ITEM_TEXTS.items():
            before, after = (getattr(item, name) for item in pair)
            yield from _change(name, f"{number}. {label}", before, after)


def _change(
    name: str, label: Any, before: str | None, after: str | None
) -> Iterator[Change]:
    if (before or "") != (after or ""):
        yield Change(str(label), contrast(name, before or "", after or ""))
