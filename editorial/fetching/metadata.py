"""What a page says about itself, for the source card of the item form."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from .client import Client, Limits, Policy
from .guard import parse_target
from .ladder import judge, judge_page
from .manners import Manners
from .network import Network
from .outcomes import FetchError, Refused, Response
from .pages import (
    PAGE_BYTES,
    TITLE_LENGTH,
    clean_line,
    condense,
    decode_body,
    is_html,
    read_page,
)
from .probes import Probes
from .verdicts import Judgement, Verdict

DESCRIPTION_LENGTH = 500  # characters

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
    """The page's words, and the verdict that a check of the link would come to."""
    try:
        response = await client.fetch(url, max_bytes=PAGE_BYTES)
    except FetchError as error:
        return PageMetadata(url=url, judgement=judge(error))
    page = read_page(response)
    judgement = judge_page(response, page)
    if judgement.verdict is Verdict.OK:
        judgement = await Probes(client).examine(response, page, judgement)
    if judgement.verdict is not Verdict.OK or not is_html(response):
        return PageMetadata(url=response.final_url, judgement=judgement)
    return parse_page(response, judgement=judgement)


def parse_page(response: Response, *, judgement: Judgement) -> PageMetadata:
    text = decode_body(response)
    tree = LexborHTMLParser(condense(text))
    metas = _collect_metas(tree)
    heading = tree.css_first("title") or tree.css_first("h1")
    return PageMetadata(
        url=response.final_url,
        judgement=judgement,
        title=clean_line(
            _first(metas, _TITLES) or (heading.text() if heading else ""), TITLE_LENGTH
        ),
        description=clean_line(_first(metas, _DESCRIPTIONS), DESCRIPTION_LENGTH),
        site_name=clean_line(_first(metas, _SITES), TITLE_LENGTH)
        or (urlsplit(response.final_url).hostname or ""),
        published=_find_date(text, tree, metas),
        image=_public_url(response.final_url, _first(metas, _IMAGES)),
    )


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
