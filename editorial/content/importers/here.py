"""Where the reader stands, and what a line may be there.

Nothing here changes the outline: these are the questions the reader of pasted text asks
about a line, each answered from the line, its neighbours and what is open above it.
"""

from __future__ import annotations

from enum import Enum, auto

from . import headings
from .ahead import Ahead
from .drafts import ItemDraft, OutlineDraft, Prose, SectionDraft
from .headings import Heading, is_short
from .headlines import take_link
from .lines import Shape, SourceLine
from .parsed import Known


class Place(Enum):
    """Where the reader stands."""

    FRONT = auto()  # before the first section: byline, number, title, opening note
    HEADING = auto()  # under a section or topic: topics, notes, the first item
    ITEM = auto()  # in an item: text, lists, images; the next item, topic, section


class Here:
    """The place of the reader: the draft so far, and what comes."""

    def __init__(self, lines: list[SourceLine], known: Known) -> None:
        self.known_titles = {headings.fold(title) for title in known.sections}
        self.topics = headings.Topics(known.topics)
        self.ahead = Ahead(lines, self.known_titles)
        self.draft = OutlineDraft()
        self.after_blank = True
        self.closing = False  # past the last item: what follows is the closing note

    @property
    def section(self) -> SectionDraft | None:
        return self.draft.sections[-1] if self.draft.sections else None

    @property
    def item(self) -> ItemDraft | None:
        return self.section.item if self.section else None

    @property
    def place(self) -> Place:
        if not self.section:
            return Place.FRONT
        return Place.ITEM if self.item else Place.HEADING

    @property
    def prose(self) -> Prose:
        """The running text that a line without a meaning of its own goes on with."""
        if self.closing:
            return self.draft.closing
        if self.item:
            return self.item.prose
        return self.section.note if self.section else self.draft.opening

    def is_known_section(self, heading: Heading) -> bool:
        return headings.fold(heading.title) in self.known_titles

    def parts_closing_note(self, rule: SourceLine) -> bool:
        """Whether below `rule` no item comes, and so only a word at the end."""
        below = self.ahead.next(rule)
        if not self.item or not below or self.ahead.has_matter(rule):
            return False
        return bool(self.item.marker) or not self.is_headline_above_text(below)

    def opens_list(self, line: SourceLine) -> bool:
        """Whether a list begins right below `line`: at 1, or with a bullet."""
        below = self.ahead.next(line)
        return below is not None and (below.shape is Shape.BULLET or below.ordinal == 1)

    def heads_unknown_section(self, line: SourceLine, heading: Heading) -> bool:
        """A title nobody told us of: marked as one, or short and a list begins anew."""
        if not is_short(heading.title, headings.MOST_IN_HEADING):
            return False
        if line.shape is Shape.ORDERED:
            return heading.decorated and self.opens_list(line)
        if heading.decorated:
            return self.after_blank or heading.level > 0
        if line.indent or heading.level or heading.title != line.text:
            return False
        if headings.read_suffixed_topic(heading.title):
            return False
        if self.topics.knows(heading.title) and self.section:
            return False
        below = self.ahead.next(line)
        if not self.after_blank and not (below and below.ordinal == 1):
            return False
        return self.list_begins_anew(line) or self.heads_titles(line)

    def heads_titles(self, line: SourceLine) -> bool:
        """Whether after numbered items come a title, and right below it another."""
        below = self.ahead.next(line)
        if not below or not self.item or not self.item.marker or below.indent:
            return False
        text = self.ahead.next(below)
        return (
            below.number > line.number + 1
            and self.is_headline_above_text(below)
            and text is not None
            and not is_short(text.text, headings.MOST_IN_HEADING)
        )

    def list_begins_anew(self, line: SourceLine) -> bool:
        """Whether a list at 1, bullets like the item's, or a topic come below."""
        below = self.ahead.next(line)
        if not below:
            return False
        below_heading = self.ahead.heading(below)
        if below.shape is Shape.TEXT and below_heading:
            return bool(headings.read_suffixed_topic(below_heading.title))
        if self.place is Place.FRONT:
            return self.opens_list(line)
        if not self.item or (self.section and self.section.bare_topics):
            return False  # a topic, then
        if below.indent > self.item.opener.indent and self.item.marker:
            return False
        if below.shape is Shape.BULLET:
            return self.item.marker in {"", below.marker}
        return below.ordinal == 1

    def heads_bare_topic(self, line: SourceLine, heading: Heading) -> bool:
        """A short line right under a section, or like those before it, above a list."""
        section = self.section
        if not section or not self.opens_list(line) or line.indent:
            return False
        most = headings.MOST_IN_HEADING * (2 if heading.level >= 3 else 1)
        if not is_short(heading.title, most):
            return False
        if heading.level >= 3 or section.bare_topics:
            return True
        return not section.has_items and section.group.topic is None

    def leads_on(self, line: SourceLine) -> bool:
        """Whether items come below: a list, a title, another heading, or nothing."""
        below = self.ahead.next(line)
        return (
            below is None
            or below.shape is not Shape.TEXT
            or is_short(below.text, headings.MOST_IN_HEADLINE)
        )

    def opens_marked_item(self, line: SourceLine) -> bool:
        if self.place is Place.FRONT:
            return not self.ahead.has_title(line)  # else a list in the opening note
        item = self.item
        if not item:
            return True
        if self.goes_on_with_list(line, item):
            return False
        if not item.marker:
            return self.after_blank and not line.indent and self.ends_no_colon(item)
        deeper = line.indent > item.opener.indent + 1
        follows = (
            line.ordinal is not None and line.ordinal == (item.opener.ordinal or 0) + 1
        )
        if line.marker == item.marker:
            return not deeper or (follows and line.ordinal != 1)
        return follows and not deeper and line.ordinal != 1

    def goes_on_with_list(self, line: SourceLine, item: ItemDraft) -> bool:
        """Whether `line` is the next entry of the list within the item."""
        entry = item.prose.last_entry
        if not entry or entry.marker != line.marker or line.indent < entry.indent - 1:
            return False
        return line.ordinal is None or line.ordinal == (entry.ordinal or 0) + 1

    def ends_no_colon(self, item: ItemDraft) -> bool:
        words = item.prose.ending or item.headline
        return not words.endswith((":", "："))

    def opens_unmarked_item(self, line: SourceLine) -> bool:
        if line.shape is not Shape.TEXT or self.place is Place.FRONT:
            return False
        item = self.item
        if not item:
            return self.begins_without_marker(line)
        if item.marker or not self.after_blank or not (item.prose or item.link):
            return False
        if self.is_headline_above_text(line):
            return True
        is_paragraph = not is_short(item.opener.text, headings.MOST_IN_HEADLINE)
        linked = take_link(line.text)
        return bool(is_paragraph and item.link and linked.link) and (
            linked.text != line.text
        )

    def begins_without_marker(self, line: SourceLine) -> bool:
        """Under a heading: the first item of a section that uses no numbers?"""
        if not self.ahead.has_marker_under_heading(line):
            return True
        if self.section and self.section.group.topic is not None:
            return not line.text.endswith((":", "："))
        return self.is_headline_above_text(line)

    def is_headline_above_text(self, line: SourceLine) -> bool:
        words = take_link(line.text).text
        if not words or not is_short(words, headings.MOST_IN_HEADLINE):
            return False
        below = self.ahead.next(line)
        if not below or below.shape is not Shape.TEXT:
            return False
        return not is_short(below.text, len(line.text))
