"""What one request came to: a `Response`, or a `FetchError` of a telling type.

Plain data without a network library, so that models may import what builds on it.
Nothing here carries an address that a name was found to have: the author of a link
learns that it leads inside, never where to.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAX_STORED_URL = 2048  # characters
MAX_RETRY_AFTER = 24 * 60 * 60  # seconds; a site that asks for more gets a day
# The detail of a visit that ended at our own proxy: it says nothing of the site.
NOT_LET_OUT = "proxy"


@dataclass(frozen=True, slots=True)
class Hop:
    """One URL of a redirect chain; `status` is None where no answer came."""

    url: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """The final answer of a chain. Header names are lower case.

    `body` holds the bytes as sent, at most as many as were asked for; `complete` says
    whether that was all. `elapsed` is the time spent on the network, in seconds.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    complete: bool
    chain: tuple[Hop, ...]
    elapsed: float


class Refusal(StrEnum):
    """Why the guard did not let a request out."""

    MALFORMED = "malformed"
    SCHEME = "scheme"
    CREDENTIALS = "credentials"
    PORT = "port"
    INSIDE = "inside"
    OWN_SITE = "own_site"


MESSAGES: dict[Refusal, Promise] = {
    Refusal.MALFORMED: _(
        "This is not a web address. Copy it again from your browser's address bar."
    ),
    Refusal.SCHEME: _("A web address begins with http:// or https://."),
    Refusal.CREDENTIALS: _(
        "This address contains a user name or a password. Remove that part."
    ),
    Refusal.PORT: _("This address names an unusual port. Use one without a port."),
    Refusal.INSIDE: _(
        "This address leads into a private network. Readers cannot open it."
    ),
    Refusal.OWN_SITE: _("This address is on our own site."),
}


class FetchError(Exception):
    """No usable answer. `detail` is a short code that is safe to store and show.

    The client fills in `chain` (every URL asked, the failed one last) and `elapsed`
    (seconds on the network).
    """

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.chain: tuple[Hop, ...] = ()
        self.elapsed = 0.0


class Refused(FetchError):
    """The guard did not let the request out; `message` is for whoever typed the URL."""

    def __init__(self, reason_code: Refusal) -> None:
        super().__init__(reason_code.value)
        self.reason_code = reason_code
        self.message = MESSAGES[reason_code]


class TimedOut(FetchError):
    """The deadline passed before a status line came."""


class Unreachable(FetchError):
    """No conversation took place: no connection, a reset, trouble with the look-up."""


class NoSuchHost(FetchError):
    """Two resolvers of different people say that there is no such name."""


class TlsFailed(FetchError):
    """The server did not prove who it is; `detail` is expired, wrong_host or so."""


class ProtocolFailed(FetchError):
    """What came back is not HTTP, or more header than anybody needs."""


class RedirectLoop(FetchError):
    """A redirect led to a URL of the same chain."""


class TooManyRedirects(FetchError):
    """The chain went on past the limit."""


class HostResting(FetchError):
    """The host asked for a pause (Retry-After); it was not visited."""

    def __init__(self, seconds: float) -> None:
        super().__init__("resting")
        self.seconds = seconds


class HostBusy(FetchError):
    """Our own other workers hold all places at the host; it was not visited."""

    def __init__(self) -> None:
        super().__init__("busy")


def announced_size(headers: Mapping[str, str]) -> int:
    """How many bytes of body the answer says it has; 0 where it does not say."""
    text = headers.get("content-length", "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def read_retry_after(
    headers: Mapping[str, str], *, now: datetime | None = None
) -> int | None:
    """The pause in seconds a Retry-After header asks for (RFC 9110, section 10.2.3).

    None without one that can be read; never more than a day, never less than 0.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,12}", text):
        return min(int(text), MAX_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    seconds = (until - (now or datetime.now(UTC))).total_seconds()
    return min(max(int(seconds), 0), MAX_RETRY_AFTER)
