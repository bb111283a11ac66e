"""Links that died after publication, led to an archived copy with a note.

What was frozen stays as it is: this only says where a page's links lead readers now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from editorial.content.link_keys import InvalidUrl, host_of, link_key
from editorial.content.markdown import links_in


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a page as it was at `taken_at`."""

    url: str
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class CopyNote:
    """What readers are told beside an item; `host` is "" for its headline's link."""

    url: str
    taken_at: datetime | None
    host: str = ""


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies to lead readers to, by the key of the dead link."""

    by_key: Mapping[str, Copy]

    def lead(self, url: str) -> str:
        """Where to lead for `url`: its copy, or where there is none the url itself."""
        copy = self._find(url)
        return copy.url if copy else url

    @property
    def leader(self) -> Callable[[str], str] | None:
        """`lead`, or None where no link of this page is dead: nothing to look for."""
        return self.lead if self.by_key else None

    def notes(self, link: str, commentary: str) -> tuple[CopyNote, ...]:
        """A note for each link of an item that leads to a copy."""
        return tuple(self._notes(link, commentary)) if self.by_key else ()

    def _notes(self, link: str, commentary: str) -> Iterator[CopyNote]:
        if copy := self._find(link):
            yield CopyNote(copy.url, copy.taken_at)
        for url in links_in(commentary):
            copy = self._find(url)
            if copy and url != link:
                yield CopyNote(copy.url, copy.taken_at, host_of(url))

    def _find(self, url: str) -> Copy | None:
        if not (self.by_key and url):
            return None
        try:
            return self.by_key.get(link_key(url))
        except InvalidUrl:
            return None


NO_COPIES = Copies({})
