"""Archived copies of dead pages: looked for once, offered, shown by a person's press."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from editorial.fetching import archives
from editorial.models import ArchivedCopy, Link

ASK_AGAIN_AFTER = timedelta(days=30)  # an archive that had none
AT_ONCE = 10  # the archive is a guest house, and slow


def find_copies(limit: int = AT_ONCE) -> int:
    """Ask the archive for copies of dead links that readers have; how many it had.

    The copy taken closest to publication is the page as it was recommended. Safe to run
    twice and in several workers: whoever writes the row first asks.
    """
    return sum(_find(link, near) for link, near in _unasked(limit))


def _unasked(limit: int) -> list[tuple[Link, datetime]]:
    long_ago = timezone.now() - ASK_AGAIN_AFTER
    asked = ArchivedCopy.objects.filter(
        ~Q(url="") | Q(asked_at__gt=long_ago), link=OuterRef("pk")
    )
    rows = (
        Link.objects.broken()
        .printed()
        .filter(~Exists(asked))
        .annotate(printed_at=Max("item_links__item__issue__published_at"))
        .order_by("verdict_since", "pk")[:limit]
    )
    return [(link, link.printed_at) for link in rows]


def _find(link: Link, near: datetime) -> bool:
    now = timezone.now()
    long_ago = now - ASK_AGAIN_AFTER
    row, is_new = ArchivedCopy.objects.get_or_create(
        link=link, defaults={"asked_at": now}
    )
    mine = ArchivedCopy.objects.filter(pk=row.pk, asked_at__lte=long_ago)
    if not is_new and not mine.update(asked_at=now):
        return False  # somebody else is asking
    found = archives.find_copy(link.url, near=near)
    if found is None:
        return False
    ArchivedCopy.objects.filter(pk=row.pk).update(
        url=found.url, taken_at=found.taken_at
    )
    return True
