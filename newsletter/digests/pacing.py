"""How fast mail may leave: limits per second, minute or day, for all workers together.

Counted in Redis, in twenty slots of each limit's window, so that no window of that
length ever holds more. Where Redis is away each sender keeps to its share by itself:
slower, never faster. A window that Redis has lost is counted anew from the ledger.
"""

import logging
import math
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Self

import redis
from django.conf import settings
from redis.exceptions import RedisError

from newsletter.models import Digest

from . import ledger

logger = logging.getLogger(__name__)

SLOTS = 20
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LIMIT = re.compile(r"(\d+)\s*/\s*([smhd])")
# One mailbox provider under many names: what it counts together is paced together.
PROVIDERS = {
    "qq.com": ("qq.com", "foxmail.com", "vip.qq.com"),
    "163.com": (
        *("163.com", "126.com", "yeah.net", "188.com"),
        *("vip.163.com", "vip.126.com"),
    ),
}
_PROVIDER_OF = {name: one for one, names in PROVIDERS.items() for name in names}
LONGEST_WAIT = 3600.0  # seconds to which a paced row is put off at most

# KEYS: one hash of slots per limit. ARGV: how many are wanted, then per limit: how many
# a window may hold, milliseconds of a slot, what a lost window is taken to hold (or -1:
# say that it is lost). Returns how many may go, and which limit's window was lost.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local granted = tonumber(ARGV[1])
local slots = {}
for i, key in ipairs(KEYS) do
  local most, span, held = tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i]), tonumber(ARGV[3*i+1])
  local slot = math.floor(now / span)
  slots[i] = slot
  if redis.call('EXISTS', key) == 0 then
    if held < 0 then return {0, i} end
    redis.call('HSET', key, slot, held)
  end
  local fields = {}
  for back = 0, 20 do fields[back + 1] = slot - back end
  for _, count in ipairs(redis.call('HMGET', key, unpack(fields))) do
    most = most - (tonumber(count) or 0)
  end
  granted = math.min(granted, math.max(most, 0))
end
for i, key in ipairs(KEYS) do
  if granted > 0 then redis.call('HINCRBY', key, slots[i], granted) end
  redis.call('HDEL', key, slots[i] - 21, slots[i] - 22, slots[i] - 23)
  redis.call('PEXPIRE', key, tonumber(ARGV[3*i]) * 42)
