"""An outline while it is being read: the same nouns, still growing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from editorial.content.outline import (
    FORM_BRIEF,
    FORM_FULL,
    FORM_RUN_IN,
    Credit,
    Group,
    Image,
    Item,
    Outline,
    Section,
)

from .lines import Shape, SourceLine

WRAPPED_AT = 55  # a line of at least this many columns was broken to fit, not to end
_ENDS = tuple("。！？!?.:：；;…")


def _line_glue(above: str, below: str) -> str:
    """What joins two lines of a paragraph: their break, unless only the margin made it."""
    columns = sum(2 if ord(character) > 0x2E7F else 1 for character in above)
    if columns < WRAPPED_AT or above.endswith(_ENDS):
        return "\n"
    return "" if ord(above[-1]) > 0x2E7F and ord(below[0]) > 0x2E7F else " "


class Prose:
    """Lines of running text and lists, joined into Markdown that keeps their breaks."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._in_list = False
        self._indents: list[int] = []
        self.last_entry: SourceLine | None = None

    def __bool__(self) -> bool:
        return bool(self._parts)

    def __str__(self) -> str:
        return "".join(self._parts)

    @property
    def ending(self) -> str:
        """The line that was added last."""
        return self._parts[-1] if self._parts else ""

    def add_text(self, text: str, *, after_blank: bool) -> None:
        """Another line of text; directly below an entry it goes on with that entry."""
        if self._in_list and not after_blank:
            self._parts.append("\n" + "    " * len(self._indents) + text)
            return
        new_paragraph = after_blank or self._in_list
        self._append(text, "\n\n" if new_paragraph else _line_glue(self.ending, text))
        self._in_list = False
        self._indents.clear()
        self.last_entry = None

    def add_entry(self, line: SourceLine) -> None:
        """Another list entry, nested as its indentation says."""
        while self._indents and self._indents[-1] >= line.indent:
            self._indents.pop()
        depth = len(self._indents)
        self._indents.append(line.indent)
        marker = "-" if line.shape is Shape.BULLET else f"{line.ordinal}."
        entry = "    " * depth + f"{marker} {line.text}"
        self._append(entry, "\n" if self._in_list else "\n\n")
        self._in_list = True
        self.last_entry = line

    def _append(self, text: str, glue: str) -> None:
        if self._parts:
            self._parts.append(glue)
        self._parts.append(text)


@dataclass(slots=True)
class ItemDraft:
    """An item; `opener` is the line that began it, `marker` "" where it had none."""

    opener: SourceLine
    headline: str
    label: str = ""
    link: str | None = None
    runs_in: bool = False  # its text begins on the headline's own line
    images: list[Image] = field(default_factory=list)
    prose: Prose = field(default_factory=Prose)

    @property
    def marker(self) -> str:
        return self.opener.marker

    def finish(self) -> Item:
        return Item(
            headline=self.headline,
            label=self.label,
            link=self.link,
            commentary=str(self.prose),
            form=self._form(),
            images=tuple(self.images),
        )

    def _form(self) -> str:
        if self.runs_in:
            return FORM_RUN_IN
        bare = not self.prose and not self.images
        return FORM_BRIEF if bare and self.link else FORM_FULL


@dataclass(slots=True)
class GroupDraft:
    topic: str | None = None
    items: list[ItemDraft] = field(default_factory=list)

    def finish(self) -> Group:
        return Group(self.topic, tuple(item.finish() for item in self.items))


@dataclass(slots=True)
class SectionDraft:
    opener: SourceLine
    title: str
    once: bool = False
    note: Prose = field(default_factory=Prose)
    groups: list[GroupDraft] = field(default_factory=lambda: [GroupDraft()])
    bare_topics: bool = False  # its topics are lines without the word "project"

    @property
    def group(self) -> GroupDraft:
        return self.groups[-1]

    @property
    def item(self) -> ItemDraft | None:
        """The item being read: the last one under the last heading."""
        return self.group.items[-1] if self.group.items else None

    @property
    def has_items(self) -> bool:
        return any(group.items for group in self.groups)

    def finish(self) -> Section:
        groups = (g.finish() for g in self.groups if g.items or g.topic is not None)
        return Section(self.title, tuple(groups), once=self.once, note=str(self.note))


@dataclass(slots=True)
class OutlineDraft:
    number: str = ""
    title: str = ""
    byline_label: str = ""
    credits: list[Credit] = field(default_factory=list)
    opening: Prose = field(default_factory=Prose)
    closing: Prose = field(default_factory=Prose)
    sections: list[SectionDraft] = field(default_factory=list)

    def finish(self) -> Outline:
        return replace(
            Outline(),
            number=self.number,
            title=self.title,
            opening_note=str(self.opening),
            closing_note=str(self.closing),
            sections=tuple(section.finish() for section in self.sections),
            credits=tuple(dict.fromkeys(self.credits)),
            byline_label=self.byline_label,
        )
