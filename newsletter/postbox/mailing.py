"""A mail to many, before a provider has it: what all share, and what is each one's."""

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Mailing:
    """One text for everybody, with marks where something personal belongs."""

    sender: str  # as readers see it
    subject: str
    text: str
    html: str  # "": plain text alone
    headers: Mapping[str, str]
    marks: tuple[str, ...]

    def with_places(self, place: Callable[[str], str]) -> tuple[str, str]:
        """Text and HTML with the places of a provider's own language in them."""
        return (
            self._replaced(self.text, lambda n: place(f"t{n}")),
            self._replaced(self.html, lambda n: place(f"h{n}")),
        )

    def values_for(self, one: "Addressee") -> dict[str, str]:
        """What stands at those places for one reader; escaped for the HTML."""
        values = {}
        for n, mark in enumerate(self.marks):
            if mark in self.text:
                values[f"t{n}"] = one.values[mark]
            if mark in self.html:
                values[f"h{n}"] = html.escape(one.values[mark])
        return values

    def filled_for(self, one: "Addressee") -> tuple[str, str]:
        """Text and HTML of one reader's copy."""
        values = [one.values[mark] for mark in self.marks]
        return (
            self._replaced(self.text, lambda n: values[n]),
            self._replaced(self.html, lambda n: html.escape(values[n])),
        )

    @cached_property
    def weight(self) -> int:
        """Bytes of one copy in a call, and some for its headers and links."""
        return len(json.dumps([self.text, self.html])) + 4096

    def _replaced(self, text: str, value: Callable[[int], str]) -> str:
        """In one pass: what a value holds is never taken for a mark."""
        return self._marks.sub(lambda found: value(self._number[found[0]]), text)

    @cached_property
    def _marks(self) -> re.Pattern[str]:
        # Without marks nothing is looked for: an empty alternative matches everywhere.
        return re.compile("|".join(map(re.escape, self.marks)) or r"(?!)")

    @cached_property
    def _number(self) -> dict[str, int]:
        return {mark: n for n, mark in enumerate(self.marks)}


@dataclass(frozen=True, slots=True)
class Addressee:
    """One reader's part of a mailing."""

    address: str  # in ASCII, as it goes onto the wire
    values: Mapping[str, str]  # of each mark, plain
    headers: Mapping[str, str]
    delivery: str  # comes back with the provider's reports
