"""The web addresses in a file: one a line, Markdown, or HTML."""

from collections.abc import Iterable
from pathlib import PurePath

from selectolax.lexbor import LexborHTMLParser

from editorial.content.markdown import links_in

MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd"})
HTML = frozenset({".html", ".htm", ".xhtml"})


def read_urls(text: str, *, name: str = "") -> list[str]:
    """Each address once, in order; what kind of text it is tells the file's `name`.

    Lines of a list are taken as they stand, so that a line that is no web address is
    judged as one; empty lines and those that begin with # are passed over. Of Markdown
    and HTML only links to http and https count.
    """
    kind = PurePath(name).suffix.lower()
    if kind in MARKDOWN:
        return links_in(text)
    return list(dict.fromkeys(_hrefs(text) if kind in HTML else _lines(text)))


def _lines(text: str) -> Iterable[str]:
    lines = (line.strip() for line in text.splitlines())
    return (line for line in lines if line and not line.startswith("#"))


def _hrefs(text: str) -> Iterable[str]:
    for link in LexborHTMLParser(text).css("a[href], area[href]"):
        href = (link.attributes.get("href") or "").strip()
        if href.lower().startswith(("http://", "https://")):
            yield href
