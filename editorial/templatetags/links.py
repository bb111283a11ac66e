"""What pages and mails say of links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from django import template

from editorial.content.link_keys import host_of
from editorial.fetching.verdicts import Verdict
from editorial.links.report import Counts, IssueRow
from editorial.links.words import Finding, finding_of, say
from editorial.models import Link

register = template.Library()

_FACTS = [field.name for field in fields(Finding)]


BAR = 200  # units of the widest bar of a picture
ROW = 22
LEFT = 52  # room for an issue's number
KINDS = ("ok", "unchecked", "unsure", "broken")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar; `kind` is a verdict, and the class that colours it.

    Numbers are texts as SVG has them, whatever the language's decimal point.
    """

    kind: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Bar:
    number: str
    y: int
    segments: tuple[Segment, ...]
    end: str
    broken: int


@register.inclusion_tag("components/links_picture.html")
def links_picture(rows: Sequence[IssueRow]) -> dict[str, Any]:
    """One bar for each issue, as long as it has links, parted by verdict."""
    most = max((row.counts.total for row in rows), default=0)
    bars = [_bar(row, ROW * n, most) for n, row in enumerate(rows)]
    kinds = [(kind, Verdict(kind).label) for kind in KINDS]
    width = LEFT + BAR + 68
    return {"bars": bars, "kinds": kinds, "width": width, "height": ROW * len(bars)}


def _bar(row: IssueRow, y: int, most: int) -> Bar:
    x = float(LEFT)
    segments = []
    for kind in KINDS:
        width = BAR * getattr(row.counts, kind) / most
        if width:
            segments.append(Segment(kind, f"{x:.1f}", f"{width:.1f}"))
            x += width
    return Bar(row.number, y, tuple(segments), f"{x + 6:.1f}", row.counts.broken)


@register.filter
def by_verdict(counts: Counts) -> list[tuple[str, str, int]]:
    """(verdict, its word, how many links), in the order of the picture."""
    return [(kind, str(Verdict(kind).label), getattr(counts, kind)) for kind in KINDS]


@register.filter
def host(url: str) -> str:
    """The site of an address, as it is printed."""
    return host_of(url)


@register.filter
def verdict_word(verdict: str) -> str:
    """A stored verdict as its one word: "Unsure"."""
    return str(Verdict(verdict).label)


@register.filter
def in_words(link: Link | Finding | dict[str, Any]) -> str:
    """The verdict on a link as one sentence; of a row, or of what a notice kept."""
    if isinstance(link, Finding):
        return say(link)
    if isinstance(link, Link):
        return say(finding_of(link))
    return say(Finding(**{name: link[name] for name in _FACTS}))
