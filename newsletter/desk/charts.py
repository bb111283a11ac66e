"""Small pictures of numbers: coordinates for server-rendered SVG, styled by classes.

Every picture has the same numbers as a table beside it, which is its alternative text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from newsletter.issue_report import IssueReport
from newsletter.list_health import (
    COMPLAINTS_BAD,
    COMPLAINTS_WARN,
    ISSUES,
    IssueHealth,
    Week,
)

STEP, BAR = 24, 16  # of the picture's own units
HEIGHT = 96


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle; `tone` is its class, `says` what it is."""

    x: float
    y: float
    height: float
    tone: str
    says: str


@dataclass(frozen=True, slots=True)
class Line:
    """A level across the picture."""

    y: float
    tone: str


@dataclass(frozen=True, slots=True)
class Chart:
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...] = ()
    width: int = 0
    height: int = field(default=HEIGHT)


def growth_chart(weeks: Sequence[Week]) -> Chart:
    """Who came upwards, who left downwards, from a line between."""
    most_up = max((week.confirmed for week in weeks), default=0)
    most_down = max((week.lost for week in weeks), default=0)
    unit = HEIGHT / max(most_up + most_down, 1)
    middle = most_up * unit
    bars = []
    for n, week in enumerate(weeks):
        x = n * STEP + (STEP - BAR) / 2
        up, down = week.confirmed * unit, week.lost * unit
        says = f"{week.begins_on:%m-%d}"
        if up:
            bars.append(_bar(x, middle - up, up, "up", f"{says}: +{week.confirmed}"))
        if down:
            bars.append(_bar(x, middle, down, "down", f"{says}: −{week.lost}"))
    lines = (Line(round(middle, 1), "zero"),)
    return Chart(tuple(bars), lines, width=len(weeks) * STEP)


def complaints_chart(issues: Sequence[IssueHealth]) -> Chart:
    """The complaint rate of each issue against Google's two lines."""
    rates = [issue.complaint_rate for issue in issues]
    top = max([*rates, COMPLAINTS_BAD * 1.25])
    lines = (
        Line(_level(COMPLAINTS_WARN, top), "warned"),
        Line(_level(COMPLAINTS_BAD, top), "bad"),
    )
    bars = []
    # The newest stands at the right, also when there are few.
    for n, issue in enumerate(issues, start=ISSUES - len(issues)):
        height = HEIGHT * issue.complaint_rate / top
        x = n * STEP + (STEP - BAR) / 2
        says = f"{issue.digest.issue.number}: {issue.complaint_rate:.2f} %"
        bars.append(_bar(x, HEIGHT - height, height, issue.tone, says))
    return Chart(tuple(bars), lines, width=ISSUES * STEP)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a whole that is 100 wide."""

    x: float
    width: float
    tone: str
    says: str


def arrival_bar(report: IssueReport) -> list[Part]:
    """Where the mails of an issue ended up, side by side."""
    counts = {
        "good": (_("Delivered"), report.delivered),
        "bad": (_("No such mailbox"), report.bounced),
        "warned": (_("Given back for now"), report.soft),
        "other": (_("Refused for another reason"), report.refused),
    }
    whole = sum(count for _name, count in counts.values()) or 1
    parts, x = [], 0.0
    for tone, (name, count) in counts.items():
        width = 100 * count / whole
        parts.append(Part(x, width, tone, f"{name} {count}"))
        x += width
    return parts


def _level(rate: float, top: float) -> float:
    return round(HEIGHT * (1 - rate / top), 1)


def _bar(x: float, y: float, height: float, tone: str, says: str) -> Bar:
    return Bar(round(x, 1), round(y, 1), round(height, 1), tone, says)
