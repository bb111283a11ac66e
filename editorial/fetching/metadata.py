"""What a page says about itself, for the source card of the item form."""

import asyncio
import codecs
import re
import unicodedata
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from .client import Client, Limits, Policy
from .guard import parse_target
from .ladder import judge
from .manners import Manners
from .network import Network
from .outcomes import FetchError, Refused, Response
from .verdicts import Judgement, Verdict

PAGE_BYTES = 512 * 1024  # read and, where the server compresses unasked, decoded
# Given to the parser, in characters. Nested or attribute-laden mark-up costs a parser
# time by the square of its length: 512 KiB of <div> took half a minute.
PARSED_LENGTH = 32 * 1024
TITLE_LENGTH = 200  # characters
DESCRIPTION_LENGTH = 500

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

_TITLES = ("og:title", "twitter:title", "citation_title")
_DESCRIPTIONS = ("og:description", "description", "twitter:description")
_SITES = ("og:site_name", "application-name")
_DATES = (
    "article:published_time",
    "og:published_time",
    "citation_publication_date",
    "pubdate",
    "publishdate",
    "date",
    "dc.date",
)
_IMAGES = ("og:image:secure_url", "og:image", "twitter:image")
_JSON_LD_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """A page's own words as plain text, "" where it has none.

    `url` is where the page was found, `site_name` at least its host. `published` is
    aware, in UTC where the page names no zone. `image` is an address that the guard
    lets through; it was not fetched. `judgement` is the verdict of the same visit.
    """

    url: str
    judgement: Judgement
    title: str = ""
    description: str = ""
    site_name: str = ""
    published: datetime | None = None
    image: str = ""


def read_metadata(
    url: str,
    *,
    network: Network | None = None,
    policy: Policy | None = None,
    limits: Limits | None = None,
    manners: Manners | None = None,
) -> PageMetadata:
    """Visit the page once and read what it says about itself.

    For code without an event loop: it runs its own. Trouble is in the `judgement`,
    never an exception, and leaves the words empty.
    """

    async def run() -> PageMetadata:
        async with Client(
            network=network, policy=policy, limits=limits, manners=manners
        ) as client:
            return await visit_page(url, client=client)

    return asyncio.run(run())


async def visit_page(url: str, *, client: Client) -> PageMetadata:
    try:
        response = await client.fetch(url, max_bytes=PAGE_BYTES)
    except FetchError as error:
        return PageMetadata(url=url, judgement=judge(error))
    judgement = judge(response)
    if judgement.verdict is not Verdict.OK or not _is_html(response):
        return PageMetadata(url=response.final_url, judgement=judgement)
    return parse_page(response, judgement=judgement)


def parse_page(response: Response, *, judgement: Judgement) -> PageMetadata:
    text = decode_body(response)
    tree = LexborHTMLParser(_condense(text))
    metas = _collect_metas(tree)
    heading = tree.css_first("title") or tree.css_first("h1")
    return PageMetadata(
        url=response.final_url,
        judgement=judgement,
        title=_clean(
            _first(metas, _TITLES) or (heading.text() if heading else ""), TITLE_LENGTH
        ),
        description=_clean(_first(metas, _DESCRIPTIONS), DESCRIPTION_LENGTH),
        site_name=_clean(_first(metas, _SITES), TITLE_LENGTH)
        or (urlsplit(response.final_url).hostname or ""),
        published=_find_date(text, tree, metas),
        image=_public_url(response.final_url, _first(metas, _IMAGES)),
    )


def decode_body(response: Response) -> str:
    """The body as text, by what the server, the byte order mark or the page says.

    Without any of these: UTF-8, or else GB18030, as old Chinese pages are.
    """
    body = _decompress(response)
    encoding = _find_encoding(body, response.headers.get("content-type", ""))
    if encoding is None:
        encoding = "utf-8" if _is_utf8(body) else "gb18030"
    return body.decode(encoding, errors="replace").removeprefix("\ufeff")


def _condense(text: str) -> str:
    """The page's beginning without scripts, styles, pictures and comments."""
    pieces, length, start = list[str](), 0, 0
    while length < PARSED_LENGTH and (filling := _FILLINGS.search(text, start)):
        pieces.append(text[start : filling.start()])
        length += len(pieces[-1])
        end = _FILLING_ENDS[filling[1].lower()].search(text, filling.end())
        start = end.end() if end else len(text)
    return "".join([*pieces, text[start : start + PARSED_LENGTH]])[:PARSED_LENGTH]


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


def _is_html(response: Response) -> bool:
    kind = response.headers.get("content-type", "text/html").lower()
    return "html" in kind


def _collect_metas(tree: LexborHTMLParser) -> dict[str, str]:
    """Content of each <meta>, by lower-case property or name; the first one counts."""
    metas: dict[str, str] = {}
    for meta in tree.css("meta"):
        attributes = meta.attributes
        name = attributes.get("property") or attributes.get("name") or ""
        if content := (attributes.get("content") or "").strip():
            metas.setdefault(name.lower(), content)
    return metas


def _first(metas: dict[str, str], names: tuple[str, ...]) -> str:
    return next((metas[name] for name in names if name in metas), "")


def _find_date(
    text: str, tree: LexborHTMLParser, metas: dict[str, str]
) -> datetime | None:
    time = tree.css_first("time[datetime]")
    candidates = (
        _first(metas, _DATES),
        *_JSON_LD_DATE.findall(text)[:1],
        (time.attributes.get("datetime") or "") if time else "",
    )
    return next((date for found in candidates if (date := _read_date(found))), None)


def _read_date(text: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        return None
    if not 1990 <= date.year < 2100:  # older than the web, or a slip
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _public_url(base: str, reference: str) -> str:
    try:
        return parse_target(urljoin(base, reference)).url if reference else ""
    except (Refused, ValueError):
        return ""


def _clean(text: str, length: int) -> str:
    """One line without control characters and lone surrogates, cut at `length`."""
    line = " ".join(text.split())
    return "".join(c for c in line if unicodedata.category(c) not in {"Cc", "Cs"})[
        :length
    ].rstrip()
