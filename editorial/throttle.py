"""How often one person may have the desk visit somebody's site while they wait."""

from __future__ import annotations

from django.core.cache import cache
from django.utils import timezone

from editorial.models import User

A_MINUTE = 20  # of one kind; nobody pastes and reads faster


class Throttled(Exception):
    """This person had A_MINUTE of them; the next one in `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many visits, again in {retry_after} s")
        self.retry_after = retry_after


def count_visit(kind: str, *, by: User) -> None:
    """Count one more in this minute of the clock, for all workers together.

    Raises Throttled. Without a cache nobody is limited.
    """
    minute, second = divmod(int(timezone.now().timestamp()), 60)
    key = f"throttle:{kind}:{by.pk}:{minute}"
    cache.add(key, 0, timeout=120)
    try:
        count = cache.incr(key)
    except ValueError:  # the cache was emptied at this very moment
        return
    if count > A_MINUTE:
        raise Throttled(retry_after=60 - second)
