"""Pasted plain text → outline, with an account of every line.

The reader is a machine over lines. Each line has a shape of its own (`lines.Shape`);
what it *means* depends on where the reader stands:

    FRONT     before the first section: byline, number and title, opening note
    HEADING   under a section or topic without an item yet: topics, notes, first items
    ITEM      in an item: its text, lists, images; the next item, topic or section

`_READINGS` lists the meanings a line may have, in the order they are tried; each either
takes the line, changes the state and accounts for it, or leaves it to the next. The
last one takes anything, so no line is lost: it is in the outline, or in the report with
the reason, or both.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from django.utils.translation import gettext as _

from editorial.content.outline import ROLE_AUTHOR, Image

from . import headings
from .account import Account
from .ahead import Ahead
from .bylines import read_byline
from .drafts import GroupDraft, ItemDraft, OutlineDraft, Prose, SectionDraft
from .headings import Heading, is_short
from .headlines import Opening, read_opening, take_link
from .lines import (
    MAX_BYTES,
    MAX_LINES,
    Shape,
    SourceLine,
    TooLong,
    read_lines,
    split_lines,
)
from .parsed import Known, LineKind, Parsed, ReportCode

__all__ = ["MAX_BYTES", "MAX_LINES", "Known", "Parsed", "TooLong", "parse"]

_MARKDOWN_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<src>https?://[^\s()]+)\)")


class Place(Enum):
    """Where the reader stands."""

    FRONT = auto()
    HEADING = auto()
    ITEM = auto()


def parse(text: str, known: Known) -> Parsed:
    """The outline of a pasted issue, what to look at, and an account of each line.

    Links stay as written. Raises TooLong above MAX_BYTES or MAX_LINES.
    """
    return _Reader(read_lines(split_lines(text)), known).read()


class _Reader:
    """Reads lines one after another into an outline; one reader reads one text."""

    def __init__(self, lines: list[SourceLine], known: Known) -> None:
        self._lines = lines
        self._sections = {headings.fold(title) for title in known.sections}
        self._topics = headings.Topics(known.topics)
        self._ahead = Ahead(lines, self._sections)
        self._draft = OutlineDraft()
        self._last_item: ItemDraft | None = None
        self._after_blank = True
        self._closing = False
        self._account = Account()

    def read(self) -> Parsed:
        for line in self._lines:
            next(filter(None, (reading(self, line) for reading in _READINGS)))
            if line.changed:
                self._account.remark(
                    line, ReportCode.CHANGED, _("Control characters left out.")
                )
            self._after_blank = line.shape is Shape.BLANK
        self._remark_on_the_whole()
        return Parsed(self._draft.finish(), self._account.report, self._account.lines)

    # --- where we stand --------------------------------------------------------------

    @property
    def _section(self) -> SectionDraft | None:
        return self._draft.sections[-1] if self._draft.sections else None

    @property
    def _item(self) -> ItemDraft | None:
        return self._section.item if self._section else None

    @property
    def _place(self) -> Place:
        if not self._section:
            return Place.FRONT
        return Place.ITEM if self._item else Place.HEADING

    # --- what a line may mean ----------------------------------------------------------

    def _as_blank(self, line: SourceLine) -> bool:
        if line.shape is not Shape.BLANK:
            return False
        return self._account.took(line, LineKind.BLANK)

    def _as_ornament(self, line: SourceLine) -> bool:
        """A rule parts things and says nothing; a torn number is with its text."""
        if line.shape is Shape.STRAY_MARKER:
            return self._account.drop(
                line, _("A number torn from its text on the next line.")
            )
        if line.shape is not Shape.RULE:
            return False
        self._closing = self._closing or self._parts_closing_note(line)
        return self._account.drop(line, _("A line of strokes, no text."))

    def _as_picture(self, line: SourceLine) -> bool:
        if line.shape is Shape.PICTURE:
            return self._take_lost_picture(line)
        match = _MARKDOWN_IMAGE.fullmatch(line.text)
        if not match or not self._last_item:
            return False
        self._last_item.images.append(Image(src=match["src"], alt=match["alt"]))
        return self._account.took(line, LineKind.IMAGE)

    def _as_byline(self, line: SourceLine) -> bool:
        if line.shape is not Shape.TEXT:
            return False
        byline = read_byline(line.text)
        at_the_end = not self._ahead.has_matter(line) and self._after_blank
        if not byline or not (
            self._place is Place.FRONT or (byline.of_the_issue and at_the_end)
        ):
            return False
        is_authors = any(credit.role == ROLE_AUTHOR for credit in byline.credits)
        known_authors = any(c.role == ROLE_AUTHOR for c in self._draft.credits)
        if not self._draft.byline_label or (is_authors and not known_authors):
            self._draft.byline_label = byline.label
        self._draft.credits += byline.credits
        return self._account.took(line, LineKind.BYLINE)

    def _as_issue_number(self, line: SourceLine) -> bool:
        """ "云上周刊 第 23 期：标题", "# Title", a date: what stands above an issue."""
        if self._place is not Place.FRONT or line.shape is not Shape.TEXT:
            return False
        if headings.is_date(line.text):
            return self._account.drop(
                line, _("A date; set the issue's own on its page.")
            )
        numbered = headings.read_issue_number(line.text)
        if numbered and not self._draft.number:
            return self._take_number(line, *numbered)
        heading = self._ahead.heading(line)
        if not heading or heading.level != 1 or self._draft.title:
            return False
        if self._is_known_section(heading) or self._opens_list(line):
            return False
        self._draft.title = heading.title
        return self._account.took(line, LineKind.NUMBER, _("The issue's title."))

    def _as_section(self, line: SourceLine) -> bool:
        heading = self._ahead.heading(line)
        if not heading:
            return False
        if self._is_known_section(heading):
            self._open_section(line, heading.title)
            return self._account.took(line, LineKind.SECTION)
        if not self._heads_unknown_section(line, heading):
            return False
        self._open_section(line, heading.title, once=True)
        reason = _("Not one of the publication's sections: kept for this issue only.")
        self._account.remark(line, ReportCode.UNKNOWN_SECTION, reason)
        return self._account.took(line, LineKind.SECTION, reason)

    def _as_topic(self, line: SourceLine) -> bool:
        heading = self._ahead.heading(line)
        if not self._section or not heading or line.shape is not Shape.TEXT:
            return False
        suffixed = headings.read_suffixed_topic(heading.title)
        name = suffixed or heading.title
        known = self._topics.knows(name, heading.title)
        if suffixed or known:
            if not self._leads_on(line):
                return False
        elif not self._heads_bare_topic(line, heading):
            return False
        else:
            self._section.bare_topics = True
        self._open_group(name)
        if known:
            return self._account.took(line, LineKind.TOPIC)
        reason = _("Not one of the publication's topics yet.")
        self._account.remark(line, ReportCode.UNKNOWN_TOPIC, reason)
        return self._account.took(line, LineKind.TOPIC, reason)

    def _as_item(self, line: SourceLine) -> bool:
        if self._closing:
            return False
        if line.opens:
            if not self._opens_marked_item(line):
                return False
        elif not self._opens_unmarked_item(line):
            return False
        remark = self._numbering_remark(line)
        if remark:
            self._account.remark(line, ReportCode.NUMBERING, remark)
        if not self._section:
            self._open_nameless_section(line)
        self._open_item(line, read_opening(line.text))
        return self._account.took(line, LineKind.HEADLINE, remark)

    def _as_list_entry(self, line: SourceLine) -> bool:
        if not line.opens:
            return False
        self._prose.add_entry(line)
        return self._account.took(line, LineKind.LIST if self._item else LineKind.NOTE)

    def _as_text(self, line: SourceLine) -> bool:
        item = self._item
        if not item or self._closing:
            self._prose.add_text(line.text, after_blank=self._after_blank)
            return self._account.took(line, LineKind.NOTE)
        if item.link:
            item.prose.add_text(line.text, after_blank=self._after_blank)
            return self._account.took(line, LineKind.BODY)
        return self._take_text_with_link(line, item)

    # --- taking a line -----------------------------------------------------------------

    @property
    def _prose(self) -> Prose:
        """The running text that a line without a meaning of its own goes on with."""
        if self._closing:
            return self._draft.closing
        if self._item:
            return self._item.prose
        return self._section.note if self._section else self._draft.opening

    def _take_lost_picture(self, line: SourceLine) -> bool:
        item = self._last_item
        if not item:
            return self._account.drop(
                line, _("An image lost in copying, before any item.")
            )
        item.images.append(Image(src=None))
        reason = _("An image was lost in copying; add it to “%(headline)s”.") % {
            "headline": item.headline
        }
        self._account.remark(line, ReportCode.MISSING_IMAGE, reason)
        return self._account.took(line, LineKind.IMAGE, reason)

    def _take_number(
        self, line: SourceLine, before: str, number: str, title: str
    ) -> bool:
        self._draft.number = number
        self._draft.title = self._draft.title or title
        if before:
            reason = _("“%(name)s” is taken for the publication's own name.")
            self._account.remark(line, ReportCode.DROPPED, reason % {"name": before})
        return self._account.took(
            line, LineKind.NUMBER, _("Issue %(number)s.") % {"number": number}
        )

    def _take_text_with_link(self, line: SourceLine, item: ItemDraft) -> bool:
        linked = take_link(line.text)
        item.link = linked.link
        if linked.bad_link:
            self._remark_bad_link(line)
        if linked.text:
            item.prose.add_text(linked.text, after_blank=self._after_blank)
            return self._account.took(line, LineKind.BODY)
        if linked.label_dropped and line.text != linked.link:
            self._account.remark(
                line, ReportCode.DROPPED, _("Only the address was kept.")
            )
        return self._account.took(line, LineKind.LINK)

    def _open_section(
        self, line: SourceLine, title: str, *, once: bool = False
    ) -> None:
        self._draft.sections.append(SectionDraft(opener=line, title=title, once=once))
        self._closing = False

    def _open_nameless_section(self, line: SourceLine) -> None:
        self._open_section(line, _("No section yet"), once=True)
        reason = _("No section heading before this item; choose one for it.")
        self._account.remark(line, ReportCode.NO_SECTION, reason)

    def _open_group(self, topic: str) -> None:
        if self._section:
            self._section.groups.append(GroupDraft(topic=topic))

    def _open_item(self, line: SourceLine, opening: Opening) -> None:
        item = ItemDraft(
            opener=line,
            headline=opening.headline,
            label=opening.label,
            link=opening.link,
            runs_in=bool(opening.rest),
        )
        if opening.rest:
            item.prose.add_text(opening.rest, after_blank=False)
        if opening.cut:
            reason = _("No sentence ends within 80 characters: the headline was cut.")
            self._account.remark(line, ReportCode.CHANGED, reason)
        if opening.bad_link:
            self._remark_bad_link(line)
        if self._section:
            self._section.group.items.append(item)
        self._last_item = item

    # --- how to tell -------------------------------------------------------------------

    def _is_known_section(self, heading: Heading) -> bool:
        return headings.fold(heading.title) in self._sections

    def _parts_closing_note(self, rule: SourceLine) -> bool:
        """Whether below `rule` no item comes, and so only a word at the end."""
        below = self._ahead.next(rule)
        if not self._item or not below or self._ahead.has_matter(rule):
            return False
        return bool(self._item.marker) or not self._is_headline_above_text(below)

    def _opens_list(self, line: SourceLine) -> bool:
        """Whether a list begins right below `line`: at 1, or with a bullet."""
        below = self._ahead.next(line)
        return below is not None and (below.shape is Shape.BULLET or below.ordinal == 1)

    def _heads_unknown_section(self, line: SourceLine, heading: Heading) -> bool:
        """A title nobody told us of: marked as one, or short and a list begins anew."""
        if not is_short(heading.title, headings.MOST_IN_HEADING):
            return False
        if line.shape is Shape.ORDERED:
            return heading.decorated and self._opens_list(line)
        if heading.decorated:
            return self._after_blank or heading.level > 0
        if line.indent or heading.level or heading.title != line.text:
            return False
        if headings.read_suffixed_topic(heading.title):
            return False
        if self._topics.knows(heading.title) and self._section:
            return False
        return self._after_blank and self._list_begins_anew(line)

    def _list_begins_anew(self, line: SourceLine) -> bool:
        below = self._ahead.next(line)
        if not below:
            return False
        below_heading = self._ahead.heading(below)
        if below.shape is Shape.TEXT and below_heading:
            return bool(headings.read_suffixed_topic(below_heading.title))
        if self._place is Place.FRONT:
            return self._opens_list(line)
        if not self._item or (self._section and self._section.bare_topics):
            return False  # a topic, then
        if below.indent > self._item.opener.indent and self._item.marker:
            return False
        if below.shape is Shape.BULLET:
            return self._item.marker in {"", below.marker}
        return below.ordinal == 1

    def _heads_bare_topic(self, line: SourceLine, heading: Heading) -> bool:
        """A short line right under a section, or like those before it, above a list."""
        section = self._section
        if not section or not self._opens_list(line) or line.indent:
            return False
        most = headings.MOST_IN_HEADING * (2 if heading.level >= 3 else 1)
        if not is_short(heading.title, most):
            return False
        if heading.level >= 3 or section.bare_topics:
            return True
        return not section.has_items and section.group.topic is None

    def _leads_on(self, line: SourceLine) -> bool:
        """Whether items come below: a list, a title, another heading, or nothing."""
        below = self._ahead.next(line)
        return (
            below is None
            or below.shape is not Shape.TEXT
            or is_short(below.text, headings.MOST_IN_HEADLINE)
        )

    def _opens_marked_item(self, line: SourceLine) -> bool:
        if self._place is Place.FRONT:
            return not self._ahead.has_title(line)  # else a list in the opening note
        item = self._item
        if not item:
            return True
        if self._goes_on_with_list(line, item):
            return False
        if not item.marker:
            return self._after_blank and not line.indent and self._ends_no_colon(item)
        deeper = line.indent > item.opener.indent + 1
        follows = (
            line.ordinal is not None and line.ordinal == (item.opener.ordinal or 0) + 1
        )
        if line.marker == item.marker:
            return not deeper or (follows and line.ordinal != 1)
        return follows and not deeper and line.ordinal != 1

    def _goes_on_with_list(self, line: SourceLine, item: ItemDraft) -> bool:
        """Whether `line` is the next entry of the list within the item."""
        entry = item.prose.last_entry
        if not entry or entry.marker != line.marker or line.indent < entry.indent - 1:
            return False
        return line.ordinal is None or line.ordinal == (entry.ordinal or 0) + 1

    def _ends_no_colon(self, item: ItemDraft) -> bool:
        words = item.prose.ending or item.headline
        return not words.endswith((":", "："))

    def _opens_unmarked_item(self, line: SourceLine) -> bool:
        if line.shape is not Shape.TEXT or self._place is Place.FRONT:
            return False
        item = self._item
        if not item:
            return self._begins_without_marker(line)
        if item.marker or not self._after_blank or not (item.prose or item.link):
            return False
        if self._is_headline_above_text(line):
            return True
        is_paragraph = not is_short(item.opener.text, headings.MOST_IN_HEADLINE)
        linked = take_link(line.text)
        return bool(is_paragraph and item.link and linked.link) and (
            linked.text != line.text
        )

    def _begins_without_marker(self, line: SourceLine) -> bool:
        """Under a heading: the first item of a section that uses no numbers?"""
        if not self._ahead.has_marker_under_heading(line):
            return True
        if self._section and self._section.group.topic is not None:
            return not line.text.endswith((":", "："))
        return self._is_headline_above_text(line)

    def _is_headline_above_text(self, line: SourceLine) -> bool:
        words = take_link(line.text).text
        if not words or not is_short(words, headings.MOST_IN_HEADLINE):
            return False
        below = self._ahead.next(line)
        if not below or below.shape is not Shape.TEXT:
            return False
        return not is_short(below.text, len(line.text))

    # --- accounting --------------------------------------------------------------------

    def _numbering_remark(self, line: SourceLine) -> str:
        """What is odd about the number of this item after the one before it."""
        before = self._item.opener.ordinal if self._item else None
        if before is None or line.ordinal is None or line.ordinal == before + 1:
            return ""
        numbers = {"before": before, "now": line.ordinal}
        if line.ordinal == 1:
            return _("The numbering starts again after %(before)d.") % numbers
        return _("The numbering goes from %(before)d to %(now)d.") % numbers

    def _remark_bad_link(self, line: SourceLine) -> None:
        reason = _("This address cannot be opened; it stays as text.")
        self._account.remark(line, ReportCode.BAD_LINK, reason)

    def _remark_on_the_whole(self) -> None:
        if not self._draft.credits:
            reason = _("No byline found; name the authors on the issue's page.")
            self._account.remark_on_the_whole(ReportCode.NO_BYLINE, reason)
        if not any(section.has_items for section in self._draft.sections):
            reason = _("No items found in this text.")
            self._account.remark_on_the_whole(ReportCode.NO_ITEMS, reason)
        for section in self._draft.sections:
            if not section.has_items:
                reason = _("Nothing stands under this heading.")
                self._account.remark(section.opener, ReportCode.EMPTY_SECTION, reason)


_READINGS = (
    _Reader._as_blank,
    _Reader._as_ornament,
    _Reader._as_picture,
    _Reader._as_byline,
    _Reader._as_issue_number,
    _Reader._as_section,
    _Reader._as_topic,
    _Reader._as_item,
    _Reader._as_list_entry,
    _Reader._as_text,
)
