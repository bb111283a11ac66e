"""An outline made ready to print, the same for every face.

Items are numbered through the whole issue, sections get the names by which a page can
be entered, hosts and absolute addresses are worked out. A face only writes it down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from editorial.content import outline as plain
from editorial.content.link_keys import InvalidUrl, clean_url, host_of
from editorial.content.slugs import slugify

from .copies import NO_COPIES, Copies, CopyNote

# Markdown and the level of its headings → the face's own kind of text.
Prose = Callable[[str, int], str]


def nowhere(name: str) -> str:
    """The address of a name that has no page."""
    return ""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where names lead. "" makes a name plain text; a mapping's `.get` will do too."""

    section: Callable[[str], str | None] = nowhere
    topic: Callable[[str], str | None] = nowhere
    author: Callable[[str], str | None] = nowhere


@dataclass(frozen=True, slots=True)
class Picture:
    src: str
    alt: str
    caption: str
    credit: str
    width: int  # 0 where it is not known
    height: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A correction as readers find it; `id` is where a link leads to it."""

    id: str
    at: datetime
    words: str

    @property
    def day(self) -> str:
        return date_format(_local(self.at), "DATE_FORMAT")

    @property
    def plain(self) -> str:
        """In one line, for faces without mark-up."""
        label = _("Correction, %(day)s") % {"day": self.day}
        return label + pgettext("between a label and its text", ": ") + self.words


@dataclass(frozen=True, slots=True)
class Item:
    """`level` is that of its headline: 3, or 4 under a topic."""

    number: int
    level: int
    form: str
    label: str
    headline: str
    link: str
    host: str
    prose: str
    pictures: tuple[Picture, ...]
    credit: str
    credit_url: str
    notes: tuple[CopyNote, ...]  # of links that lead to a copy
    corrections: tuple[Notice, ...]

    @property
    def is_brief(self) -> bool:
        return self.form == plain.FORM_BRIEF

    @property
    def is_run_in(self) -> bool:
        return self.form == plain.FORM_RUN_IN


@dataclass(frozen=True, slots=True)
class Group:
    topic: str
    topic_url: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """`id` is unique on the page and cannot be mistaken for the page's own."""

    id: str
    title: str
    url: str
    note: str
    groups: tuple[Group, ...]

    @property
    def item_count(self) -> int:
        return sum(len(group.items) for group in self.groups)


@dataclass(frozen=True, slots=True)
class Issue:
    opening_note: str
    sections: tuple[Section, ...]
    closing_note: str
    corrections: tuple[Notice, ...]  # of these notes, the title and the like


def _local(at: datetime) -> datetime:
    return timezone.localtime(at) if timezone.is_aware(at) else at


def typeset(
    outline: plain.Outline,
    *,
    prose: Prose,
    addresses: Addresses | None = None,
    base: str = "",
    column: int = 0,
    copies: Copies = NO_COPIES,
) -> Issue:
    """`outline` ready to print, with `prose` for its Markdown.

    Sections and topics without items are left out. With `base`
    ("https://weekly.example") the addresses of pictures and names become absolute;
    pictures wider than `column` pixels are made to fit. Dead links in `copies` lead to
    those; that of the Markdown is the business of `prose`.
    """
    setter = _Typesetter(prose, addresses or Addresses(), base, column, copies)
    return Issue(
        opening_note=setter.note(outline.opening_note),
        sections=tuple(setter.sections(outline)),
        closing_note=setter.note(outline.closing_note),
        corrections=setter.corrections(outline, None),
    )


def join_names(names: list[str]) -> str:
    """Names as the language in force strings them together."""
    return pgettext("between two names", ", ").join(names)


def names_by_label(
    outline: plain.Outline, labels: dict[str, str]
) -> dict[str, list[str]]:
    """The credited names under `labels` by role; authors under the printed label."""
    named: dict[str, list[str]] = {}
    for credit in outline.credits:
        label = labels.get(credit.role, "")
        if credit.role == plain.ROLE_AUTHOR and outline.byline_label:
            label = outline.byline_label
        named.setdefault(label, []).append(credit.name)
    return named


def absolute(address: str, base: str) -> str:
    """`address` for a reader elsewhere; "" for anything but a web address or a path."""
    if address.startswith("/") and not address.startswith("//"):
        return f"{base}{address}"
    try:
        clean_url(address)
    except InvalidUrl:
        return ""
    return address


class _Typesetter:
    def __init__(
        self,
        prose: Prose,
        addresses: Addresses,
        base: str,
        column: int,
        copies: Copies,
    ) -> None:
        self._prose = prose
        self._addresses = addresses
        self._base = base.rstrip("/")
        self._column = column
        self._copies = copies
        self._numbers = count(1)
        self._ids: set[str] = set()

    def note(self, markdown: str) -> str:
        return self._prose(markdown, 3) if markdown else ""

    def corrections(
        self, outline: plain.Outline, number: int | None
    ) -> tuple[Notice, ...]:
        return tuple(
            Notice(id=f"correction-{n}", at=each.at, words=each.note)
            for n, each in enumerate(outline.corrections, 1)
            if each.item == number
        )

    def sections(self, outline: plain.Outline) -> Iterator[Section]:
        for section in outline.sections:
            if section.items:
                yield Section(
                    id=self._unique_id(section.title),
                    title=section.title,
                    url=self._address(self._addresses.section, section.title),
                    note=self.note(section.note),
                    groups=tuple(
                        self._group(outline, g) for g in section.groups if g.items
                    ),
                )

    def _unique_id(self, title: str) -> str:
        stem = f"s-{slugify(title)}"
        name = next(
            name
            for n in count(1)
            if (name := stem if n == 1 else f"{stem}-{n}") not in self._ids
        )
        self._ids.add(name)
        return name

    def _group(self, outline: plain.Outline, group: plain.Group) -> Group:
        level = 4 if group.topic else 3
        return Group(
            topic=group.topic or "",
            topic_url=self._address(self._addresses.topic, group.topic or ""),
            items=tuple(self._item(outline, item, level) for item in group.items),
        )

    def _item(self, outline: plain.Outline, item: plain.Item, level: int) -> Item:
        link = absolute(item.link or "", self._base)
        number = next(self._numbers)
        return Item(
            number=number,
            level=level,
            form=item.form,
            label=item.label,
            headline=item.headline,
            link=self._copies.lead(link),
            host=host_of(link) if "://" in link else "",
            notes=self._copies.notes(item.link or "", item.commentary),
            prose=self._prose(item.commentary, level + 1) if item.commentary else "",
            pictures=tuple(self._pictures(item.images)),
            credit=item.credit or "",
            credit_url=self._address(self._addresses.author, item.credit or ""),
            corrections=self.corrections(outline, number),
        )

    def _pictures(self, images: tuple[plain.Image, ...]) -> Iterator[Picture]:
        for image in images:
            src = absolute(image.src or "", self._base)
            if src:
                width, height = self._fitted(image.width or 0, image.height or 0)
                yield Picture(
                    src=src,
                    alt=image.alt,
                    caption=image.caption,
                    credit=image.credit,
                    width=width,
                    height=height,
                )

    def _fitted(self, width: int, height: int) -> tuple[int, int]:
        if self._column and width > self._column:
            return self._column, round(height * self._column / width)
        return width, height

    def _address(self, find: Callable[[str], str | None], name: str) -> str:
        return absolute((find(name) or "") if name else "", self._base)
