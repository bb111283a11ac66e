"""Verdicts of every kind on the links of the sample, for pages that show them."""

from __future__ import annotations

from itertools import cycle

from django.utils import timezone

from editorial import links
from editorial.fetching.outcomes import Hop
from editorial.fetching.verdicts import Judgement, Reason, Verdict
from editorial.models import ArchivedCopy, Link

_NEW = "https://new.example/" + "a-long-way/" * 12  # wider than a phone
_CHAIN = (Hop("https://old.example/", 301), Hop(_NEW, 200))
VERDICTS = (
    Judgement(Verdict.OK, Reason.ALIVE, status=200, answered=True),
    Judgement(
        *(Verdict.OK, Reason.REDIRECTED),
        status=200,
        moved_to=_NEW,
        chain=_CHAIN,
        answered=True,
    ),
    Judgement(Verdict.BROKEN, Reason.GONE, status=404, answered=True),
    Judgement(Verdict.UNSURE, Reason.BLOCKED_BY_SITE, status=403, answered=True),
    Judgement(Verdict.UNSURE, Reason.UNREACHABLE_FROM_HERE, detail="timeout"),
    Judgement(Verdict.BROKEN, Reason.TLS, detail="expired"),
)


def judge_links() -> None:
    """Every kind of verdict there is on the sample's links, one gone with a copy."""
    found = dict(zip(Link.objects.order_by("pk"), cycle(VERDICTS), strict=False))
    links.store(found)
    links.store(found)  # once more, so that chains, counts and changes are there
    dead = Link.objects.printed().earliest("pk")
    Link.objects.filter(pk=dead.pk).update(verdict="broken", reason="gone")
    ArchivedCopy.objects.create(
        link=dead,
        url=f"https://web.archive.org/web/20240102030405/{dead.url}",
        taken_at=timezone.now(),
        asked_at=timezone.now(),
    )
