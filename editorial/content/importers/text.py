"""Pasted plain text → outline, with an account of every line.

The reader is a machine over lines. Each line has a shape of its own (`lines.Shape`);
what it *means* depends on where the reader stands, and that is for `here.Here` to say.
`_READINGS` lists the meanings a line may have, in the order they are tried; each either
takes the line, changes the state and accounts for it, or leaves it to the next. The
last one takes anything, so no line is lost: it is in the outline, or in the report with
the reason, or both.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from editorial.content.outline import ROLE_AUTHOR, Image

from . import headings
from .account import Account
from .bylines import read_byline
from .drafts import GroupDraft, ItemDraft, SectionDraft
from .headlines import Opening, read_opening, take_link
from .here import Here, Place
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


def parse(text: str, known: Known) -> Parsed:
    """The outline of a pasted issue, what to look at, and an account of each line.

    Links stay as written. Raises TooLong above MAX_BYTES or MAX_LINES.
    """
    return _Reader(read_lines(split_lines(text)), known).read()


class _Reader:
    """Reads lines one after another into an outline; one reader reads one text."""

    def __init__(self, lines: list[SourceLine], known: Known) -> None:
        self._lines = lines
        self._here = Here(lines, known)
        self._last_item: ItemDraft | None = None
        self._has_authors = False
        self._account = Account()

    def read(self) -> Parsed:
        for line in self._lines:
            next(filter(None, (reading(self, line) for reading in _READINGS)))
            if line.changed:
                self._account.remark(
                    line, ReportCode.CHANGED, _("Control characters left out.")
                )
            self._here.after_blank = line.shape is Shape.BLANK
        self._remark_on_the_whole()
        return Parsed(
            self._here.draft.finish(), self._account.report, self._account.lines
        )

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
        self._here.closing = self._here.closing or self._here.parts_closing_note(line)
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
        at_the_end = not self._here.ahead.has_matter(line) and self._here.after_blank
        if not byline or not (
            self._here.place is Place.FRONT or (byline.of_the_issue and at_the_end)
        ):
            return False
        is_authors = any(credit.role == ROLE_AUTHOR for credit in byline.credits)
        if not self._here.draft.byline_label or (is_authors and not self._has_authors):
            self._here.draft.byline_label = byline.label
        self._has_authors |= is_authors
        self._here.draft.credits += byline.credits
        return self._account.took(line, LineKind.BYLINE)

    def _as_issue_number(self, line: SourceLine) -> bool:
        """ "云上周刊 第 23 期：标题", "# Title", a date: what stands above an issue."""
        if self._here.place is not Place.FRONT or line.shape is not Shape.TEXT:
            return False
        if headings.is_date(line.text):
            return self._account.drop(
                line, _("A date; set the issue's own on its page.")
            )
        numbered = headings.read_issue_number(line.text)
        if numbered and not self._here.draft.number:
            return self._take_number(line, *numbered)
        heading = self._here.ahead.heading(line)
        if not heading or heading.level != 1 or self._here.draft.title:
            return False
        if self._here.is_known_section(heading) or self._here.opens_list(line):
            return False
        self._here.draft.title = heading.title
        return self._account.took(line, LineKind.NUMBER, _("The issue's title."))

    def _as_section(self, line: SourceLine) -> bool:
        heading = self._here.ahead.heading(line)
        if not heading:
            return False
        if self._here.is_known_section(heading):
            self._open_section(line, heading.title)
            return self._account.took(line, LineKind.SECTION)
        if not self._here.heads_unknown_section(line, heading):
            return False
        self._open_section(line, heading.title, once=True)
        reason = _("Not one of the publication's sections: kept for this issue only.")
        self._account.remark(line, ReportCode.UNKNOWN_SECTION, reason)
        return self._account.took(line, LineKind.SECTION, reason)

    def _as_topic(self, line: SourceLine) -> bool:
        heading = self._here.ahead.heading(line)
        if not self._here.section or not heading or line.shape is not Shape.TEXT:
            return False
        suffixed = headings.read_suffixed_topic(heading.title)
        name = suffixed or heading.title
        known = self._here.topics.knows(name, heading.title)
        if suffixed or known:
            if not self._here.leads_on(line):
                return False
        elif not self._here.heads_bare_topic(line, heading):
            return False
        else:
            self._here.section.bare_topics = True
        self._open_group(name)
        if known:
            return self._account.took(line, LineKind.TOPIC)
        reason = _("Not one of the publication's topics yet.")
        self._account.remark(line, ReportCode.UNKNOWN_TOPIC, reason)
        return self._account.took(line, LineKind.TOPIC, reason)

    def _as_item(self, line: SourceLine) -> bool:
        if self._here.closing:
            return False
        if line.opens:
            if not self._here.opens_marked_item(line):
                return False
        elif not self._here.opens_unmarked_item(line):
            return False
        remark = self._numbering_remark(line)
        if remark:
            self._account.remark(line, ReportCode.NUMBERING, remark)
        if not self._here.section:
            self._open_nameless_section(line)
        self._open_item(line, read_opening(line.text))
        return self._account.took(line, LineKind.HEADLINE, remark)

    def _as_list_entry(self, line: SourceLine) -> bool:
        if not line.opens:
            return False
        self._here.prose.add_entry(line)
        return self._account.took(
            line, LineKind.LIST if self._here.item else LineKind.NOTE
        )

    def _as_text(self, line: SourceLine) -> bool:
        item = self._here.item
        if not item or self._here.closing:
            self._here.prose.add_text(line.text, after_blank=self._here.after_blank)
            return self._account.took(line, LineKind.NOTE)
        if item.link:
            item.prose.add_text(line.text, after_blank=self._here.after_blank)
            return self._account.took(line, LineKind.BODY)
        return self._take_text_with_link(line, item)

    # --- taking a line -----------------------------------------------------------------

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
        self._here.draft.number = number
        self._here.draft.title = self._here.draft.title or title
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
            item.prose.add_text(linked.text, after_blank=self._here.after_blank)
            return self._account.took(line, LineKind.BODY)
        if linked.label_dropped and line.text != linked.link:
            self._account.remark(
                line, ReportCode.DROPPED, _("Only the address was kept.")
            )
        return self._account.took(line, LineKind.LINK)

    def _open_section(
        self, line: SourceLine, title: str, *, once: bool = False
    ) -> None:
        self._here.draft.sections.append(
            SectionDraft(opener=line, title=title, once=once)
        )
        self._here.closing = False

    def _open_nameless_section(self, line: SourceLine) -> None:
        self._open_section(line, _("No section yet"), once=True)
        reason = _("No section heading before this item; choose one for it.")
        self._account.remark(line, ReportCode.NO_SECTION, reason)

    def _open_group(self, topic: str) -> None:
        if self._here.section:
            self._here.section.groups.append(GroupDraft(topic=topic))

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
        if self._here.section:
            self._here.section.group.items.append(item)
        self._last_item = item

    # --- accounting --------------------------------------------------------------------

    def _numbering_remark(self, line: SourceLine) -> str:
        """What is odd about the number of this item after the one before it."""
        before = self._here.item.opener.ordinal if self._here.item else None
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
        if not self._here.draft.credits:
            reason = _("No byline found; name the authors on the issue's page.")
            self._account.remark_on_the_whole(ReportCode.NO_BYLINE, reason)
        if not any(section.has_items for section in self._here.draft.sections):
            reason = _("No items found in this text.")
            self._account.remark_on_the_whole(ReportCode.NO_ITEMS, reason)
        for section in self._here.draft.sections:
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
