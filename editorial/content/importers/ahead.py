"""What follows each line of a text, worked out once so that reading stays linear."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from . import headings
from .headings import Heading
from .lines import SourceLine


@dataclass(slots=True)
class _View:
    """What one sees from a line downwards."""

    next: SourceLine | None = None  # neither blank nor a mere rule
    marker_under_heading: bool = False  # a number or bullet before the next heading
    title: bool = False  # one of the publication's sections
    matter: bool = False  # items or known sections at all


class Ahead:
    """The view downwards from any line, and the heading that a line could be."""

    def __init__(self, lines: list[SourceLine], sections: Collection[str]) -> None:
        self._headings = [headings.read_heading(line) for line in lines]
        self._views: list[_View] = []
        view = _View()
        for line in reversed(lines):
            self._views.append(view)
            view = self._seen_from_above(line, view, sections)
        self._views.reverse()

    def _seen_from_above(
        self, line: SourceLine, view: _View, sections: Collection[str]
    ) -> _View:
        if line.shape.is_empty:
            return view
        heading = self.heading(line)
        title = heading.title if heading else ""
        is_title = bool(title) and headings.fold(title) in sections
        ends_list = is_title or headings.read_suffixed_topic(title) is not None
        return _View(
            next=line,
            marker_under_heading=not ends_list
            and (view.marker_under_heading or line.opens),
            title=view.title or is_title,
            matter=view.matter or line.opens or is_title,
        )

    def heading(self, line: SourceLine) -> Heading | None:
        """The heading that `line` could be by its looks."""
        return self._headings[line.number - 1]

    def next(self, line: SourceLine) -> SourceLine | None:
        """The next line that is not blank, nor a mere rule."""
        return self._views[line.number - 1].next

    def has_marker_under_heading(self, line: SourceLine) -> bool:
        """Whether a numbered or bulleted line follows before the next heading."""
        return self._views[line.number - 1].marker_under_heading

    def has_title(self, line: SourceLine) -> bool:
        """Whether one of the publication's sections follows."""
        return self._views[line.number - 1].title

    def has_matter(self, line: SourceLine) -> bool:
        """Whether items or known sections follow at all."""
        return self._views[line.number - 1].matter
