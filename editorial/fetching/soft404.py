"""Pages that answer 200 and say that they are not there.

Words alone prove nothing: people write about error pages. What proves it is that the
host says the same of a path nobody can have written, or that the words are those of a
platform for what an author or a censor took down.
"""

import re
import secrets
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import urlsplit

from .fingerprints import distance
from .outcomes import Response
from .pages import Page

SHORT = 400  # characters of visible text: no article
ALIKE = 6  # bits of 64 between two fingerprints of one template

# The whole of a title, of a part of it, or of a heading.
_NAMES = re.compile(
    r"(?:(?:http )?(?:error|status)? ?404(?: error)?[.!:\- ]{0,3})?"
    r"(?:page not found|not found|(?:the |this |that )?(?:page|article|post|content)"
    r"(?: you requested| you(?:.re| are) looking for)?"
    r" (?:could ?n[o\u2019']?t|can ?n?[o\u2019']?t) be found"
    r"|(?:this |the )?page (?:does ?n[o\u2019']?t|no longer) exists?|nothing found"
    r"|(?:抱歉|对不起|很遗憾)?[，,！! ]{0,2}(?:您|你)?(?:要|所)?(?:访问|查看|请求|浏览|找)?的?"
    r"(?:页面|网页|文章|内容|帖子|链接)(?:已经?)?(?:不存在|未找到|没有找到|找不到了?|走丢了|丢失了?"
    r"|不见了|被删除|删除|失效)(?:或已被?删除)?"
    r"|(?:找不到|未找到|没有找到|无法找到)(?:该|此|这个|您要的|你要的)?(?:页面?|网页|文章|内容))?"
    r"(?: ?\(?404\)?| error)?[.!。！…~ ]*",
    re.IGNORECASE,
)
# One of these is in each such name: nearly all titles need no pattern.
_HINTS = ("404", "found", "exist", "不存在", "找", "丢", "不见", "删除", "失效")
_SEPARATORS = re.compile(r"\s[-–—|·:_]\s|[|｜_]|\s?[–—]\s?")
_WORDS = re.compile(
    r"page (?:was )?not found|404 not found|(?:could ?n[o\u2019']?t|can ?n?[o\u2019']?t) be found"
    r"|page (?:does ?n[o\u2019']?t|no longer) exists?"
    r"|(?:页面|网页|文章|内容|帖子)(?:已经?)?(?:不存在|未找到|找不到|走丢|被删除|已删除)"
    r"|(?:找不到|未找到|无法找到)(?:该|此|这个|您要的|你要的)?(?:页面|网页|文章|内容)",
    re.IGNORECASE,
)
# What platforms put in the place of what was taken down; nothing else is on the page.
_TAKEN_DOWN = re.compile(
    r"该内容已被发布者删除|此内容因违规无法查看|此内容被投诉且经审核涉嫌侵权|该公众号已迁移"
    r"|该文章已被(?:作者|发布者)?删除|你访问的文章已被删除|啊叻？视频不见了|该帖已被删除"
    r"|this (?:post|story|article) (?:was|has been) (?:deleted|removed) by (?:its|the) author"
    r"|the author (?:has )?deleted this",
    re.IGNORECASE,
)


class Sign(Enum):
    """What speaks for a page that is not there, weakest first."""

    FRONT_PAGE = auto()  # the link was sent to the front page of its site
    WORDS = auto()  # a short page with the words, or a title made of them
    BOTH = auto()  # a short page with a title made of them
    TAKEN_DOWN = auto()  # proof enough


@dataclass(frozen=True, slots=True)
class Probe:
    """What a host said to a path that nobody can have written."""

    status: int
    path: str
    title: str
    text: str
    fingerprint: str


def find_sign(response: Response, page: Page) -> Sign | None:
    """The strongest sign on a page that answered 200; None on nearly all of them."""
    text = page.text
    short = len(text) <= SHORT
    if short and _TAKEN_DOWN.search(text):
        return Sign.TAKEN_DOWN
    named = _is_name(page.title) or _is_name(page.heading)
    if named or (short and _WORDS.search(text)):
        return Sign.BOTH if named and short else Sign.WORDS
    return Sign.FRONT_PAGE if _is_at_front_page(response) else None


def invent_path(url: str) -> str:
    """The address of something in the same folder that is certainly not there."""
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0]
    return f"{parts.scheme}://{parts.netloc}{folder}/{secrets.token_hex(12)}"


def read_probe(response: Response, fingerprint: str, page: Page) -> Probe:
    return Probe(
        status=response.status,
        path=urlsplit(response.final_url).path,
        title=page.title,
        text=page.text,
        fingerprint=fingerprint,
    )


def confirms(probe: Probe, sign: Sign, page: Page, fingerprint: str) -> bool:
    """Whether the host shows the same to a path that cannot be there."""
    if not 200 <= probe.status < 300:
        return False
    if sign is Sign.FRONT_PAGE:
        return probe.path in {"", "/"}
    if fingerprint and probe.fingerprint:
        return distance(fingerprint, probe.fingerprint) <= ALIKE
    same_name = bool(page.title) and page.title == probe.title
    both_say_so = _is_name(page.title) and _is_name(probe.title)
    return same_name or both_say_so or page.text == probe.text


def _is_name(title: str) -> bool:
    lowered = title.lower()
    if not any(hint in lowered for hint in _HINTS):
        return False
    parts = (part.strip() for part in (title, *_SEPARATORS.split(title)))
    said = (part for part in parts if any(map(str.isalnum, part)))
    return any(_NAMES.fullmatch(part) for part in said)


def _is_at_front_page(response: Response) -> bool:
    if len(response.chain) < 2:
        return False
    first, last = urlsplit(response.chain[0].url), urlsplit(response.final_url)
    depth = len(first.path.strip("/").split("/")) if first.path.strip("/") else 0
    same_site = _bare(first.netloc) == _bare(last.netloc)
    # One step down may be a language or a start page: /en/, /index.html.
    return same_site and depth >= 2 and last.path in {"", "/"} and not last.query


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")
