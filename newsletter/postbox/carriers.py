"""Several calls at once, each over a connection that is kept for the next."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from .api_answers import Answer
from .carrier import Carrier
from .mailing import Addressee, Mailing


@dataclass(frozen=True, slots=True)
class Call:
    """One call, and the key that names it."""

    mailing: Mailing
    to: Sequence[Addressee]
    key: str


class Carriers:
    """Up to so many calls at once. No thread of it touches a database.

    Leaving it does not wait for calls that are out: whoever leaves early has to count
    them as uncertain.
    """

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self._idle: SimpleQueue[Carrier] = SimpleQueue()
        self._carriers = [Carrier() for _ in range(at_once)]
        for carrier in self._carriers:
            self._idle.put(carrier)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="carrier")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().close()

    def most(self, mailing: Mailing) -> int:
        """How many readers one call takes."""
        return self._carriers[0].most(mailing)

    def begin(self, call: Call) -> Future[list[Answer]]:
        return self._threads.submit(self._carry, call)

    def _carry(self, call: Call) -> list[Answer]:
        carrier = self._idle.get()
        try:
            return carrier.carry(call.mailing, call.to, key=call.key)
        finally:
            self._idle.put(carrier)
