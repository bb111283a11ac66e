"""The pages that the world's hosts serve."""

import random
from functools import cache

from . import kinds

SOUNDS = [a + b for a in "bdfklmnprst" for b in "aeiou"]
WORDS = [*SOUNDS, *(a + b + c for a in SOUNDS for b in SOUNDS for c in ("", "n", "ck"))]
NOT_FOUND_EN = "<title>404 - Page not found</title><h1>Page not found</h1><p>Sorry!"
NOT_FOUND_ZH = (
    "<title>页面不存在</title><h1>404</h1><p>抱歉，您访问的页面不存在或已被删除。"
)
TAKEN_DOWN = "<title></title><body><p>该内容已被发布者删除</p></body>"
PARKED = (
    "<title>bedon.test</title><body><h1>This domain is for sale</h1>"
    "<script src='//www.sedoparking.com/x.js'></script><p>Buy this domain"
)
PAYWALL = (
    '<script type="application/ld+json">{"@type":"NewsArticle",'
    '"isAccessibleForFree":false}</script>'
)
SHELL = '<title>App</title><body><div id="root"></div><script src="/app.js"></script>'


@cache
def article(seed: str, *, title: str = "") -> str:
    """A page of log-normal length, median about 12 KB, the same for the same seed."""
    dice = random.Random(seed)
    length = int(min(dice.lognormvariate(7.6, 0.6), 9_000))
    # As in any language, few words are most of the text.
    words = " ".join(WORDS[int(len(WORDS) * dice.random() ** 3)] for _ in range(length))
    name = title or f"News of {words[:30]}"
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{name}</title></head>"
        f"<body><nav><a href=/>Front page</a></nav><h1>{name}</h1>"
        f"<h2 id=here>Part</h2><p>{words}</p></body></html>"
    )


def html(body: str, status: int = 200, *fields: str) -> bytes:
    raw = body.encode()
    head = (
        f"HTTP/1.1 {status} So",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(raw)}",
        *fields,
    )
    return "\r\n".join([*head, "", ""]).encode() + raw


def to(place: str, status: int = 302, *fields: str) -> bytes:
    return html("", status, f"Location: {place}", *fields)


def answer(
    host: str, kind: str, path: str, *, first: bool, head: bool, cookie: bool
) -> bytes:
    """The whole answer to one request."""
    whole = _answer(host, kind, path, first=first, head=head, cookie=cookie)
    return whole.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if head else whole


def _answer(
    host: str, kind: str, path: str, *, first: bool, head: bool, cookie: bool
) -> bytes:
    if kind.startswith("status-"):
        return html("<h1>No", int(kind.removeprefix("status-")))
    if kind in FIXED:
        return FIXED[kind]
    if kind in {"page", "target", ""}:
        return html(article(host + path))
    match kind:
        case "moved-for-good" | "moved-for-now":
            return to(f"/target{path}", 301 if kind == "moved-for-good" else 302)
        case "needs-its-cookie":
            page = html(article(path))
            return page if cookie else to(path, 302, "Set-Cookie: seen=1; Path=/")
        case "hates-head":
            return html("", 404) if head else html(article(path))
        case "once-503":
            return html("", 503) if first else html(article(path))
        case "once-429":
            busy = html("", 429, "Retry-After: 1")
            return busy if first else html(article(path))
        case "too-many-hops":
            return to(path + "x")
        case "loop":
            return to(path.removesuffix("b") if path.endswith("b") else path + "b")
    return unknown(host)


def unknown(host: str) -> bytes:
    """What a host says to a path it has never heard of."""
    if host in kinds.SOFT_HOSTS:
        return html(NOT_FOUND_EN)
    if host in kinds.HOME_HOSTS:
        return to("/")
    return html("<h1>Not here", 404)


FIXED = {
    "not-found-en": html(NOT_FOUND_EN),
    "not-found-zh": html(NOT_FOUND_ZH),
    "taken-down": html(TAKEN_DOWN),
    "parked": html(PARKED),
    "paywall": html(PAYWALL + article("paid")),
    "app-shell": html(SHELL),
    "about-404": html(article("404", title="404 Not Found: what it means")),
    "challenge": html("<h1>Just a moment", 403, "cf-mitigated: challenge"),
    "captcha": html("<script src='https://geo.captcha-delivery.com/c.js'></script>"),
    "to-login": to("/login?next=/x"),
    "login": html("<title>Log in</title><form>"),
    "wait-120": html("", 429, "Retry-After: 120"),
    "to-front-page": to("/"),
    "to-inside": to("http://10.11.12.13/admin"),
}
