"""One politeness for all workers and machines, kept by the broker.

For each host a time from which it may be asked again, and a handful of seats. Both run
out by themselves: a worker that is killed blocks nothing for long. The clock is the
broker's. Without a broker each process is polite by itself, and nobody waits for it.
"""

import asyncio
import secrets
import time
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from .manners import GAP, PER_HOST, SEAT_SECONDS, SHARED_PACE, ProcessPace

ANSWER_SECONDS = 0.4  # that the broker gets for an answer
AWAY_SECONDS = 10.0  # that it is left alone after it gave none
LEASE_SECONDS = SEAT_SECONDS + 20.0  # the last request of a seat may take its time

_RESERVE = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local free = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
if free - now <= tonumber(ARGV[1]) then
  local next = free + ARGV[2]
  redis.call('SET', KEYS[1], next, 'PX', math.max(next - now, 1))
end
return free - now
"""
_REST = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local free = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now + ARGV[1])
redis.call('SET', KEYS[1], free, 'PX', math.max(free - now, 1))
"""
_SIT_DOWN = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""


class BrokerPace:
    """A pace for every worker of a broker; belongs to one event loop."""

    def __init__(
        self,
        url: str,
        *,
        gap: float = GAP,
        seats: int = PER_HOST,
        lease: float = LEASE_SECONDS,
        alone: ProcessPace = SHARED_PACE,
    ) -> None:
        self.gap = gap
        self._seats = seats
        self._lease = lease
        self._alone = alone
        self._away_until = 0.0
        self._broker: Redis = Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=None,
        )
        self._reserve = self._broker.register_script(_RESERVE)
        self._rest = self._broker.register_script(_REST)
        self._sit_down = self._broker.register_script(_SIT_DOWN)

    async def take_seat(self, host: str) -> str | None:
        seat = secrets.token_hex(8)
        arguments = [self._seats, _milliseconds(self._lease), seat]
        taken = await self._ask(self._sit_down, f"seats:{host}", arguments)
        return None if taken == 0 else seat

    async def leave_seat(self, host: str, seat: str) -> None:
        if time.monotonic() < self._away_until:
            return
        try:
            await self._broker.zrem(f"{_PREFIX}seats:{host}", seat)
        except (RedisError, OSError, TimeoutError):
            self._leave_alone()

    async def reserve(self, host: str, *, patience: float, count: int = 1) -> float:
        arguments = [_milliseconds(patience), _milliseconds(self.gap * count)]
        wait = await self._ask(self._reserve, f"free:{host}", arguments)
        if wait is None:
            return await self._alone.reserve(host, patience=patience, count=count)
        return float(wait) / 1000

    async def rest(self, host: str, seconds: float) -> None:
        await self._ask(self._rest, f"free:{host}", [_milliseconds(seconds)])
        await self._alone.rest(host, seconds)  # should the broker go meanwhile

    async def close(self) -> None:
        await self._broker.aclose()

    async def _ask(self, script: Any, key: str, arguments: list[Any]) -> Any:
        """The script's answer, None where the broker gives none."""
        if time.monotonic() < self._away_until:
            return None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await script(keys=[_PREFIX + key], args=arguments)
        except (RedisError, OSError, TimeoutError):
            self._leave_alone()
            return None

    def _leave_alone(self) -> None:
        self._away_until = time.monotonic() + AWAY_SECONDS


_PREFIX = "masthead:fetching:"


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
