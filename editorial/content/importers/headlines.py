"""The first line of an item: label, headline, link, and what is left for its text.

A headline has at most 80 characters and ends at a sentence, a colon or the line's end;
with the rest it gives back the line. Its closing punctuation stays: it is the source's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from editorial.content import bare_urls
from editorial.content.link_keys import InvalidUrl, clean_url

MOST_CHARACTERS = 80

_LABEL = re.compile(
    r"(?:\[(?P<a>[^\[\]]{1,20})\](?!\()|【(?P<b>[^【】]{1,20})】)\s*(?=\S)"
)
_LINKED = re.compile(
    r"(?<!!)\[(?P<words>[^\[\]]+)\]\(<?(?P<url>https?://[^\s()<>]+)>?\)"
)
_LINK_LABEL = re.compile(
    r"(?:原文|项目|文章|详情|详细)?(?:链接|地址|原文|详情|详见|参考)"
    r"|link|url|source|via|read more|more|details|see",
    re.IGNORECASE,
)
_BRACKETS = {"(": ")", "（": "）", "<": ">", "[": "]", "【": "】"}
_BOUNDARY = re.compile(
    r"""(?P<sentence>
            [。！？]+[”’」』）"]*
          | [!?]+(?=\s|$|[^\x00-\x7f])
          | (?<!\.)\.(?=\s|$)
        )
      | (?P<colon> ： | :(?!//)(?=\s|$|[^\x00-\x7f]) )""",
    re.VERBOSE,
)
_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|etc|vs|cf|approx|inc|ltd|co|corp|mr|mrs|ms|dr|st|no|vol|[a-z])$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[，,；;、](?=\D)|\s[-–—]\s|\s")


@dataclass(frozen=True, slots=True)
class Opening:
    """What an item's first line says."""

    headline: str
    label: str = ""
    link: str | None = None
    rest: str = ""
    cut: bool = False  # no boundary within the limit: cut at a clause or a blank
    bad_link: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """A line less the link it gives to its item."""

    text: str
    link: str | None = None
    bad_link: str = ""
    label_dropped: bool = False


def read_opening(text: str) -> Opening:
    """The opening line of an item, taken apart. `text` has no marker and is not empty."""
    label, text = _take_label(text)
    linked_words = _LINKED.match(text)
    if linked_words and _is_web(linked_words["url"]):
        return Opening(
            headline=linked_words["words"][:MOST_CHARACTERS].strip(),
            label=label,
            link=linked_words["url"],
            rest=(
                linked_words["words"][MOST_CHARACTERS:] + text[linked_words.end() :]
            ).strip(),
            cut=len(linked_words["words"]) > MOST_CHARACTERS,
        )
    linked = take_link(text)
    words = linked.text
    if linked.link and words.startswith(linked.link):
        words = words[len(linked.link) :].strip()
    if not words:
        words = text
    end, cut = _headline_end(words)
    return Opening(
        headline=words[:end].strip(),
        label=label,
        link=linked.link,
        rest=words[end:].strip(),
        cut=cut,
        bad_link=linked.bad_link,
    )


def take_link(text: str) -> Linked:
    """The first address of a line, and the line without it where it ends the line.

    An address with text after it stays where it is, too. An address that a browser
    could not open stays text and is no link.
    """
    found = next(
        (url for url in bare_urls.find(text) if not _is_picture(text, url)), None
    )
    if not found:
        return Linked(text)
    if not _is_web(found.url):
        return Linked(text, bad_link=found.url)
    before, after = text[: found.start].rstrip(), text[found.end :].strip()
    if (
        after
        and after[0] == _BRACKETS.get(before[-1:])
        and after[1:] in {"", "。", "."}
    ):
        before, after = before[:-1].rstrip() + after[1:], ""
    if after:
        return Linked(text, link=found.url)
    if _LINK_LABEL.fullmatch(before.rstrip(" :：|｜-→>")):
        return Linked("", link=found.url, label_dropped=True)
    return Linked(before, link=found.url)


def _is_picture(text: str, url: bare_urls.BareUrl) -> bool:
    return bool(
        re.search(r"!\[[^\]]*\]\(<?$", text[max(0, url.start - 200) : url.start])
    )


def _is_web(url: str) -> bool:
    try:
        clean_url(url)
    except InvalidUrl:
        return False
    return True


def _take_label(text: str) -> tuple[str, str]:
    match = _LABEL.match(text)
    if not match:
        return "", text
    return (match["a"] or match["b"]).strip(), text[match.end() :]


def _headline_end(text: str) -> tuple[int, bool]:
    """Where the headline of `text` ends, and whether it had to be cut."""
    url = next(bare_urls.find(text[: MOST_CHARACTERS + 20]), None)
    limit = min(len(text), MOST_CHARACTERS)
    at_link = _start_of_link(text, url.start) if url else 0
    if 0 < at_link < limit:
        limit = at_link
    boundary = _first_boundary(text, limit)
    if boundary:
        return boundary, False
    if limit in {len(text), at_link}:
        return limit, False
    return _clause_end(text, limit), True


def _start_of_link(text: str, url_start: int) -> int:
    """Where the address of `text` begins with what belongs to it: [words](, （."""
    before = text[:url_start]
    words = re.search(r"\[[^\[\]]*\]\(<?$", before)
    if words:
        before = before[: words.start()]
    return len(before.rstrip(" (（<[【"))


def _first_boundary(text: str, limit: int) -> int | None:
    """The first sentence's end; or a colon, where the line goes on past the limit."""
    colon = None
    for match in _BOUNDARY.finditer(text, 0, min(len(text), limit + 1)):
        if match.end() > limit:
            break
        if match["colon"]:
            colon = colon or match.end()
        elif not _ABBREVIATION.search(text, 0, match.start()):
            return colon or match.end() if text[match.end() :].strip() else match.end()
    return colon if len(text) > limit else None


def _clause_end(text: str, limit: int) -> int:
    ends = [match.end() for match in _CLAUSE.finditer(text, 0, limit)]
    return ends[-1] if ends and ends[-1] > limit // 4 else limit
