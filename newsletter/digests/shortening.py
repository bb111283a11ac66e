"""An issue too long for a mail, made shorter step by step: the web page has the rest.

Gmail cuts a message's HTML at 102 KB and hides what follows, the way out included.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from editorial.content import markdown
from editorial.content.faces.markdown import escape_all
from editorial.content.outline import Group, Item, Outline, Section

LIMIT = 90_000  # bytes of HTML as a reader gets it
# Characters of Markdown that a text may keep, from one step to the next.
_STEPS = (1500, 800, 400, 200, 100)
_SENTENCE_END = re.compile(r"[。！？!?…]+[”’」』）)]*|\.(?=\s)")


def shorter(outline: Outline, url: str) -> Iterator[Outline]:
    """Ever shorter forms of `outline`, each linking to the page at `url`.

    First long texts end early, then only headlines are left, then ever fewer items:
    the last form has none.
    """
    for limit in _STEPS:
        yield _with_texts_of(outline, limit, url)
    headlines = _with_texts_of(outline, 0, url)
    yield headlines
    count = sum(1 for _item in outline.items())
    while count:
        count //= 2
        yield _with_items(headlines, count, url)


def _with_texts_of(outline: Outline, limit: int, url: str) -> Outline:
    numbers = iter(range(1, sum(1 for _item in outline.items()) + 1))

    def item(item: Item) -> Item:
        link = f"{url}#n{next(numbers)}"
        images = item.images if limit else ()
        return replace(
            item, commentary=_cut(item.commentary, limit, link), images=images
        )

    def section(section: Section) -> Section:
        groups = tuple(
            replace(group, items=tuple(map(item, group.items)))
            for group in section.groups
        )
        return replace(section, groups=groups, note=_cut(section.note, limit, url))

    return replace(
        outline,
        opening_note=_cut(outline.opening_note, limit, url),
        sections=tuple(map(section, outline.sections)),
        closing_note=_cut(outline.closing_note, limit, url),
    )


def _with_items(outline: Outline, count: int, url: str) -> Outline:
    """The first so many items; below them, how many more the page has."""
    left = sum(1 for _item in outline.items()) - count
    sections = []
    for section in outline.sections:
        groups: list[Group] = []
        for group in section.groups:
            groups.append(replace(group, items=group.items[:count]))
            count -= len(groups[-1].items)
        sections.append(replace(section, groups=tuple(groups)))
    words = ngettext("%(n)d more item", "%(n)d more items", left) % {"n": left}
    return replace(
        outline, sections=tuple(sections), closing_note=f"[{words}](<{url}>)"
    )


def _cut(text: str, limit: int, url: str) -> str:
    """At most `limit` characters of Markdown, then a link to the rest; "" for 0.

    Whole paragraphs where they fit, else the first sentences, without their mark-up.
    """
    if len(text) <= limit or not limit:
        return text if limit else ""
    kept = _paragraphs(text, limit) or _sentences(text, limit)
    return f"{kept}\n\n[{_('Read on')}](<{url}>)"


def _paragraphs(text: str, limit: int) -> str:
    kept = ""
    for paragraph in re.split(r"\n{2,}", text):
        # A fence may go on past blank lines; what is open would swallow our link.
        if "```" in paragraph or "~~~" in paragraph:
            break
        longer = f"{kept}\n\n{paragraph}" if kept else paragraph
        if len(longer) > limit:
            break
        kept = longer
    return kept


def _sentences(text: str, limit: int) -> str:
    words = " ".join(markdown.plain(text, links=False).split())
    if len(words) <= limit:
        return escape_all(words)
    ends = [match.end() for match in _SENTENCE_END.finditer(words[:limit])]
    return escape_all(words[: ends[-1]] if ends else words[: limit - 1] + "…")
