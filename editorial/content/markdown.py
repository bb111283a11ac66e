"""An author's Markdown, made into HTML that cannot do harm, and into plain text.

One road for every face: shield → comrak → links → nh3. HTML is not part of our
Markdown: `Vec<T>` is printed as typed, and so is a `<script>`.

Bare addresses are found by `bare_urls` before comrak sees the text, because their
underscores and asterisks must not become emphasis and because what follows them may be
Chinese. They are only *shielded* there (each meaningful character is swapped for a
private one) and become links in the parsed result, where it is certain what is code and
what is a link already.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from html import escape, unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe

from . import bare_urls

if TYPE_CHECKING:  # at run time in what renders: most processes never do
    import comrak

MAX_DEPTH = 64  # tags within tags; past that it is no text, and slow to clean
SCHEMES = frozenset({"http", "https", "mailto"})

_TAG_NAMES = """
    a blockquote br code del em h1 h2 h3 h4 h5 h6 hr img li ol p pre strong
    table tbody td th thead tr ul
"""
_TAGS = frozenset(_TAG_NAMES.split())
# No id, name, class or style anywhere: nothing to clobber, restyle or impersonate with.
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
}


def render(
    markdown: str,
    *,
    base: str = "",
    heading_level: int = 4,
    lead: Callable[[str], str] | None = None,
) -> SafeString:
    """Safe HTML of `markdown`, for any page or mail.

    With `base` ("https://weekly.example") relative addresses become absolute, as mail
    and feeds need; without it they stay relative. `# Heading` becomes h`heading_level`.
    A line break stays one: what an author types is what readers see. `lead` says where
    a link goes instead, as where a page died and has an archived copy.
    """
    markdown = _without_surrogates(markdown)
    html = _unshield(_to_html(_shield(markdown)))
    if _depth(html) > MAX_DEPTH:
        return mark_safe(f"<p>{escape(markdown)}</p>")  # noqa: S308 - escaped
    html = _link_bare_urls(_NO_ADDRESS.sub(r"<\1", html))
    html = _HEADING.sub(lambda tag: _moved_heading(tag, heading_level), html)
    html = _sanitise(html, base)
    if lead:
        html = _HREF.sub(lambda tag: _led(tag, lead), html)
    return mark_safe(html)  # noqa: S308 - nh3 has just cleaned it


def links_in(markdown: str) -> list[str]:
    """The web addresses `markdown` links to, each once, in order of appearance."""
    urls = (unescape(url) for url in _HREF.findall(render(markdown)))
    return list(dict.fromkeys(filter(_WEB_ADDRESS.match, urls)))


def list_items_in(markdown: str) -> int:
    """How many entries the lists of `markdown` have."""
    return render(markdown).count("<li>")


def plain(markdown: str, *, links: bool = True, base: str = "") -> str:
    """The words of `markdown` without mark-up, as text mail and summaries need them.

    Addresses follow their words in brackets, unless `links` is False.
    """
    flattener = _Flattener(links=links)
    flattener.feed(render(markdown, base=base))
    flattener.close()
    return flattener.text()


def is_neutral(markdown: str) -> bool:
    """Whether no renderer makes HTML of the author's own, or a harmful link, of it."""
    text = _without_surrogates(markdown)
    trusting = _to_html(text, trusting=True)
    if trusting != _to_html(text):
        return False
    return all(map(_is_harmless_address, _ADDRESS.findall(trusting)))


def _is_harmless_address(address: str) -> bool:
    scheme = _ANY_SCHEME.match(unescape(address))
    return not scheme or scheme[1].lower() in SCHEMES


# --- shield: what comrak must take for plain letters --------------------------------

_SHIELD_BASE = 0x10FF00  # the end of the last private plane: no font, no keyboard
_SHIELDED = {ord(c): chr(_SHIELD_BASE + ord(c)) for c in "*_~[]<"}
_SHIELD = re.compile(
    f"[{''.join(_SHIELDED.values())}]"
    "|" + "|".join("".join(f"%{b:02X}" for b in c.encode()) for c in _SHIELDED.values())
)
# A `<` that would open HTML. Autolinks, <destinations> and \< keep theirs.
_OPENS_HTML = re.compile(
    r"(?<!\]\()(?<!\]:\ )(?<!\\)<(?=[A-Za-z/!?])(?!(?:https?|mailto):[^\s<>]+>)"
    r"(?![\w.+-]+@[\w.-]+>)",
    re.IGNORECASE,
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def _without_surrogates(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text)


def _shield(markdown: str) -> str:
    parts: list[str] = []
    position = 0
    for start, end, url in bare_urls.find(markdown):
        parts += markdown[position:start], url.translate(_SHIELDED)
        position = end
    parts.append(markdown[position:])
    return _OPENS_HTML.sub(_SHIELDED[ord("<")], "".join(parts))


def _unshield(html: str) -> str:
    return _SHIELD.sub(_original, html)


def _original(match: re.Match[str]) -> str:
    token = match.group()
    if token[0] == "%":  # inside an address, where comrak has percent-encoded it
        last = bytes.fromhex(token.replace("%", "")).decode()
        character = chr(ord(last) - _SHIELD_BASE)
        return "%3C" if character == "<" else character
    return escape(chr(ord(token) - _SHIELD_BASE))


# --- comrak, and links in what it made -----------------------------------------------


@cache
def _extensions() -> comrak.ExtensionOptions:
    import comrak

    options = comrak.ExtensionOptions()
    options.cjk_friendly_emphasis = True  # **强调。**后文
    options.strikethrough = True
    options.table = True
    return options


@cache
def _rendering() -> comrak.RenderOptions:
    import comrak

    options = comrak.RenderOptions()
    options.escape = True  # HTML that slips past the shield is text all the same
    options.hardbreaks = True
    return options


@cache
def _trusting() -> comrak.RenderOptions:
    """As other programs may render: raw HTML and every scheme let through."""
    import comrak

    options = comrak.RenderOptions()
    options.unsafe_ = True
    options.hardbreaks = True
    return options


_TAG = re.compile(r"(<[^>]*>)")  # exact here: comrak escapes > in text and attributes
_NAME_OF_TAG = re.compile(r"</?([a-z0-9]+)")
_HEADING = re.compile(r"<(/?)h([1-6])>")
_NO_ADDRESS = re.compile(r'<(a|img) (?:href|src)=""')  # comrak has refused the scheme
_HREF = re.compile(r'<a href="([^"]*)"')  # the order in which nh3 writes them
_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_ADDRESS = re.compile(r' (?:href|src)="([^"]*)"')
_ANY_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*):")
_UNLINKABLE = frozenset({"a", "code", "pre"})


