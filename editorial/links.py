"""Which links an item has, which are due for a visit, and what a result means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import Resolver404, resolve
from django.utils import timezone

from editorial import doorbell
from editorial.content.link_keys import InvalidUrl, clean_url, host_of, link_key
from editorial.content.markdown import links_in
from editorial.fetching.verdicts import Judgement, Reason, Verdict
from editorial.fetching.visits import check_urls
from editorial.models import Check, Issue, Item, ItemLink, Link
from editorial.states import ISSUE_OPEN

FRESH_FOR = timedelta(hours=24)  # one visit per key per day, shared by all items
CLAIM_FOR = timedelta(minutes=3)  # longer than a visit's budget and its task's limit
BATCH = 500
WORST_FIRST = (Verdict.BROKEN, Verdict.UNSURE, Verdict.UNCHECKED, Verdict.OK)


@transaction.atomic
def register_links(item: Item) -> list[Link]:
    """Bring the item's links in line with its headline link and its commentary.

    A link that stays keeps what was found out about it.
    """
    wanted = _urls_of(item)
    places = {place.link.key: place for place in item.item_links.select_related("link")}
    item.item_links.exclude(link__key__in=wanted).delete()
    links = []
    for position, (key, url) in enumerate(wanted.items()):
        values = {
            "url": url,
            "primary": url == item.url,
            "position": position,
        }
        if key in places:
            ItemLink.objects.filter(pk=places[key].pk).update(**values)
            links.append(places[key].link)
            continue
        link, _ = Link.objects.get_or_create(
            key=key, defaults={"url": url, "host": host_of(url)[:255]}
        )
        ItemLink.objects.create(item=item, link=link, **values)
        links.append(link)
    return links


def _urls_of(item: Item) -> dict[str, str]:
    """URL by key, the headline's first; what is no link at all is passed over."""
    wanted: dict[str, str] = {}
    for url in [item.url, *links_in(item.commentary)]:
        try:
            wanted.setdefault(link_key(url), clean_url(url))
        except InvalidUrl:
            continue
    return wanted


def due(links: QuerySet[Link]) -> QuerySet[Link]:
    """Those not visited within a day and not being visited now, longest ago first."""
    now = timezone.now()
    return links.filter(
        Q(checked_at=None) | Q(checked_at__lt=now - FRESH_FOR),
        Q(claimed_until=None) | Q(claimed_until__lt=now),
    ).order_by("checked_at", "pk")


def check_soon(item: Item, *, again: bool = False) -> int:
    """Ask a worker for the item's due links; with `again`, for all. How many."""
    links = Link.objects.filter(item_links__item=item)
    return _ask_for(links if again else due(links))


def check_issue(issue: Issue, *, again: bool = False) -> int:
    """Ask a worker for the issue's due links; with `again`, for all. How many."""
    links = Link.objects.of_issue(issue)
    return _ask_for(links if again else due(links))


def _ask_for(links: QuerySet[Link]) -> int:
    keys = list(links.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        doorbell.ring("editorial.check_links", keys[start : start + BATCH])
    return len(keys)


def due_on_the_desk() -> list[int]:
    """Never visited links of open issues: what a lost wake-up left behind."""
    open_links = Link.objects.filter(item_links__item__issue__state__in=ISSUE_OPEN)
    unvisited = due(open_links.filter(checked_at=None)).distinct()
    return list(unvisited.values_list("pk", flat=True)[:BATCH])


def check(link_ids: Sequence[int]) -> int:
    """Visit these links and store what was found. Safe to run twice: how many visited.

    Each link is claimed before the visits and stored in one transaction after them; a
    worker killed in between leaves claims that run out.
    """
    claimed = _claim(link_ids)
    judged = check_urls([link.url for link in claimed])
    return store({link: judged[link.url] for link in claimed if link.url in judged})


def _claim(link_ids: Sequence[int]) -> list[Link]:
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    claimed = []
    with transaction.atomic():
        for pk in sorted(link_ids):
            mine = Link.objects.filter(free, pk=pk)
            if mine.update(claimed_until=now + CLAIM_FOR):
                claimed.append(pk)
    return list(Link.objects.filter(pk__in=claimed))


@transaction.atomic
def store(judged: dict[Link, Judgement]) -> int:
    """Write checks and the links' verdicts; how many."""
    now = timezone.now()
    checks = []
    for link, found in judged.items():
        if found.reason == Reason.OWN_SITE:
            found = _judge_own(link.url)
        checks.append(_as_check(link, found, now))
        Link.objects.filter(pk=link.pk).update(
            verdict=found.verdict.value,
            reason=found.reason.value,
            moved_to=found.moved_to,
            checked_at=now,
            claimed_until=None,
        )
    Check.objects.bulk_create(checks)
    return len(checks)


def _as_check(link: Link, found: Judgement, now: datetime) -> Check:
    return Check(
        link=link,
        checked_at=now,
        verdict=found.verdict.value,
        reason=found.reason.value,
        status=found.status,
        final_url=found.final_url[:2048],
        chain=found.chain_as_data(),
        elapsed_ms=found.elapsed_ms,
    )


def _judge_own(url: str) -> Judgement:
    """An address on our own site is looked up in the database, not fetched."""
    try:
        match = resolve(urlsplit(url).path or "/")
    except Resolver404:
        return Judgement(Verdict.BROKEN, Reason.GONE)
    if match.view_name == "site:issue":
        slug = match.kwargs.get("slug") or next(iter(match.args), "")
        if not Issue.objects.published().filter(slug=slug).exists():
            return Judgement(Verdict.BROKEN, Reason.GONE)
    return Judgement(Verdict.OK, Reason.ALIVE)


def worst_of(links: Iterable[Link]) -> Link | None:
    """The link an editor should hear of first; None where there is none."""
    ranked = sorted(links, key=lambda link: WORST_FIRST.index(Verdict(link.verdict)))
    return ranked[0] if ranked else None
