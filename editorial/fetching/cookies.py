"""Cookies of one redirect chain, kept by the standard library as browsers keep them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

MAX_COOKIES = 4096  # characters of a Cookie header
_ONE_LINE = re.compile(r"[^\x00-\x1f\x7f]*")
# Of a cookie, as browsers know them. At others, and at an age that is none or a path
# that is no UTF-8, http.cookiejar stumbles.
_COOKIE_ATTRIBUTE = re.compile(
    r"\s*(?:(?:domain|expires|path)\s*=[^\udc80-\udcff]*"
    r"|max-age\s*=\s*-?[0-9]{1,15}\s*|secure\s*(?:=.*)?)",
    re.I,
)


class Cookies:
    """Those that the hosts of one redirect chain have set; they go no further.

    Some sites answer only who comes back with what the redirect gave them.
    """

    def __init__(self) -> None:
        self._jar: CookieJar | None = None

    def keep(self, set_cookies: Sequence[str], url: str) -> None:
        """Take what the answer at this URL has set, as far as a browser would."""
        if set_cookies:
            # Here: few chains ever set one.
            from http.cookiejar import CookieJar, DefaultCookiePolicy
            from urllib.request import Request

            if self._jar is None:  # without a domain it is no cookie of hosts below
                strict = DefaultCookiePolicy.DomainStrictNonDomain
                self._jar = CookieJar(DefaultCookiePolicy(strict_ns_domain=strict))
            request = Request(url)  # noqa: S310  (never opened)
            for text in filter(_ONE_LINE.fullmatch, set_cookies):
                # One by one: what it cannot read would cost the answer's others.
                self._jar.extract_cookies(_SetCookie(text), request)  # type: ignore[arg-type]

    def header_for(self, url: str) -> str:
        """What the host of this URL is to be told, "" for nothing."""
        if self._jar is None:
            return ""
        from urllib.request import Request

        request = Request(url)  # noqa: S310  (never opened)
        self._jar.add_cookie_header(request)
        header = request.get_header("Cookie", "")
        return header if len(header) <= MAX_COOKIES else ""


class _SetCookie:
    """An answer with this one field: http.cookiejar asks for no more."""

    def __init__(self, text: str) -> None:
        pair, *attributes = text.split(";")
        known = filter(_COOKIE_ATTRIBUTE.fullmatch, attributes)
        self._text = ";".join([pair, *known])

    def info(self) -> Self:
        return self

    def get_all(self, name: str, default: list[str]) -> list[str]:
        return [self._text] if name == "Set-Cookie" else default
