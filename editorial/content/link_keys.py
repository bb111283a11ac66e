"""Web addresses: as written less tracking, as a key for "seen before?", as a host.

A key is for comparing and for sharing checks; visits and readers get `clean_url`. Two
addresses share a key only where the same page is sure to answer, so a key undoes
spelling (RFC 3986 §6.2.2), tracking and the habits of a few sites we know, no more.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus, urlsplit

import idna
from django.utils.translation import gettext as _

MAX_LENGTH = 2048


class InvalidUrl(ValueError):
    """Not an address one can visit; the message says why, for whoever typed it."""


def clean_url(url: str) -> str:
    """`url` as written, less tracking parameters. Raises InvalidUrl."""
    _parse(url)
    address, hash_mark, fragment = url.partition("#")
    address, question_mark, query = address.partition("?")
    kept = "&".join(pair for pair in query.split("&") if not _is_tracking(pair))
    if fragment and all(map(_is_tracking, fragment.split("&"))):
        hash_mark = fragment = ""
    return f"{address}{question_mark if kept else ''}{kept}{hash_mark}{fragment}"


def link_key(url: str) -> str:
    """What addresses of one page have in common: "github.com/helm/helm".

    Scheme, `www.`, default port, fragment, closing slash, tracking and the order of
    the query do not matter; GitHub, arXiv and WeChat have forms of their own. A key is
    no address: do not visit it. It is ASCII of at most MAX_LENGTH characters.

    Raises InvalidUrl.
    """
    parts = _parse(url)
    page = _Page(
        host=_without_www(parts.host),
        path=_normal_path(parts.path),
        query=_normal_query(parts.query),
    )
    site = _SITES.get(page.host)
    if site:
        page = site(page)
    query = "&".join(page.query)
    return _bounded(
        "".join((page.host, parts.port, page.path, query and f"?{query}", parts.route))
    )


def host_of(url: str) -> str:
    """The host to print beside a link: "github.com", "例子.test". Raises InvalidUrl."""
    host = _without_www(_parse(url).host)
    try:
        return idna.decode(host) if "xn--" in host else host
    except UnicodeError:
        return host


# --- reading an address -----------------------------------------------------------------


class _Parts(NamedTuple):
    host: str  # lower case, ASCII
    port: str  # ":8080", or "" for the scheme's own
    path: str
    query: str
    route: str  # a fragment that names a page: "#/settings", "#!settings"


_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_ASCII_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_\-]*[a-z0-9_])?\.)*[a-z0-9_\-]+\.?")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})


def _parse(url: str) -> _Parts:
    _require_plain_characters(url)
    _require_web_scheme(url)
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        raise InvalidUrl(_("The host or port in this address is not valid.")) from None
    if "@" in split.netloc:
        raise InvalidUrl(
            _("This address carries a user name or password; leave that part out.")
        )
    own = port is None or port == _DEFAULT_PORTS[split.scheme]
    return _Parts(
        host=_ascii_host(split.hostname or ""),
        port="" if own else f":{port}",
        path=split.path,
        query=split.query,
        route=_normal(f"#{split.fragment}") if split.fragment[:1] in {"/", "!"} else "",
    )


def _require_plain_characters(url: str) -> None:
    if not url:
        raise InvalidUrl(_("The address is empty."))
    if len(url) > MAX_LENGTH:
        raise InvalidUrl(
            _("This address has %(length)d characters; at most %(most)d are allowed.")
            % {"length": len(url), "most": MAX_LENGTH}
        )
    for position, character in enumerate(url, start=1):
        if unicodedata.category(character) in _UNSEEN:
            raise InvalidUrl(
                _(
                    "There is a blank or an invisible character at position"
                    " %(position)d of this address; remove it."
                )
                % {"position": position}
            )
    if "\\" in url:
        raise InvalidUrl(_("An address has forward slashes (/) only."))


def _require_web_scheme(url: str) -> None:
    match = _SCHEME.match(url)
    if not match:
        raise InvalidUrl(_("An address begins with http:// or https://."))
    scheme = match[1].lower()
    if scheme not in _DEFAULT_PORTS:
        raise InvalidUrl(
            _("Only http and https addresses can be used, not “%(scheme)s:”.")
            % {"scheme": scheme[:20]}
        )
    if not re.match(r"://[^/?#]", url[len(scheme) :]):
        raise InvalidUrl(
            _("After %(scheme)s: come two slashes and a host.") % {"scheme": scheme}
        )


def _ascii_host(host: str) -> str:
    """`host` in lower-case ASCII (punycode for other scripts), no closing dot."""
    if host.startswith("[") or ":" in host:
        return f"[{host}]"
    try:
        ascii_host = host if host.isascii() else _punycode(host)
    except UnicodeError:
        ascii_host = ""
    if len(ascii_host) > 253 or not _ASCII_HOST.fullmatch(ascii_host):
        raise InvalidUrl(_("“%(host)s” is not a host name.") % {"host": host[:80]})
    return ascii_host.rstrip(".")


def _punycode(host: str) -> str:
    return idna.encode(host, uts46=True).decode("ascii").lower()


def _without_www(host: str) -> str:
    bare = host.removeprefix("www.")
    return bare if "." in bare else host


def _bounded(key: str) -> str:
    """`key`, its end replaced by a hash where percent-encoding made it too long."""
    if len(key) <= MAX_LENGTH:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: MAX_LENGTH - len(digest) - 1]}~{digest}"


# --- tracking -----------------------------------------------------------------------------

_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "hsa_", "__hs", "_hs")
# Advertising and social networks; newsletters and mailing; Chinese platforms.
_TRACKING_NAMES = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid li_fat_id
    igsh igshid ref_src ref_url _openstat trk trkcampaign
    mc_cid mc_eid mkt_tok vero_id oly_anon_id oly_enc_id ck_subscriber_id
    hsctatracking wickedid bxid
    spm scm spm_id_from vd_source share_source share_medium share_token share_from
    share_id share_session_id bd_vid qz_gdt hmsr hmpl hmcu hmkw hmci
"""
_TRACKING = frozenset(_TRACKING_NAMES.split())


