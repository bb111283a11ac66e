"""A mail to many, before a provider has it: what all share, and what is each one's."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
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
    text_marks: Sequence[str]
    html_marks: Sequence[str]

    def with_places(self, place: Callable[[str], str]) -> tuple[str, str]:
        """Text and HTML with the places of a provider's own language in them."""
        return (
            _replaced(self.text, self._in_text, lambda n: place(f"t{n}")),
            _replaced(self.html, self._in_html, lambda n: place(f"h{n}")),
        )

    def values_for(self, one: "Addressee") -> dict[str, str]:
        """What stands at those places for one reader."""
        in_text = {f"t{n}": value for n, value in enumerate(one.text_values)}
        return in_text | {f"h{n}": value for n, value in enumerate(one.html_values)}

    def filled_for(self, one: "Addressee") -> tuple[str, str]:
        """Text and HTML of one reader's copy."""
        return (
            _replaced(self.text, self._in_text, one.text_values.__getitem__),
            _replaced(self.html, self._in_html, one.html_values.__getitem__),
        )

    @cached_property
    def weight(self) -> int:
        """Bytes of one copy in a call, and some for its headers and links."""
        return len(json.dumps([self.text, self.html])) + 4096

    @cached_property
    def _in_text(self) -> "_Marks":
        return _Marks(self.text_marks)

    @cached_property
    def _in_html(self) -> "_Marks":
        return _Marks(self.html_marks)


class _Marks:
    def __init__(self, marks: Sequence[str]) -> None:
        self.number = {mark: n for n, mark in enumerate(marks)}
        # The longest first, for one may hold another. Without any, nothing is looked
        # for: an empty alternative would match everywhere.
        longest = sorted(map(re.escape, marks), key=len, reverse=True)
        self.pattern = re.compile("|".join(longest) or r"(?!)")


def _replaced(text: str, marks: _Marks, value: Callable[[int], str]) -> str:
    """In one pass: what a value holds is never taken for a mark."""
    return marks.pattern.sub(lambda found: value(marks.number[found[0]]), text)


@dataclass(frozen=True, slots=True)
class Addressee:
    """One reader's part of a mailing."""

    address: str  # in ASCII, as it goes onto the wire
    text_values: Sequence[str]  # of each mark
    html_values: Sequence[str]
    headers: Mapping[str, str]
    delivery: str  # comes back with the provider's reports
