"""What an answer means for a link: the simple ladder.

One answer proves little. Only what no living page does is called broken; what a
machine cannot tell from a bot wall, a slow line or a bad day is called unsure.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .outcomes import (
    MAX_STORED_URL,
    FetchError,
    Hop,
    HostResting,
    ProtocolFailed,
    RedirectLoop,
    Refusal,
    Refused,
    Response,
    TimedOut,
    TlsFailed,
    TooManyRedirects,
    Unreachable,
    read_retry_after,
)


class _Labelled(StrEnum):
    """A stored value with words for people."""

    label: Promise | str

    def __new__(cls, value: str, label: Promise | str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Verdict(_Labelled):
    OK = "ok", _("OK")
    UNSURE = "unsure", _("Unsure")
    BROKEN = "broken", _("Broken")
    UNCHECKED = "unchecked", _("Not checked")


class Reason(_Labelled):
    """Why the verdict is what it is. At most 24 characters, as stored."""

    # ok
    ALIVE = "alive", _("Works")
    REDIRECTED = "redirected", _("Moved")
    # unsure
    BLOCKED_BY_SITE = "blocked_by_site", _("The site blocks automatic visits")
    LOGIN = "login", _("Asks for a login")
    RATE_LIMITED = "rate_limited", _("The site asks us to come back later")
    UNREACHABLE_FROM_HERE = "unreachable_from_here", _("Unreachable from here")
    SERVER_ERROR = "server_error", _("The site has trouble")
    TOO_MANY_REDIRECTS = "too_many_redirects", _("Redirects too many times")
    ODD_ANSWER = "odd_answer", _("Unexpected answer")
    # broken
    GONE = "gone", _("Page not found")
    SOFT_404 = "soft_404", _("Answers, but says the page is not found")
    TLS = "tls", _("Certificate trouble")
    FRAGMENT_MISSING = "fragment_missing", _("The place on the page is missing")
    LOOP = "loop", _("Redirects in a circle")
    PROTOCOL = "protocol", _("Does not answer like a web site")
    REFUSED_INSIDE = "refused_inside", _("Leads into a private network")
    MALFORMED = "malformed", _("Not a web address")
    # unchecked
    ROBOTS = "robots", _("The site asks robots to stay away")
    PORT = "port", _("Unusual port")
    OWN_SITE = "own_site", _("On our own site")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, its reason and the evidence, safe to store and to show.

    `moved_to` is the new URL to offer: as far as the chain moved for good. `insecure`
    says that an https link ended at http. `retry_after` is the pause in seconds that
    the site asked for. `detail` is a short code: expired, no_such_host, timeout …
    URLs too long to store (2,048 characters) are left out or, in the chain, cut.
    """

    verdict: Verdict
    reason: Reason
    status: int | None = None
    final_url: str = ""
    moved_to: str = ""
    insecure: bool = False
    retry_after: int | None = None
    detail: str = ""
    chain: tuple[Hop, ...] = ()
    elapsed_ms: int = 0

    def chain_as_data(self) -> list[dict[str, str | int | None]]:
        """The chain for a JSON field: [{"url": …, "status": …}, …]."""
        return [{"url": hop.url, "status": hop.status} for hop in self.chain]


MOVED_FOR_GOOD = frozenset({301, 308})
BLOCKING = frozenset({401, 403, 429, 451, 999})
GONE = frozenset({404, 410})

# Challenges come with all kinds of status, 200 among them. (header, what it contains)
_WALL_HEADERS = (("cf-mitigated", "challenge"), ("x-amzn-waf-action", ""))
# Only pages this short: longer ones carry the same scripts and are real.
_WALL_PAGE_BYTES = 8 * 1024
_WALL_BODY = re.compile(
    rb"_Incapsula_Resource|captcha-delivery\.com|/_sec/verify|window\._cf_chl_opt"
)
_LOGIN_PATH = re.compile(
    r"/(?:log-?in|sign-?in|sign_in|auth|oauth2?|sso|passport|account/login)(?:[/.?;]|$)",
    re.IGNORECASE,
)

