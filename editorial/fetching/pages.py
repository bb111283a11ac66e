"""A page's bytes as text: its encoding, its title, the words people see.

Everything here takes time in proportion to the page's length, whatever is in it: what
strangers send is never given to a pattern or a parser that could need longer.
"""

import codecs
import html
import re
import unicodedata
import zlib
from dataclasses import dataclass
from urllib.parse import unquote

from .outcomes import Response

PAGE_BYTES = 512 * 1024  # read and, where the server compresses unasked, decoded
# Given to the parser, in characters. Nested or attribute-laden mark-up costs a parser
# time by the square of its length: 512 KiB of <div> took half a minute.
PARSED_LENGTH = 32 * 1024
TITLE_LENGTH = 200  # characters

# The WHATWG Encoding Standard reads these labels as their larger sisters.
_READ_AS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "unicode": "utf-8",
}
# Of Python's codecs, those of web pages: not hex, not idna, not unicode_escape.
_WEB_CODECS = re.compile(
    r"utf-8|gb18030|big5hkscs|cp932|euc_jp|iso2022_jp|cp949|cp125\d|cp8(66|74)"
    r"|iso8859-\d+|koi8-[ru]|mac-\w+"
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET_PARAMETER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_CHARSET_META = re.compile(
    rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_SNIFFED_BYTES = 1024  # as the HTML standard does

# What fills heads but names nothing; each beginning with its end.
_FILLINGS = re.compile(r"<(!--|script\b|style\b|svg\b)", re.IGNORECASE)
_FILLING_ENDS = {
    "!--": re.compile("-->"),
    "script": re.compile(r"</script\s*>", re.IGNORECASE),
    "style": re.compile(r"</style\s*>", re.IGNORECASE),
    "svg": re.compile(r"</svg\s*>", re.IGNORECASE),
}
_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_HEADING = re.compile(r"<h1\b[^<>]*>(.{0,400}?)</h1", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")


def is_html(response: Response) -> bool:
    """Whether the answer says that it is a page, or does not say what it is."""
    kind = response.headers.get("content-type", "text/html").lower()
    return "html" in kind


def decode_body(response: Response) -> str:
    """The body as text, by what the server, the byte order mark or the page says.

    Without any of these: UTF-8, or else GB18030, as old Chinese pages are.
    """
    body = _decompress(response)
    encoding = _find_encoding(body, response.headers.get("content-type", ""))
    if encoding is None:
        encoding = "utf-8" if _is_utf8(body) else "gb18030"
    return body.decode(encoding, errors="replace").removeprefix("\ufeff")


def condense(text: str) -> str:
    """The page's beginning without scripts, styles, pictures and comments."""
    pieces, length, start = list[str](), 0, 0
    while length < PARSED_LENGTH and (filling := _FILLINGS.search(text, start)):
        pieces.append(text[start : filling.start()])
        length += len(pieces[-1])
        end = _FILLING_ENDS[filling[1].lower()].search(text, filling.end())
        start = end.end() if end else len(text)
    return "".join([*pieces, text[start : start + PARSED_LENGTH]])[:PARSED_LENGTH]


@dataclass(frozen=True, slots=True)
class Page:
    """What people see of a page, from its beginning, and the whole source of it."""

    title: str
    heading: str
    text: str
    source: str


NO_PAGE = Page("", "", "", "")


def read_page(response: Response) -> Page:
    """The page in the answer, `NO_PAGE` for what is none."""
    if not response.body or not is_html(response):
        return NO_PAGE
    source = decode_body(response)
    condensed = condense(source)
    heading = _HEADING.search(condensed)
    return Page(
        title=find_title(condensed),
        heading=_clean_words(heading[1]) if heading else "",
        text=visible_text(condensed),
        source=source,
    )


def has_place(page: Page, fragment: str) -> bool:
    """Whether the page has, or may make by itself, an element of this name.

    A name that stands in quotes anywhere, or behind a #, is given the benefit of the
    doubt: scripts make headings of data. GitHub writes a prefix before names.
    """
    names = {fragment, unquote(fragment)}
    marks = (f"{prefix}{name}" for name in names for prefix in ("", "user-content-"))
    pattern = "|".join(re.escape(html.escape(mark)) for mark in marks)
    return bool(re.search(rf"""["'=#]\s?(?:{pattern})(?=["'\s>&])""", page.source))


def find_title(condensed: str) -> str:
    """What the page calls itself, on one line; "" where it does not."""
    found = _TITLE.search(condensed)
    return clean_line(html.unescape(found[1]), TITLE_LENGTH) if found else ""


def visible_text(condensed: str) -> str:
    """The words between the tags, no blanks around them; what is hidden by style sheets
    counts as seen."""
    start = re.search(r"<body\b", condensed, re.IGNORECASE)
    body = condensed[start.start() :] if start else condensed
    return html.unescape(_TAG.sub(" ", body)).strip()


def _clean_words(markup: str) -> str:
    return clean_line(html.unescape(_TAG.sub(" ", markup)), TITLE_LENGTH)


def clean_line(text: str, length: int) -> str:
    """One line without control characters and lone surrogates, cut at `length`."""
    line = " ".join(text.split())
    if not line.isprintable():
        line = "".join(c for c in line if unicodedata.category(c) not in {"Cc", "Cs"})
    return line[:length].rstrip()


def _find_encoding(body: bytes, content_type: str) -> str | None:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return encoding
    named = _CHARSET_PARAMETER.search(content_type)
    if named and (known := _known_encoding(named[1])):
        return known
    meta = _CHARSET_META.search(body[:_SNIFFED_BYTES])
    return _known_encoding(meta[1].decode("ascii", "replace")) if meta else None


def _known_encoding(label: str) -> str | None:
    try:
        name = codecs.lookup(_READ_AS.get(label.lower(), label)).name
    except (LookupError, ValueError):
        return None
    if name.startswith(("utf-16", "utf-32")):
        # Whoever could read the label as ASCII does not have UTF-16 (WHATWG).
        return "utf-8"
    return name if _WEB_CODECS.fullmatch(name) else None


def _is_utf8(body: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body)  # may be cut at the end
    except UnicodeDecodeError:
        return False
    return True


def _decompress(response: Response) -> bytes:
    """Undo compression nobody asked for, up to PAGE_BYTES."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        return response.body
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        return b""
    try:
        # 32: find out whether the wrapping is zlib's or gzip's
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        return unpacker.decompress(response.body, PAGE_BYTES)
    except zlib.error:
        return b""
