"""Which links an item has."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from editorial.content.link_keys import InvalidUrl, clean_url, host_of, link_key
from editorial.content.markdown import links_in
from editorial.fetching.verdicts import Verdict
from editorial.models import Item, ItemLink, Link

from .schedule import FRESH_FOR, SETTLED_AFTER

WORST_FIRST = (Verdict.BROKEN, Verdict.UNSURE, Verdict.UNCHECKED, Verdict.OK)


@transaction.atomic
def register_links(item: Item) -> list[Link]:
    """Bring the item's links in line with its headline link and its commentary.

    A link that stays keeps what was found out about it; a new one is visited when it
    has stood for a moment, if nobody has visited it within a day.
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
        link = _link_of(key, url)
        ItemLink.objects.create(
            item=item, link=link, seen_fingerprint=link.fingerprint, **values
        )
        links.append(link)
    _plan_first_visit(links)
    return links


def link_at(url: str) -> Link:
    """The row of this address, new if need be. Raises InvalidUrl."""
    return _link_of(link_key(url), clean_url(url))


def _link_of(key: str, url: str) -> Link:
    link, _ = Link.objects.get_or_create(
        key=key, defaults={"url": url, "host": host_of(url)[:255]}
    )
    return link


def _plan_first_visit(links: Iterable[Link]) -> None:
    now = timezone.now()
    stale = Q(checked_at=None) | Q(checked_at__lt=now - FRESH_FOR)
    Link.objects.filter(
        stale, pk__in=[link.pk for link in links], next_check_at=None
    ).update(next_check_at=now + SETTLED_AFTER)


def _urls_of(item: Item) -> dict[str, str]:
    """URL by key, the headline's first; what is no link at all is passed over."""
    wanted: dict[str, str] = {}
    for url in [item.url, *links_in(item.commentary)]:
        try:
            wanted.setdefault(link_key(url), clean_url(url))
        except InvalidUrl:
            continue
    return wanted


def worst_of(links: Iterable[Link]) -> Link | None:
    """The link an editor should hear of first; None where there is none."""
    ranked = sorted(links, key=lambda link: WORST_FIRST.index(Verdict(link.verdict)))
    return ranked[0] if ranked else None
