"""What an answer means for a link: the ladder of verdicts.

One answer proves little. Only what no living page does is called broken; what a
machine cannot tell from a bot wall, a slow line or a bad day is called unsure.
"""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from .fingerprints import take_fingerprint
from .outcomes import (
    MAX_STORED_URL,
    FetchError,
    Hop,
    HostBusy,
    HostResting,
    NoSuchHost,
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
from .pages import NO_PAGE, Page, has_place, read_page
from .verdicts import Judgement, Reason, Verdict
from .walls import find_wall

MOVED_FOR_GOOD = frozenset({301, 308})
GONE = frozenset({404, 410})

# Fragments that are read by scripts or by browsers, not names of elements: routes,
# text fragments, lines of code, parameters, and what is loaded after the page.
_NO_NAME = re.compile(
    r"[/!:?]|.*[=/]|L\d|top$|comment|issuecomment|discussion|pull|note_|reply|disqus",
    re.IGNORECASE,
)
# Hosts whose pages are written by scripts; their sources lack most names.
_SCRIPTED_HOSTS = re.compile(r"(?:.*\.)?(?:github|gitlab|gitee|x|twitter)\.com")
_SHELL_TEXT = 500  # characters: a page with less is filled by its scripts
_GITHUB_REPOSITORY = re.compile(
    r"https?://(?:www\.)?github\.com/[^/?#]+/[^/?#]+", re.IGNORECASE
)
_ARCHIVED = re.compile(r"This repository (?:was|has been) archived by the owner")
# Zones that companies use for names inside.
_INTRANET = re.compile(r"(?:.*\.)?(?:corp|intra|intranet|lan)(?:\..*)?|.*-inc\.com")

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
    HostBusy: (Verdict.UNSURE, Reason.RATE_LIMITED),
    NoSuchHost: (Verdict.BROKEN, Reason.NO_SUCH_HOST),
    TlsFailed: (Verdict.BROKEN, Reason.TLS),
    RedirectLoop: (Verdict.BROKEN, Reason.LOOP),
    ProtocolFailed: (Verdict.BROKEN, Reason.PROTOCOL),
}


def judge(outcome: Response | FetchError) -> Judgement:
    """The verdict on one outcome, taken by itself."""
    if isinstance(outcome, Response):
        return judge_page(outcome, read_page(outcome))
    return _judge_failure(outcome)


def judge_page(response: Response, page: Page) -> Judgement:
    """The verdict on an answer that brought this page."""
    verdict, reason = _place(response, page)
    alive = verdict is Verdict.OK
    return Judgement(
        verdict=verdict,
        reason=reason,
        status=response.status,
        final_url=_storable(response.final_url),
        moved_to=_moved_for_good(response.chain) if alive else "",
        insecure=_is_downgraded(response.chain),
        retry_after=read_retry_after(response.headers),
        chain=response.chain,
        elapsed_ms=round(response.elapsed * 1000),
        answered=True,
        title=page.title if alive else "",
        fingerprint=take_fingerprint(page.text) if alive else "",
    )


def judge_again(
    judgement: Judgement, verdict: Verdict, reason: Reason, detail: str = ""
) -> Judgement:
    """The same visit, seen to be something else than a living page."""
    return replace(
        judgement,
        verdict=verdict,
        reason=reason,
        detail=detail,
        moved_to="",
        title="",
        fingerprint="",
    )


def wants_the_whole_page(url: str) -> bool:
    """Whether a verdict on this URL needs more than a page's beginning."""
    _, _, fragment = url.partition("#")
    return _is_name(fragment) or bool(_GITHUB_REPOSITORY.match(url))


def _judge_failure(error: FetchError) -> Judgement:
    if isinstance(error, Refused):
        verdict, reason = _REFUSALS[error.reason_code]
    elif isinstance(error, NoSuchHost) and _is_intranet(error.chain):
        verdict, reason = Verdict.BROKEN, Reason.REFUSED_INSIDE
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


def _place(response: Response, page: Page) -> tuple[Verdict, Reason]:
    status = response.status
    if status == 429 and read_retry_after(response.headers) is not None:
        return Verdict.UNSURE, Reason.RATE_LIMITED
    if wall := find_wall(response, page):
        return (Verdict.BROKEN if wall is Reason.PARKED else Verdict.UNSURE), wall
    if status in GONE:
        return Verdict.BROKEN, Reason.GONE
    if 500 <= status < 600:
        return Verdict.UNSURE, Reason.SERVER_ERROR
    if not 200 <= status < 300:
        return Verdict.UNSURE, Reason.ODD_ANSWER
    if _lacks_place(response, page):
        return Verdict.BROKEN, Reason.FRAGMENT_MISSING
    if _GITHUB_REPOSITORY.match(response.final_url) and _ARCHIVED.search(page.source):
        return Verdict.OK, Reason.ARCHIVED_REPOSITORY
    if len(response.chain) == 1:
        return Verdict.OK, Reason.ALIVE
    moved = response.chain[0].status in MOVED_FOR_GOOD
    return Verdict.OK, Reason.REDIRECTED if moved else Reason.MOVED_FOR_NOW


def _lacks_place(response: Response, page: Page) -> bool:
    """Whether a page that was read to its end has no element of the fragment's name."""
    address, _, fragment = response.final_url.partition("#")
    if not _is_name(fragment) or not response.complete or page is NO_PAGE:
        return False
    if _SCRIPTED_HOSTS.fullmatch(urlsplit(address).hostname or ""):
        return False
    return len(page.text) > _SHELL_TEXT and not has_place(page, fragment)


def _is_name(fragment: str) -> bool:
    return bool(fragment) and not _NO_NAME.match(fragment)


def _moved_for_good(chain: tuple[Hop, ...]) -> str:
    """The URL that unbroken permanent redirects lead to, or ""."""
    for place, hop in enumerate(chain):
        if hop.status not in MOVED_FOR_GOOD:
            return _storable(hop.url) if place else ""
    return ""


def _is_downgraded(chain: tuple[Hop, ...]) -> bool:
    schemes = [hop.url.partition(":")[0] for hop in chain]
    return len(schemes) > 1 and schemes[0] == "https" and schemes[-1] == "http"


def _is_intranet(chain: tuple[Hop, ...]) -> bool:
    """Whether a name that the world does not know is one that a company would."""
    host = urlsplit(chain[-1].url).hostname if chain else ""
    return bool(_INTRANET.fullmatch(host or ""))


def _storable(url: str) -> str:
    return url if len(url) < MAX_STORED_URL else ""
