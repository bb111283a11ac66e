"""The plain text of an issue's mail: numbers, words, addresses on lines of their own.

Lines are as long as their paragraphs; `columns.fold` breaks them.
"""

from __future__ import annotations

from collections.abc import Iterator

from editorial.content import markdown
from editorial.content.outline import Outline

from .columns import COLUMNS, width
from .typeset import Addresses, Item, Picture, Section, typeset


def render(outline: Outline, *, base: str, addresses: Addresses | None = None) -> str:
    """The issue as plain text without mark-up, every address absolute."""
    issue = typeset(
        outline,
        prose=lambda text, level: markdown.plain(text, base=base),
        addresses=addresses,
        base=base,
    )
    blocks = [
        issue.opening_note,
        *(block for section in issue.sections for block in _section(section)),
        issue.closing_note,
        *(each.plain for each in issue.corrections),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield underlined(section.title, "=")
    yield section.note
    for group in section.groups:
        if group.topic:
            yield underlined(group.topic, "-")
        yield from map(_item, group.items)


def underlined(words: str, sign: str) -> str:
    """A heading as plain text has them: ruled off in its own width."""
    return f"{words}\n{sign * min(width(words), COLUMNS)}"


def _item(item: Item) -> str:
    label = f"[{item.label}] " if item.label else ""
    headline = f"{item.number}. {label}{item.headline}"
    if item.is_run_in:
        lines = [f"{headline} {item.prose}", item.link]
    else:
        lines = [headline, item.link, item.prose]
    credit = f"— {item.credit}" if item.credit else ""
    corrections = [each.plain for each in item.corrections]
    lines += [*map(_picture, item.pictures), *corrections, credit]
    return "\n".join(filter(None, lines))


def _picture(picture: Picture) -> str:
    words = " · ".join(filter(None, [picture.caption or picture.alt, picture.credit]))
    return "\n".join(filter(None, [words, picture.src]))
