"""An issue as plain, frozen data: the one shape importers fill and faces render.

text → outline → models → outline → page, mail, text, Markdown. Nothing here knows the
database. `to_dict` / `from_dict` give the JSON that revisions store; `content_hash`
names exactly what was approved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

FORM_FULL = "full"
FORM_RUN_IN = "run_in"  # the first words bold, no headline of its own
FORM_BRIEF = "brief"  # one line
FORMS = (FORM_FULL, FORM_RUN_IN, FORM_BRIEF)

ROLE_AUTHOR = "author"
ROLE_EDITOR = "editor"
ROLE_TRANSLATOR = "translator"
ROLE_ILLUSTRATOR = "illustrator"
ROLES = (ROLE_AUTHOR, ROLE_EDITOR, ROLE_TRANSLATOR, ROLE_ILLUSTRATOR)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of an item or a cover. `src` is None where the picture is missing."""

    src: str | None
    alt: str = ""
    caption: str = ""
    credit: str = ""
    width: int | None = None
    height: int | None = None

    @property
    def missing(self) -> bool:
        return not self.src


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered thing worth reading. `commentary` is Markdown."""

    headline: str
    link: str | None = None
    commentary: str = ""
    label: str = ""
    form: str = FORM_FULL
    images: tuple[Image, ...] = ()
    credit: str | None = None

    @property
    def missing_images(self) -> int:
        return sum(image.missing for image in self.images)


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring items of one topic; `topic` is None where a section has none."""

    topic: str | None = None
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its items. `once` marks one that belongs to this issue only."""

    title: str
    groups: tuple[Group, ...] = ()
    once: bool = False
    note: str = ""

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for group in self.groups for item in group.items)


@dataclass(frozen=True, slots=True)
class Credit:
    """A name on the masthead of an issue; `role` is one of ROLES."""

    name: str
    role: str = ROLE_AUTHOR


@dataclass(frozen=True, slots=True)
class Correction:
    """What readers are told of a mistake that was in print.

    `item` is the number it stands under on the page; None for the issue's own texts.
    `made_at` is a moment as ISO 8601 writes it.
    """

    note: str
    made_at: str
    item: int | None = None

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole issue. `number` is as printed: "23", "40–41", "special"."""

    number: str = ""
    title: str = ""
    dek: str = ""
    cover: Image | None = None
    opening_note: str = ""
    sections: tuple[Section, ...] = ()
    closing_note: str = ""
    credits: tuple[Credit, ...] = ()
    # What the byline was called in the source, printed as it stood ("本周作者").
    byline_label: str = field(default="")
    # Of a published issue, the oldest first.
    corrections: tuple[Correction, ...] = ()

    @property
    def authors(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.credits if c.role == ROLE_AUTHOR)

    def items(self) -> Iterator[Item]:
        for section in self.sections:
            yield from section.items

    def with_item(self, number: int, item: Item) -> Outline:
        """The same with another item in the place of this number; the first is 1."""
        numbers = count(1)
        sections = tuple(
            replace(
                section,
                groups=tuple(
                    replace(
                        group,
                        items=tuple(
                            item if next(numbers) == number else each
                            for each in group.items
                        ),
                    )
                    for group in section.groups
                ),
            )
            for section in self.sections
        )
        return replace(self, sections=sections)

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists and strings, ready for JSON."""
        data = asdict(self)
        if not self.corrections:  # so that what was hashed without them keeps its name
            del data["corrections"]
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Outline:
        """The inverse of `to_dict`. Raises KeyError or TypeError on another shape."""
        cover = data.get("cover")
        return cls(
            **{
                **data,
                "cover": Image(**cover) if cover else None,
                "credits": tuple(Credit(**credit) for credit in data["credits"]),
                "sections": tuple(_section(section) for section in data["sections"]),
                "corrections": tuple(
                    Correction(**each) for each in data.get("corrections", ())
                ),
            }
        )

    def content_hash(self) -> str:
        """64 hex digits that change with any word, link, picture or order."""
        text = json.dumps(
            self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(text.encode()).hexdigest()


def _section(data: dict[str, Any]) -> Section:
    groups = tuple(
        Group(topic=group["topic"], items=tuple(_item(item) for item in group["items"]))
        for group in data["groups"]
    )
    return Section(**{**data, "groups": groups})


def _item(data: dict[str, Any]) -> Item:
    return Item(**{**data, "images": tuple(Image(**image) for image in data["images"])})