end
return {granted, 0}
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` mails in any `seconds`."""

    count: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> tuple[Self, ...]:
        """Those of "50/s, 2000/m, 100000/d". Raises ValueError for anything else."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        found = [_LIMIT.fullmatch(part) for part in parts]
        if not all(found):
            raise ValueError(f"{text!r} is no limit such as 50/s, 2000/m or 100000/d.")
        return tuple(cls(int(match[1]), _SECONDS[match[2]]) for match in found if match)

    @property
    def slot(self) -> float:
        """Seconds of one slot; after so long there may be room again."""
        return self.seconds / SLOTS


class Pace:
    """The limits of one digest's relay and of each recipient's provider."""

    def __init__(self, digest_id: int) -> None:
        self._digest_id = digest_id
        self._relay = Limit.parse(settings.EMAIL_RATE)
        self._domains = {
            domain: Limit.parse(text)
            for domain, text in settings.EMAIL_DOMAIN_RATES.items()
        }
        self._own: dict[str, _Share] = {}

    def take(self, wanted: int, *, rate: int | None) -> int:
        """How many of `wanted` mails may leave now; `rate` is the digest's own limit."""
        limits = {f"relay:{n}": limit for n, limit in enumerate(self._relay)}
        if rate is not None:
            limits[f"digest:{self._digest_id}"] = Limit(rate, 1)
        return self._grant(limits, wanted) if limits else wanted

    def take_for(self, addresses: Sequence[str]) -> list[float]:
        """For each address 0, or after how many seconds to ask again for it."""
        groups: dict[str, list[int]] = {}
        for n, address in enumerate(addresses):
            domain = provider_of(address)
            if domain in self._domains:
                groups.setdefault(domain, []).append(n)
        waits = [0.0] * len(addresses)
        for domain, places in groups.items():
            limits = self._domains[domain]
            named = {f"to:{domain}:{n}": limit for n, limit in enumerate(limits)}
            late = places[self._grant(named, len(places)) :]
            for n, wait in zip(late, _appointments(domain, limits, late), strict=True):
                waits[n] = wait
        return waits

    def _grant(self, limits: Mapping[str, Limit], wanted: int) -> int:
        try:
            return _take(limits, wanted)
        except (RedisError, OSError) as error:
            logger.warning("pacing by ourselves, Redis is away: %s", error)
        for name, limit in limits.items():
            share = self._own.setdefault(name, _Share(limit, _senders()))
            wanted = min(wanted, share.available())
        for name in limits:
            self._own[name].take(wanted)
        return wanted


def provider_of(address: str) -> str:
    """The name under which the recipient's provider is paced."""
    domain = address.rpartition("@")[2].lower()
    return _PROVIDER_OF.get(domain, domain)


class _Share:
    """What one sender may do of a limit while nobody counts for all of them."""

    def __init__(self, limit: Limit, senders: int) -> None:
        self._per_second = limit.count / limit.seconds / senders
        self._saved, self._at = 0.0, time.monotonic()

    def available(self) -> int:
        now = time.monotonic()
        self._saved += (now - self._at) * self._per_second
        self._saved, self._at = min(self._saved, max(1.0, self._per_second)), now
        return math.floor(self._saved)

    def take(self, count: int) -> None:
        self._saved -= count


def _senders() -> int:
    """How many may be sending: every seat of every digest, and a command."""
    return settings.DIGEST_SENDERS * max(1, Digest.objects.ready_to_send().count()) + 1


def _take(limits: Mapping[str, Limit], wanted: int) -> int:
    held = dict.fromkeys(limits, -1)
    for name, limit in limits.items():
        if limit.seconds < 60:  # a second that was lost is soon over
            held[name] = 0
    for _ in range(len(limits) + 1):
        arguments = [wanted]
        for name, limit in limits.items():
            arguments += [limit.count, int(limit.slot * 1000), held[name]]
        keys = [f"masthead:pace:{name}:{limits[name].seconds}" for name in limits]
        granted, lost = _script()(keys=keys, args=arguments)
        if not lost:
            return int(granted)
        name = list(limits)[lost - 1]
        domain = name.split(":")[1] if name.startswith("to:") else ""
        names = PROVIDERS.get(domain, (domain,)) if domain else ()
        held[name] = ledger.left_within(limits[name].seconds, domains=names)
    return 0


def _appointments(
    domain: str, limits: Sequence[Limit], late: Sequence[int]
) -> list[float]:
    """Seconds until each of them is worth asking for again, one behind the other."""
    gap = max(limit.seconds / limit.count for limit in limits)
    first = max(limit.slot for limit in limits)
    try:
        key, now = f"masthead:pace:queue:{domain}", time.time()
        queue = _client().get(key)
        begin = max(now + first, float(queue or 0))
        begin = begin if begin - now < LONGEST_WAIT else now + first
        _client().set(key, begin + gap * len(late), ex=int(LONGEST_WAIT))
        waits = [begin - now + gap * n for n in range(len(late))]
    except (RedisError, OSError):
        waits = [first + random.uniform(0, 60) for _ in late]  # noqa: S311 (no secret)
    return [min(wait, LONGEST_WAIT) for wait in waits]


@cache
def _client_of(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=0.4, socket_connect_timeout=0.4)


def _client() -> redis.Redis:
    return _client_of(settings.REDIS_URL)


def _script() -> Callable[..., tuple[int, int]]:
    return _script_of(_client())


@cache
def _script_of(client: redis.Redis) -> Callable[..., tuple[int, int]]:
    return client.register_script(_TAKE)
