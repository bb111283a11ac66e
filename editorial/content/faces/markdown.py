"""An issue as one Markdown document, to take elsewhere.

Elsewhere may render HTML that stands in Markdown, and any scheme of a link. So an
author's text goes out as written only where that is neutral in *every* renderer, and
escaped where it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from editorial.content import bare_urls
from editorial.content.markdown import is_neutral
from editorial.content.markdown import render as render_commentary
from editorial.content.outline import Outline

from .typeset import (
    Addresses,
    Item,
    Notice,
    Picture,
    Section,
    join_names,
    names_by_label,
    typeset,
)
from .web import role_labels

_MOST_URLS = 50  # each costs a rendering
_SPECIAL = re.compile(r"([\\`*_\[\]<>#~|&!])")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_CODE_OR_TAG = re.compile(
    r"(^```.*?^```|^~~~.*?^~~~|<(?:https?|mailto):[^\s<>]+>|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`))|<",
    re.DOTALL | re.MULTILINE,
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_NEXT = "next"  # stands for whatever follows a text


def render(
    outline: Outline, *, base: str = "", addresses: Addresses | None = None
) -> str:
    """The whole issue as CommonMark: title, dek, byline, notes, sections, items."""
    issue = typeset(
        outline,
        prose=lambda text, level: contain(neutralise(delimit_urls(text))),
        addresses=addresses,
        base=base,
    )
    blocks = [
        *_front(outline),
        issue.opening_note,
        *(block for section in issue.sections for block in _section(section)),
        issue.closing_note,
        *map(_correction, issue.corrections),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def neutralise(markdown: str) -> str:
    """`markdown` as written, or escaped as far as it must be to do no harm anywhere."""
    if is_neutral(markdown):
        return markdown
    without_html = _CODE_OR_TAG.sub(lambda match: match[1] or "&lt;", markdown)
    if is_neutral(without_html):
        return without_html
    lines = (escape_all(line.strip()) for line in markdown.splitlines())
    return "\n".join(lines)


def contain(markdown: str) -> str:
    """`markdown` so that it ends where it ends: nothing behind it becomes part of it.

    A fence of code that nobody closed runs to the end of the document (CommonMark,
    section 4.5), through every item that follows.
    """
    if _ends_by_itself(markdown):
        return markdown
    closed = f"{markdown}\n{_open_fence(markdown)}"
    return closed if _ends_by_itself(closed) else escape_all(markdown)


def _ends_by_itself(markdown: str) -> bool:
    html = render_commentary(f"{markdown}\n\n{_NEXT}")
    return html.rstrip().endswith(f"<p>{_NEXT}</p>")


def _open_fence(markdown: str) -> str:
    """The fence that would close what is open at the end; "" where nothing is."""
    fence = ""
    for match in filter(None, map(_FENCE.fullmatch, markdown.splitlines())):
        if not fence:
            fence = match[1]
        elif match[1].startswith(fence) and not match[2].strip():
            fence = ""
    return fence


def delimit_urls(markdown: str) -> str:
    """`markdown` with bare addresses set in <> where Chinese text follows at once.

    Other renderers would let the address run on into it. Each change is kept only if it
    changes nothing in our own rendering, as it would in code or within a link.
    """
    html = render_commentary(markdown)
    for start, end, url in reversed(list(islice(bare_urls.find(markdown), _MOST_URLS))):
        if not markdown[end : end + 1].isascii():
            delimited = f"{markdown[:start]}<{url}>{markdown[end:]}"
            if render_commentary(delimited) == html:
                markdown = delimited
    return markdown


def escape(text: str) -> str:
    """Plain text inside a line of Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def escape_all(text: str) -> str:
    """Plain text of which no character means anything, not even at a line's start."""
    return _PUNCTUATION.sub(r"\\\1", text)


def _front(outline: Outline) -> Iterator[str]:
    if outline.title or outline.number:
        yield f"# {escape(outline.title or outline.number)}"
    if outline.dek:
        yield f"> {escape(outline.dek)}"
    for label, names in names_by_label(outline, role_labels()).items():
        yield f"{escape(label)}: {escape(join_names(names))}"


def _section(section: Section) -> Iterator[str]:
    yield f"## {escape(section.title)}"
    yield section.note
    for group in section.groups:
        if group.topic:
            yield f"### {escape(group.topic)}"
        for item in group.items:
            yield from _item(item)


def _item(item: Item) -> Iterator[str]:
    label = rf"\[{escape(item.label)}\] " if item.label else ""
    headline = _link(item.headline, item.link) if item.link else escape(item.headline)
    yield f"{'#' * item.level} {item.number}. {label}{headline}"
    yield item.prose
    yield from map(_picture, item.pictures)
    yield from map(_correction, item.corrections)
    if item.credit:
        yield f"— {escape(item.credit)}"


def _correction(correction: Notice) -> str:
    return f"> {escape(correction.plain)}"


def _link(words: str, url: str) -> str:
    return f"[{escape(words)}](<{_destination(url)}>)"


def _picture(picture: Picture) -> str:
    image = f"![{escape(picture.alt)}](<{_destination(picture.src)}>)"
    below = " · ".join(filter(None, [picture.caption, picture.credit]))
    return f"{image}\n{escape(below)}".rstrip()


def _destination(url: str) -> str:
    """`url` between angle brackets: nothing in it may close them."""
    return url.replace("\\", "%5C").replace("<", "%3C").replace(">", "%3E")
