"""The account of an import: what became of each line, and what to look at."""

from __future__ import annotations

from .lines import SourceLine
from .parsed import Line, LineKind, ReportCode, ReportLine


class Account:
    """Grows while lines are read. Each method that takes a line returns True."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._report: list[ReportLine] = []

    def took(self, line: SourceLine, kind: LineKind, reason: str = "") -> bool:
        """`line` is in the outline, as `kind`."""
        self._lines.append(Line(line.number, line.raw, kind, reason))
        return True

    def drop(self, line: SourceLine, reason: str) -> bool:
        """`line` is not in the outline: the report says why."""
        self.remark(line, ReportCode.DROPPED, reason)
        return self.took(line, LineKind.DROPPED, reason)

    def remark(self, line: SourceLine, code: ReportCode, reason: str) -> None:
        """Something about `line` wants a look."""
        self._report.append(ReportLine(line.number, line.raw, code, reason))

    def remark_on_the_whole(self, code: ReportCode, reason: str) -> None:
        """Something about the whole text wants a look."""
        self._report.append(ReportLine(0, "", code, reason))

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self._lines)

    @property
    def report(self) -> tuple[ReportLine, ...]:
        return tuple(sorted(self._report, key=lambda entry: entry.line))