def _is_tracking(pair: str) -> bool:
    name = unquote(pair.partition("=")[0]).lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


# --- one spelling (RFC 3986 §6.2.2) -----------------------------------------------------

_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")
_PLAIN = re.compile(r"[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]")
_TO_ENCODE = re.compile(rf"(?!{_PLAIN.pattern}).", re.DOTALL)
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _normal(text: str) -> str:
    """`text` with each character percent-encoded in the one way that is needed."""
    text = _LONE_PERCENT.sub("%25", text)
    text = _TO_ENCODE.sub(lambda match: _encoded(match[0]), text)
    return _PERCENT.sub(_needed, text)


def _encoded(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def _needed(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if _UNRESERVED.fullmatch(character) else match[0].upper()


def _normal_path(path: str) -> str:
    """`path` without dot segments and closing slashes; "" for a host's front page."""
    segments: list[str] = []
    for segment in _normal(path).split("/")[1:]:
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    while segments and not segments[-1]:
        segments.pop()
    return "".join(f"/{segment}" for segment in segments)


def _normal_query(query: str) -> tuple[str, ...]:
    """The pairs of `query` less tracking, by name; one name's values keep their order."""
    pairs = [pair for pair in query.split("&") if pair and not _is_tracking(pair)]
    normal = (_normal(pair.replace("+", "%20")) for pair in pairs)
    return tuple(sorted(normal, key=lambda pair: pair.partition("=")[0]))


# --- sites that spell one page in several ways --------------------------------------------


class _Page(NamedTuple):
    host: str
    path: str
    query: tuple[str, ...]


_DEFAULT_BRANCHES = frozenset({"main", "master", "HEAD"})
_PULL_TABS = frozenset({"files", "commits", "checks", "changes"})


def _github(page: _Page) -> _Page:
    """Owner and repository in lower case; a repository's front page in one form.

    A pull request's tabs are the pull request. Issues and pull requests share their
    numbers, and GitHub leads from one form to the other.
    """
    segments = page.path.split("/")[1:]
    segments[:2] = [segment.lower() for segment in segments[:2]]
    query = page.query
    if len(segments) >= 2:
        segments[1] = segments[1].removesuffix(".git")
    match segments[2:]:
        case ["tree", branch] if branch in _DEFAULT_BRANCHES:
            del segments[2:]
        case ["pull" | "issues", number, *rest] if number.isdigit():
            if not rest or rest[0] in _PULL_TABS:
                segments[2:] = ["issues", number]
    if len(segments) == 2:
        query = tuple(pair for pair in query if not pair.startswith("tab="))
    return page._replace(path="".join(f"/{s}" for s in segments), query=query)


_ARXIV_PAPER = re.compile(
    r"/(?:abs|pdf|html|format)/((?:[a-z\-]+(?:\.[A-Z]{2})?/)?\d[\d.]*\d)(?:v\d+)?(?:\.pdf)?"
)


def _arxiv(page: _Page) -> _Page:
    """A paper, whichever version and format."""
    match = _ARXIV_PAPER.fullmatch(page.path)
    if not match:
        return page._replace(host="arxiv.org")
    return _Page(host="arxiv.org", path=f"/abs/{match[1]}", query=())


_WECHAT_IDENTITY = frozenset({"__biz", "mid", "idx", "sn"})


def _wechat(page: _Page) -> _Page:
    """An article's own four parameters; the rest says who shared it where."""
    own = tuple(
        pair
        for pair in page.query
        if unquote_plus(pair.partition("=")[0]) in _WECHAT_IDENTITY
    )
    return page._replace(query=own) if page.path == "/s" and own else page


_SITES = {
    "github.com": _github,
    "arxiv.org": _arxiv,
    "export.arxiv.org": _arxiv,
    "mp.weixin.qq.com": _wechat,
}