_REFUSALS: dict[Refusal, tuple[Verdict, Reason]] = {
    Refusal.MALFORMED: (Verdict.BROKEN, Reason.MALFORMED),
    Refusal.SCHEME: (Verdict.BROKEN, Reason.MALFORMED),
    Refusal.CREDENTIALS: (Verdict.BROKEN, Reason.MALFORMED),
    Refusal.INSIDE: (Verdict.BROKEN, Reason.REFUSED_INSIDE),
    Refusal.PORT: (Verdict.UNCHECKED, Reason.PORT),
    Refusal.OWN_SITE: (Verdict.UNCHECKED, Reason.OWN_SITE),
}
_FAILURES: dict[type[FetchError], tuple[Verdict, Reason]] = {
    TimedOut: (Verdict.UNSURE, Reason.UNREACHABLE_FROM_HERE),
    Unreachable: (Verdict.UNSURE, Reason.UNREACHABLE_FROM_HERE),
    TooManyRedirects: (Verdict.UNSURE, Reason.TOO_MANY_REDIRECTS),
    HostResting: (Verdict.UNSURE, Reason.RATE_LIMITED),
    TlsFailed: (Verdict.BROKEN, Reason.TLS),
    RedirectLoop: (Verdict.BROKEN, Reason.LOOP),
    ProtocolFailed: (Verdict.BROKEN, Reason.PROTOCOL),
}


def judge(outcome: Response | FetchError) -> Judgement:
    """The verdict on one outcome, taken by itself."""
    if isinstance(outcome, Response):
        return _judge_response(outcome)
    return _judge_failure(outcome)


def _judge_response(response: Response) -> Judgement:
    verdict, reason = _place(response)
    return Judgement(
        verdict=verdict,
        reason=reason,
        status=response.status,
        final_url=_storable(response.final_url),
        moved_to=_moved_for_good(response.chain) if verdict is Verdict.OK else "",
        insecure=_is_downgraded(response.chain),
        retry_after=read_retry_after(response.headers),
        chain=response.chain,
        elapsed_ms=round(response.elapsed * 1000),
    )


def _judge_failure(error: FetchError) -> Judgement:
    if isinstance(error, Refused):
        verdict, reason = _REFUSALS[error.reason_code]
    else:
        verdict, reason = _FAILURES[type(error)]
    return Judgement(
        verdict=verdict,
        reason=reason,
        final_url=_storable(error.chain[-1].url) if len(error.chain) > 1 else "",
        insecure=_is_downgraded(error.chain),
        retry_after=round(error.seconds) if isinstance(error, HostResting) else None,
        detail=error.detail,
        chain=error.chain,
        elapsed_ms=round(error.elapsed * 1000),
    )


def _place(response: Response) -> tuple[Verdict, Reason]:
    status = response.status
    if status == 429 and read_retry_after(response.headers) is not None:
        return Verdict.UNSURE, Reason.RATE_LIMITED
    if status in BLOCKING or _is_bot_wall(response):
        return Verdict.UNSURE, Reason.BLOCKED_BY_SITE
    if status in GONE:
        return Verdict.BROKEN, Reason.GONE
    if 500 <= status < 600:
        return Verdict.UNSURE, Reason.SERVER_ERROR
    if not 200 <= status < 300:
        return Verdict.UNSURE, Reason.ODD_ANSWER
    if _is_sent_to_login(response.chain):
        return Verdict.UNSURE, Reason.LOGIN
    moved = len(response.chain) > 1
    return Verdict.OK, Reason.REDIRECTED if moved else Reason.ALIVE


def _is_bot_wall(response: Response) -> bool:
    for name, sign in _WALL_HEADERS:
        if sign in response.headers.get(name, "").lower() and name in response.headers:
            return True
    short = response.complete and len(response.body) <= _WALL_PAGE_BYTES
    return short and bool(_WALL_BODY.search(response.body))


def _is_sent_to_login(chain: tuple[Hop, ...]) -> bool:
    """Whether a link to something else ended at a page for logging in."""
    first, last = urlsplit(chain[0].url).path, urlsplit(chain[-1].url).path
    return bool(_LOGIN_PATH.search(last)) and not _LOGIN_PATH.search(first)


def _moved_for_good(chain: tuple[Hop, ...]) -> str:
    """The URL that unbroken permanent redirects lead to, or ""."""
    for place, hop in enumerate(chain):
        if hop.status not in MOVED_FOR_GOOD:
            return _storable(hop.url) if place else ""
    return ""


def _is_downgraded(chain: tuple[Hop, ...]) -> bool:
    schemes = [hop.url.partition(":")[0] for hop in chain]
    return len(schemes) > 1 and schemes[0] == "https" and schemes[-1] == "http"


def _storable(url: str) -> str:
    return url if len(url) < MAX_STORED_URL else ""
