"""How many workers send one digest at once: seats in the shared cache.

A courtesy, not a lock: it keeps pumps from filling every worker. Correctness is the
ledger's, so an unreachable cache, which gives everybody a seat, loses nothing.
"""

import secrets
import time
from typing import Self

from django.conf import settings
from django.core.cache import cache

LIFETIME = 15.0  # seconds until the seat of a dead pump is free
RENEW_AFTER = 5.0


class Seat:
    """A pump's place at a digest; `kept` renews it while the pump lives."""

    def __init__(self, key: str, holder: str) -> None:
        self._key, self._holder = key, holder
        self._renewed = time.monotonic()

    @classmethod
    def take(cls, digest_id: int) -> Self | None:
        """A free seat, or None when enough pumps are at work."""
        holder = secrets.token_hex(8)
        for key in _keys(digest_id):
            if cache.add(key, holder, LIFETIME):
                return cls(key, holder)
        return None

    def kept(self) -> bool:
        """Whether the seat is still ours: after a long silence it may be another's."""
        if time.monotonic() - self._renewed < RENEW_AFTER:
            return True
        if cache.get(self._key, self._holder) != self._holder:
            return False
        cache.set(self._key, self._holder, LIFETIME)
        self._renewed = time.monotonic()
        return True

    def leave(self) -> None:
        if cache.get(self._key) == self._holder:
            cache.delete(self._key)


def free(digest_id: int) -> int:
    """How many more pumps may start."""
    keys = _keys(digest_id)
    return len(keys) - len(cache.get_many(keys))


def _keys(digest_id: int) -> list[str]:
    return [f"digest:{digest_id}:seat:{n}" for n in range(settings.DIGEST_SENDERS)]
