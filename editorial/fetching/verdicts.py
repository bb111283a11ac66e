"""The words for what a visit found: a verdict, its reason and the evidence.

`ladder` gives them; this module only says what they are, so that models and pages can
speak of links without a network library.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .outcomes import Hop


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
    MOVED_FOR_NOW = "moved_for_now", _("Leads elsewhere for now")
    CHANGED = "changed", _("Changed a lot since it was linked")
    ARCHIVED_REPOSITORY = "archived_repository", _("The repository is archived")
    # unsure
    BLOCKED_BY_SITE = "blocked_by_site", _("The site blocks automatic visits")
    LOGIN = "login", _("Asks for a login")
    PAYWALL = "paywall", _("Behind a paywall")
    RATE_LIMITED = "rate_limited", _("The site asks us to come back later")
    UNREACHABLE_FROM_HERE = "unreachable_from_here", _("Unreachable from here")
    SERVER_ERROR = "server_error", _("The site has trouble")
    NO_ANSWER = "no_answer", _("Does not answer any more")  # over time, by `links`
    TOO_MANY_REDIRECTS = "too_many_redirects", _("Redirects too many times")
    ODD_ANSWER = "odd_answer", _("Unexpected answer")
    # broken
    GONE = "gone", _("Page not found")
    SOFT_404 = "soft_404", _("Answers, but says the page is not found")
    PARKED = "parked", _("The domain is parked or for sale")
    TLS = "tls", _("Certificate trouble")
    FRAGMENT_MISSING = "fragment_missing", _("The place on the page is missing")
    LOOP = "loop", _("Redirects in a circle")
    PROTOCOL = "protocol", _("Does not answer like a web site")
    REFUSED_INSIDE = "refused_inside", _("Leads into a private network")
    NO_SUCH_HOST = "no_such_host", _("This domain does not exist")
    MALFORMED = "malformed", _("Not a web address")
    # unchecked
    ROBOTS = "robots", _("The site asks robots to stay away")
    PORT = "port", _("Unusual port")
    OWN_SITE = "own_site", _("On our own site")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, its reason and the evidence, safe to store and to show.

    `answered` says that the link's own host spoke HTTP to us, whatever it said.
    `moved_to` is the new URL to offer: as far as the chain moved for good. `insecure`
    says that an https link ended at http. `retry_after` is the pause in seconds that
    the site asked for. `detail` is a short code: expired, dns_timeout, reset …
    `title` is the page's own, on one line, at most 200 characters. `fingerprint` is
    that of its visible text (16 hexadecimal digits, see `fingerprints`), "" where
    there is too little text to tell. URLs too long to store (2,048 characters) are
    left out or, in the chain, cut.
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
    answered: bool = False
    title: str = ""
    fingerprint: str = ""

    def chain_as_data(self) -> list[dict[str, str | int | None]]:
        """The chain for a JSON field: [{"url": …, "status": …}, …]."""
        return [{"url": hop.url, "status": hop.status} for hop in self.chain]
