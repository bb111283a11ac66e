"""Politeness: how many requests a host gets at once, and how far apart.

Two parts. A `Manners` belongs to one run in one event loop and holds its queues. A
`Pace` is what runs share: `ProcessPace` holds the distance between requests within one
process, `broker.BrokerPace` distance and seats across all workers and machines.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sized
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from .outcomes import HostBusy, HostResting

PER_HOST = 4  # requests to one host at the same time
AT_ONCE = 256  # requests of one run at the same time
GAP = 0.05  # seconds between two requests to one host
PATIENCE = 10.0  # seconds that a request waits for its turn in the pace
# Requests for which a seat is held, so that not each one asks the broker; no longer
# than so many seconds, because a worker that is killed leaves its seats to run out.
SEAT_REQUESTS = 4
SEAT_SECONDS = 20.0
BUSY_PAUSE = 0.1  # seconds before asking again for a seat
MAX_REMEMBERED_HOSTS = 10_000


class Pace(Protocol):
    """Spreads the requests to each host over time, and over those who make them."""

    gap: float  # seconds between two requests to one host

    async def take_seat(
        self, host: str, *, patience: float, count: int = 1
    ) -> tuple[str, float] | None:
        """One of the host's seats, by whose name it is given back, and the seconds to
        wait before asking the host; so many slots are taken in a row. None: all taken.

        More seconds than `patience` say to give up: then neither was taken.
        """

    async def leave_seat(self, host: str, seat: str) -> None:
        """Give a seat back."""

    async def rest(self, host: str, seconds: float) -> None:
        """Leave the host alone for so long: it asked for it."""

    async def close(self) -> None:
        """Let go of what belongs to the event loop."""


class ProcessPace:
    """A pace for all threads and runs of this process."""

    def __init__(
        self, *, gap: float = GAP, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.gap = gap
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at: dict[str, float] = {}

    async def take_seat(
        self, host: str, *, patience: float, count: int = 1
    ) -> tuple[str, float] | None:
        """Always a seat: a run's own queues count."""
        return "", self._reserve(host, patience, count)

    async def leave_seat(self, host: str, seat: str) -> None:
        pass

    async def close(self) -> None:
        pass

    def _reserve(self, host: str, patience: float, count: int) -> float:
        with self._lock:
            now = self._clock()
            wait = max(self._free_at.get(host, now) - now, 0.0)
            if wait <= patience:
                self._free_at[host] = now + wait + self.gap * count
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


@dataclass(slots=True)
class _Seat:
    """The right to make some requests, each not before its time."""

    name: str
    slots: deque[float]  # of the loop's clock
    until: float


@dataclass(slots=True)
class _Queue:
    """Who waits for one host, and the seats that wait for them."""

    places: asyncio.Semaphore
    standing: int = 0
    coming: Sized = ()
    rests_until: float = 0.0  # of the loop's clock
    seats: list[_Seat] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        return self.standing + len(self.coming)


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
        self._queues: dict[str, _Queue] = {}
        self._everybody = asyncio.Semaphore(at_once)

    def expect(self, host: str, coming: Sized) -> None:
        """Count these among those who wait for the host, though none of them asks yet.

        A run need not let thousands stand in a queue for seats to be shared out well.
        """
        self._queue(host).coming = coming

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Hold this while asking the host. Raises `HostResting` or `HostBusy`."""
        queue = self._queue(host)
        queue.standing += 1
        try:
            await queue.places.acquire()
        finally:
            queue.standing -= 1
        try:
            seat = queue.seats.pop() if queue.seats else await self._sit_down(host)
            try:
                await asyncio.sleep(seat.slots.popleft() - _now())
                async with self._everybody:
                    yield
            finally:
                await self._stand_up(host, seat)
        finally:
            queue.places.release()

    async def rest(self, host: str, seconds: float) -> None:
        queue = self._queue(host)
        queue.rests_until = _now() + seconds
        await self._pace.rest(host, seconds)
        await self._leave_all(host, queue)  # their slots come too early now

    async def close(self) -> None:
        for host, queue in self._queues.items():
            await self._leave_all(host, queue)
        await self._pace.close()

    def _queue(self, host: str) -> _Queue:
        if host not in self._queues:
            self._queues[host] = _Queue(asyncio.Semaphore(self._per_host))
        return self._queues[host]

    async def _leave_all(self, host: str, queue: _Queue) -> None:
        while queue.seats:
            await self._pace.leave_seat(host, queue.seats.pop().name)

    async def _sit_down(self, host: str) -> _Seat:
        until = _now() + self._patience
        while True:
            shared = self._queues[host].waiting // self._per_host
            count = min(SEAT_REQUESTS, 1 + shared)
            taken = await self._pace.take_seat(
                host, patience=self._patience, count=count
            )
            if taken is not None:
                break
            if _now() > until:
                raise HostBusy
            await asyncio.sleep(BUSY_PAUSE)
        name, wait = taken
        if wait > self._patience:
            raise HostResting(wait)
        first = _now() + wait
        slots = deque(first + self._pace.gap * n for n in range(count))
        return _Seat(name, slots, _now() + SEAT_SECONDS)

    async def _stand_up(self, host: str, seat: _Seat) -> None:
        """Leave the seat to the next in the queue, or give it back."""
        queue = self._queues[host]
        if queue.waiting and seat.slots and queue.rests_until < _now() < seat.until:
            queue.seats.append(seat)
        else:
            await self._pace.leave_seat(host, seat.name)


def _now() -> float:
    return asyncio.get_running_loop().time()
