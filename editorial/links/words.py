"""A verdict in words, the same on an item, in preflight, on the report and in a mail.

"GitHub says it moved to …", "The page is gone (404)". Each sentence says what was
found, not what a machine concludes from it; when it was found stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from editorial.fetching.outcomes import NOT_LET_OUT
from editorial.fetching.verdicts import Judgement, Reason, Verdict
from editorial.models import Link

from .line import DOWN

# What sites are called by people.
SITES = {
    "github.com": "GitHub",
    "gitlab.com": "GitLab",
    "arxiv.org": "arXiv",
    "medium.com": "Medium",
    "youtube.com": "YouTube",
    "mp.weixin.qq.com": gettext_lazy("WeChat"),
    "zhihu.com": gettext_lazy("Zhihu"),
}

_PENDING = {
    Reason.GONE: gettext_lazy("The page was not found (%(status)s)"),
    Reason.NO_ANSWER: gettext_lazy("%(site)s did not answer"),
    Reason.SERVER_ERROR: gettext_lazy("%(site)s has trouble (%(status)s)"),
}
_SENTENCES = {
    Reason.ALIVE: gettext_lazy("The page is there"),
    Reason.REDIRECTED: gettext_lazy("It moved"),
    Reason.MOVED_FOR_NOW: gettext_lazy("%(site)s leads elsewhere for now"),
    Reason.CHANGED: gettext_lazy("The page has changed a lot since it was linked"),
    Reason.ARCHIVED_REPOSITORY: gettext_lazy(
        "%(site)s says the repository is archived: nobody works on it any more"
    ),
    Reason.BLOCKED_BY_SITE: gettext_lazy(
        "%(site)s turns automatic visits away (%(status)s); readers may well get in"
    ),
    Reason.LOGIN: gettext_lazy("%(site)s asks for a login"),
    Reason.PAYWALL: gettext_lazy("%(site)s asks for payment"),
    Reason.RATE_LIMITED: gettext_lazy("%(site)s asks us to come back later"),
    Reason.UNREACHABLE_FROM_HERE: gettext_lazy(
        "Nothing on %(site)s answers from here, which says little about readers"
    ),
    Reason.NO_ANSWER: gettext_lazy("%(site)s has not answered for days"),
    Reason.SERVER_ERROR: gettext_lazy(
        "%(site)s has been in trouble for days (%(status)s)"
    ),
    Reason.TOO_MANY_REDIRECTS: gettext_lazy("%(site)s redirects again and again"),
    Reason.ODD_ANSWER: gettext_lazy("%(site)s gave an unusual answer (%(status)s)"),
    Reason.GONE: gettext_lazy("The page is gone (%(status)s)"),
    Reason.SOFT_404: gettext_lazy("%(site)s answers, but with “page not found”"),
    Reason.PARKED: gettext_lazy("The domain %(host)s is parked or for sale"),
    Reason.TLS: gettext_lazy("Browsers will warn of %(site)s: %(detail)s"),
    Reason.FRAGMENT_MISSING: gettext_lazy(
        "The page is there, but not the place on it that the link names"
    ),
    Reason.LOOP: gettext_lazy("%(site)s redirects in a circle"),
    Reason.PROTOCOL: gettext_lazy("%(site)s does not answer like a web site"),
    Reason.REFUSED_INSIDE: gettext_lazy(
        "It leads into a private network; readers cannot open it"
    ),
    Reason.NO_SUCH_HOST: gettext_lazy("There is no domain %(host)s (any more)"),
    Reason.MALFORMED: gettext_lazy("This is not a web address"),
    Reason.ROBOTS: gettext_lazy("%(site)s asks robots to stay away; not visited"),
    Reason.PORT: gettext_lazy("It names an unusual port; not visited"),
    Reason.OWN_SITE: gettext_lazy("On our own site"),
}
# Held since another visit, whose status nobody knows any more.
_WITHOUT_STATUS = {
    Reason.GONE: gettext_lazy("The page is gone"),
    Reason.SERVER_ERROR: gettext_lazy("%(site)s has been in trouble for days"),
}
_TLS = {
    "expired": gettext_lazy("its certificate has expired"),
    "not_yet_valid": gettext_lazy("its certificate is not valid yet"),
    "self_signed": gettext_lazy("it signed its certificate itself"),
    "wrong_host": gettext_lazy("its certificate is for another site"),
}
# Where the silence is ours.
_OURS = {
    NOT_LET_OUT: gettext_lazy(
        "Our own proxy did not let the visit out; %(site)s was not asked"
    ),
    DOWN: gettext_lazy(
        "No site answered this machine then, which says nothing about %(site)s"
    ),
}
_UNVERIFIED = gettext_lazy("its certificate cannot be verified")
_NO_STATUS = gettext_lazy("no answer")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a sentence speaks of. Plain, so that a notice can keep it as JSON."""

    verdict: str
    reason: str
    site: str
    status: int | None = None
    detail: str = ""
    moved_to: str = ""
    opened_by: str = ""


def finding_of(link: Link) -> Finding:
    """What is held of a link, for `say`; reads its last check.

    A visit that found something else has the status and detail of that.
    """
    last = link.last_check
    if last and last.reason != link.reason:
        last = None
    return Finding(
        verdict=link.verdict,
        reason=link.reason,
        site=link.host,
        status=last.status if last else None,
        detail=last.detail if last else "",
        moved_to=link.moved_to,
        opened_by=link.opened_by_name,
    )


def finding_in(found: Judgement, *, site: str) -> Finding:
    """What one visit to this host said by itself, for `say`."""
    return Finding(
        verdict=found.verdict.value,
        reason=found.reason.value,
        site=site,
        status=found.status,
        detail=found.detail,
        moved_to=found.moved_to,
    )


def say(finding: Finding) -> str:
    """One sentence without its full stop, in the language in force."""
    if not finding.reason:
        return _("Not checked yet")
    reason, verdict = Reason(finding.reason), Verdict(finding.verdict)
    facts = {
        "site": SITES.get(finding.site, finding.site),
        "host": finding.site,
        "status": finding.status or _NO_STATUS,
        "detail": _TLS.get(finding.detail, _UNVERIFIED),
    }
    if verdict is Verdict.OK and finding.moved_to:
        return _say_moved(reason) % {**facts, "url": _shortened(finding.moved_to)}
    if verdict is Verdict.OK and not _is_fine(reason):
        return _("%(name)s opened it and saw the page") % {"name": finding.opened_by}
    if reason is Reason.UNREACHABLE_FROM_HERE and finding.detail in _OURS:
        return str(_OURS[finding.detail]) % facts
    if verdict is Verdict.UNSURE and reason in _PENDING:
        return str(_PENDING[reason]) % facts
    if finding.status is None and reason in _WITHOUT_STATUS:
        return str(_WITHOUT_STATUS[reason]) % facts
    return str(_SENTENCES[reason]) % facts


def _say_moved(reason: Reason) -> str:
    if reason is Reason.ARCHIVED_REPOSITORY:
        return _(
            "%(site)s says it moved to %(url)s, where the repository is archived: "
            "nobody works on it any more"
        )
    return _("%(site)s says it moved to %(url)s")


def _is_fine(reason: Reason) -> bool:
    return reason in {
        Reason.ALIVE,
        Reason.REDIRECTED,
        Reason.MOVED_FOR_NOW,
        Reason.CHANGED,
        Reason.ARCHIVED_REPOSITORY,
    }


def _shortened(url: str, most: int = 90) -> str:
    return url if len(url) <= most else f"{url[: most - 1]}…"
