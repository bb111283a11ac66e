"""What an importer is told, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from editorial.content.outline import Outline
from editorial.content.summary import summary


class LineKind(StrEnum):
    """What a line of the source was understood as."""

    BLANK = "blank"
    BYLINE = "byline"
    NUMBER = "number"  # of the issue, perhaps with its title
    SECTION = "section"
    TOPIC = "topic"
    HEADLINE = "headline"
    BODY = "body"
    LIST = "list"
    LINK = "link"
    IMAGE = "image"
    NOTE = "note"  # of the issue or of a section
    DROPPED = "dropped"


class ReportCode(StrEnum):
    """Why a person should look at a line before accepting the import."""

    NO_BYLINE = "no_byline"
    NO_ITEMS = "no_items"
    NO_SECTION = "no_section"
    UNKNOWN_SECTION = "unknown_section"
    UNKNOWN_TOPIC = "unknown_topic"
    EMPTY_SECTION = "empty_section"
    NUMBERING = "numbering"
    MISSING_IMAGE = "missing_image"
    BAD_LINK = "bad_link"
    CHANGED = "changed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Known:
    """What the publication already calls its own: section titles, topics, aliases."""

    sections: tuple[str, ...] = ()
    topics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the source, numbered from 1, and how it was understood."""

    number: int
    text: str
    kind: LineKind
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One thing to look at; `line` is 0 where it concerns the whole text."""

    line: int
    text: str
    code: ReportCode
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """An outline, what to look at in it, and an account of every line of the source."""

    outline: Outline
    report: tuple[ReportLine, ...]
    lines: tuple[Line, ...]

    def summary(self) -> dict[str, Any]:
        """The outline in short plus `report`, ready for JSON."""
        report = [
            {
                "line": entry.line,
                "text": entry.text,
                "code": entry.code.value,
                "reason": entry.reason,
            }
            for entry in self.report
        ]
        return {**summary(self.outline), "report": report}
