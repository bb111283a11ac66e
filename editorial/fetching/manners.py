"""Politeness: how many requests a host gets at once, and how far apart.

Two parts. A `Manners` belongs to one run in one event loop and holds its queues. A
`Pace` is what runs share: it only answers "how long until this host may be asked
again", so that a token bucket outside the process can take its place.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from .outcomes import HostResting

PER_HOST = 4  # requests to one host at the same time
AT_ONCE = 100  # requests of one run at the same time
GAP = 0.05  # seconds between two requests to one host
PATIENCE = 10.0  # seconds that a request waits for its turn in the pace
MAX_REMEMBERED_HOSTS = 10_000


class Pace(Protocol):
    """Spreads the requests to each host over time."""

    async def reserve(self, host: str, *, patience: float) -> float:
        """Seconds to wait before asking the host; a slot is taken.

        More than `patience` says to give up: then no slot was taken.
        """

    async def rest(self, host: str, seconds: float) -> None:
        """Leave the host alone for so long: it asked for it."""


class ProcessPace:
    """A pace for all threads and runs of this process."""

    def __init__(
        self, *, gap: float = GAP, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._gap = gap
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at: dict[str, float] = {}

    async def reserve(self, host: str, *, patience: float) -> float:
        with self._lock:
            now = self._clock()
            wait = max(self._free_at.get(host, now) - now, 0.0)
            if wait <= patience:
                self._free_at[host] = now + wait + self._gap
                self._forget_the_free(now)
            return wait

    async def rest(self, host: str, seconds: float) -> None:
        with self._lock:
            until = self._clock() + seconds
            self._free_at[host] = max(until, self._free_at.get(host, until))

    def _forget_the_free(self, now: float) -> None:
        if len(self._free_at) > MAX_REMEMBERED_HOSTS:
            self._free_at = {h: at for h, at in self._free_at.items() if at > now}


SHARED_PACE = ProcessPace()


class Manners:
    """The queues of one run.

    A request first waits in the queue of its own host, so that a slow host fills no
    place that another could use.
    """

    def __init__(
        self,
        *,
        pace: Pace = SHARED_PACE,
        per_host: int = PER_HOST,
        at_once: int = AT_ONCE,
        patience: float = PATIENCE,
    ) -> None:
        self._pace = pace
        self._per_host = per_host
        self._patience = patience
        self._queues: dict[str, asyncio.Semaphore] = {}
        self._everybody = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Hold this while asking the host. Raises `HostResting`."""
        queue = self._queues.setdefault(host, asyncio.Semaphore(self._per_host))
        async with queue:
            wait = await self._pace.reserve(host, patience=self._patience)
            if wait > self._patience:
                raise HostResting(wait)
            await asyncio.sleep(wait)
            async with self._everybody:
                yield

    async def rest(self, host: str, seconds: float) -> None:
        await self._pace.rest(host, seconds)
