"""What an answer means for a link: the ladder of verdicts.

One answer proves little. Only what no living page does is called broken; what a
machine cannot tell from a bot wall, a slow line or a bad day is called unsure.
"""

import re
from urllib.parse import urlsplit

from .fingerprints import take_fingerprint
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
from .pages import NO_PAGE, read_page
from .verdicts import Judgement, Reason, Verdict

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
    page = read_page(response) if verdict is Verdict.OK else NO_PAGE
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
        answered=True,
        title=page.title,
        fingerprint=take_fingerprint(page.text),
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
        answered=any(hop.status for hop in error.chain),
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
    if len(response.chain) == 1:
        return Verdict.OK, Reason.ALIVE
    moved = response.chain[0].status in MOVED_FOR_GOOD
    return Verdict.OK, Reason.REDIRECTED if moved else Reason.MOVED_FOR_NOW


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