def _to_html(markdown: str, *, trusting: bool = False) -> str:
    import comrak

    return comrak.render_markdown(
        markdown,
        extension_options=_extensions(),
        render_options=_trusting() if trusting else _rendering(),
    )


def _depth(html: str) -> int:
    """How deep the tags of comrak's output stand in each other."""
    depth = deepest = 0
    for match in _TAG.finditer(html):
        tag = match.group()
        if tag.startswith("</"):
            depth -= 1
        elif not tag.endswith("/>"):
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _link_bare_urls(html: str) -> str:
    """`html` with the bare addresses of its running text made into links."""
    if "://" not in html:
        return html
    parts: list[str] = []
    inside = 0
    for part in _TAG.split(html):
        name = _NAME_OF_TAG.match(part)
        if name and name.group(1) in _UNLINKABLE:
            inside += -1 if part.startswith("</") else 1
        elif not name and not inside and "://" in part:
            part = _linked(unescape(part))
        parts.append(part)
    return "".join(parts)


def _linked(text: str) -> str:
    parts: list[str] = []
    position = 0
    for start, end, url in bare_urls.find(text):
        address = escape(url)
        parts += escape(text[position:start]), f'<a href="{address}">{address}</a>'
        position = end
    parts.append(escape(text[position:]))
    return "".join(parts)


def _moved_heading(tag: re.Match[str], top: int) -> str:
    slash, level = tag.groups()
    return f"<{slash}h{min(6, top + int(level) - 1)}>"


def _led(tag: re.Match[str], lead: Callable[[str], str]) -> str:
    url = unescape(tag[1])
    led = lead(url)
    return tag[0] if led == url else f'<a href="{escape(led)}"'


def _sanitise(html: str, base: str) -> str:
    import nh3

    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes=set(SCHEMES),
        link_rel="noopener",
        url_relative=("rewrite_with_base", base) if base else None,
    )


# --- plain text ------------------------------------------------------------------------

_BLOCK_NAMES = "blockquote h1 h2 h3 h4 h5 h6 hr ol p pre table ul"
_BLOCKS = frozenset(_BLOCK_NAMES.split())


class _Flattener(HTMLParser):
    """Writes the clean HTML of `render` as text: paragraphs, lists, addresses."""

    def __init__(self, *, links: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._links = links
        self._out: list[str] = []
        self._lists: list[int | None] = []  # the next number; None for bullets
        self._href = ""
        self._link_start = 0
        self._verbatim = False

    def text(self) -> str:
        lines = "".join(self._out).split("\n")
        return re.sub(r"\n{3,}", "\n\n", "\n".join(map(str.rstrip, lines))).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self._open_block(tag, attributes)
        elif tag == "li":
            self._open_item()
        elif tag == "tr":
            self._out.append("\n")
        elif tag in {"td", "th"}:
            self._out.append(" ")
        elif tag == "br":
            self._out.append("\n" + self._indent())
        elif tag == "a":
            self._href = attributes.get("href", "")
            self._link_start = len(self._out)
        elif tag == "img":
            self._out.append(attributes.get("alt", ""))
            self._append_address(attributes.get("src", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ol", "ul"}:
            self._lists.pop()
        if tag == "pre":
            self._verbatim = False
        if tag in _BLOCKS and not self._lists:
            self._out.append("\n\n")
        if tag == "a":
            words = "".join(self._out[self._link_start :])
            if self._href.removeprefix("mailto:") != words:
                self._append_address(self._href)
            self._href = ""

    def handle_data(self, data: str) -> None:
        # Between tags comrak breaks lines for its own sake; only <pre> means them.
        self._out.append(data if self._verbatim else data.replace("\n", ""))

    def _open_block(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "ul":
            self._lists.append(None)
        elif tag == "ol":
            self._lists.append(int(attributes.get("start") or 1))
        elif tag == "hr":
            self._out.append("* * *")
        self._verbatim = tag == "pre"

    def _open_item(self) -> None:
        number = self._lists[-1]
        if number is not None:
            self._lists[-1] = number + 1
        marker = "- " if number is None else f"{number}. "
        self._out.append("\n" + self._indent(len(self._lists) - 1) + marker)

    def _indent(self, depth: int | None = None) -> str:
        return "  " * (len(self._lists) if depth is None else depth)

    def _append_address(self, url: str) -> None:
        if self._links and url:
            self._out.append(f" ({url})")
