"""Links for tests: where they stand, and what visits of them come to."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from editorial import links
from editorial.fetching.outcomes import Hop
from editorial.fetching.verdicts import Judgement, Reason, Verdict
from editorial.models import Item, Link
from editorial.states import ItemState
from tests.factories import IssueFactory, ItemFactory, PublishedIssueFactory

ALIVE = Judgement(Verdict.OK, Reason.ALIVE, status=200, answered=True)
GONE = Judgement(Verdict.BROKEN, Reason.GONE, status=404, answered=True)
TROUBLE = Judgement(Verdict.UNSURE, Reason.SERVER_ERROR, status=503, answered=True)
WALL = Judgement(Verdict.UNSURE, Reason.BLOCKED_BY_SITE, status=403, answered=True)
SILENCE = Judgement(Verdict.UNSURE, Reason.UNREACHABLE_FROM_HERE, detail="timeout")
SHUT_IN = Judgement(Verdict.UNSURE, Reason.UNREACHABLE_FROM_HERE, detail="proxy")
INSIDE = Judgement(Verdict.BROKEN, Reason.REFUSED_INSIDE)
ADDRESS = "https://one.example/a"


def item_with_link(url: str = ADDRESS, **fields: Any) -> Item:
    """An item whose links are registered; in no issue unless one is given."""
    item = ItemFactory(url=url, **fields)
    links.register_links(item)
    return item


def written_link(url: str = ADDRESS, **fields: Any) -> Link:
    """A link of an item on an open issue."""
    issue = fields.pop("issue", None) or IssueFactory()
    return item_with_link(url, issue=issue, **fields).item_links.get().link


def printed_link(url: str = ADDRESS, **fields: Any) -> Link:
    """A link that came out just now."""
    issue = PublishedIssueFactory(published_at=timezone.now(), **fields)
    item = item_with_link(url, issue=issue, state=ItemState.APPROVED)
    links.plan_after_publication(issue)
    return item.item_links.get().link


def moved_to(url: str) -> Judgement:
    chain = (Hop(ADDRESS, 301), Hop(url, 200))
    return Judgement(
        Verdict.OK,
        Reason.REDIRECTED,
        status=200,
        moved_to=url,
        final_url=url,
        chain=chain,
        answered=True,
    )


def visit(link: Link, found: Judgement) -> Link:
    """The link as one visit that found this leaves it."""
    links.store({link: found})
    link.refresh_from_db()
    return link


def hand_back(link: Link) -> None:
    Link.objects.filter(pk=link.pk).update(claimed_until=None)


def break_link(link: Link) -> Link:
    """The link as held to be broken, the way days of failures leave it."""
    Link.objects.filter(pk=link.pk).update(
        verdict="broken", reason="gone", verdict_since=timezone.now()
    )
    link.refresh_from_db()
    return link
