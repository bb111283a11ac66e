"""Many connections at once, in steps between which the caller may use a database.

Nothing runs but inside `run`: bodies and dots are begun there and finish there, and a
connection that is slow goes on with its part in the next call instead of holding the
others. Each connection carries at most one message, so at most as many messages are
uncertain as there are connections, whatever happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from .gate import EnvelopeGate, OpeningGate
from .line import new_runner
from .relay import Relay
from .replies import Reply, WireError
from .text import Text
from .wire import Wire

Cargo = TypeVar("Cargo")

PATIENCE = 1.0  # seconds until `run` comes back even though nobody answered
GRACE = 0.05  # seconds at least that the others have once the first has answered


@dataclass(frozen=True, slots=True, eq=False)
class Parcel(Generic[Cargo]):
    """A message on its way, with whatever the caller knows it by."""

    cargo: Cargo
    sender: str
    recipient: str
    message: bytes | Text


@dataclass(frozen=True, slots=True)
class Arrival(Generic[Cargo]):
    """What became of one step: None is a body that waits for its dot."""

    parcel: Parcel[Cargo]
    answer: Reply | WireError | None


class Fleet(Generic[Cargo]):
    """Up to `relay.connections` conversations, opened as they are needed.

    Per message: `load`; when its Arrival says None, `dot` or `drop`. As a context
    manager it ends every connection, those inside a message without their dot.
    """

    def __init__(self, relay: Relay | None = None) -> None:
        self.relay = relay or Relay.from_settings()
        self._openings, self._envelopes = OpeningGate(), EnvelopeGate()
        self._idle = [self._new_wire() for _ in range(self.relay.connections)]
        self._steps: dict[asyncio.Task[Reply | None], tuple[Parcel[Cargo], Wire]] = {}
        self._dotting: set[Parcel[Cargo]] = set()
        self._loaded: dict[Parcel[Cargo], Wire] = {}
        self._young: set[asyncio.Task[Reply | None]] = set()
        self._runner = new_runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abandon()
        self._runner.run(self._part())
        self._runner.close()

    @property
    def is_busy(self) -> bool:
        return bool(self._steps or self._loaded)

    @property
    def room(self) -> int:
        """How many messages may be loaded now: none while a wave is under way.

        The first connection goes ahead alone and each wave has at most twice the one
        before: a relay in trouble meets one newcomer and not a storm of them. Within a
        wave, gates see to the same (`gate`).
        """
        if self._young or self._loaded:
            return 0
        open_ones = sum(wire.is_open for wire in self._wires())
        return min(len(self._idle), max(1, 2 * open_ones - len(self._steps)))

    def load(self, parcel: Parcel[Cargo]) -> None:
        """Begin to hand over a body; there must be room."""
        if not self._young:
            self._openings.begin_wave()
            self._envelopes.begin_wave()
        wire = next((wire for wire in self._idle if wire.is_open), self._idle[-1])
        self._idle.remove(wire)
        body = wire.body(
            sender=parcel.sender, recipient=parcel.recipient, message=parcel.message
        )
        self._begin(parcel, wire, body)

    def dot(self, parcel: Parcel[Cargo]) -> None:
        """Let a loaded message go: from the next `run` on it may be the server's."""
        wire = self._loaded.pop(parcel)
        self._dotting.add(parcel)
        self._begin(parcel, wire, wire.dot())

    def drop(self, parcel: Parcel[Cargo]) -> None:
        """Break the connection of a loaded message, which is thus never sent."""
        wire = self._loaded.pop(parcel)
        wire.drop()
        self._idle.append(wire)

    def run(self) -> list[Arrival[Cargo]]:
        """Let the conversations go on; what finished, in the order it began.

        Comes back when all that was begun since the last call has finished, or when
        the rest had as long again as the first took.
        """
        if self._steps:
            self._runner.run(self._wait())
        self._young.clear()
        return [self._arrive(task) for task in list(self._steps) if task.done()]

    def shrink(self) -> bool:
        """Do with the connections that are open; False where there is none.

        For a relay that takes some of us and turns the others away.
        """
        closed = [wire for wire in self._idle if not wire.is_open]
        if len(closed) == len(self._wires()):
            return False
        self._idle = [wire for wire in self._idle if wire.is_open]
        return True

    def abandon(self) -> tuple[list[Parcel[Cargo]], list[Parcel[Cargo]]]:
        """Break every connection inside a message: (never sent, dot on its way)."""
        for task in self._steps:
            task.cancel()
        for wire in self._loaded.values():
            wire.drop()
        parcels = [*self._loaded, *(parcel for parcel, _ in self._steps.values())]
        self._idle += [*self._loaded.values(), *(w for _, w in self._steps.values())]
        dotted = [parcel for parcel in parcels if parcel in self._dotting]
        tasks = list(self._steps)
        self._loaded.clear()
        self._steps.clear()
        self._dotting.clear()
        self._runner.run(_finish(tasks))
        return [parcel for parcel in parcels if parcel not in dotted], dotted

    def _new_wire(self) -> Wire:
        return Wire(self.relay, openings=self._openings, envelopes=self._envelopes)

    def _begin(
        self,
        parcel: Parcel[Cargo],
        wire: Wire,
        step: Coroutine[Any, Any, Reply | None],
    ) -> None:
        task = self._runner.get_loop().create_task(step)
        self._steps[task] = parcel, wire
        self._young.add(task)

    async def _wait(self) -> None:
        first_in = asyncio.FIRST_COMPLETED
        clock = asyncio.get_running_loop().time
        awaited, begun_at = self._young or set(self._steps), clock()
        done, rest = await asyncio.wait(awaited, timeout=PATIENCE, return_when=first_in)
        if done and rest:
            took = clock() - begun_at
            await asyncio.wait(rest, timeout=max(GRACE, took))

    def _arrive(self, task: asyncio.Task[Reply | None]) -> Arrival[Cargo]:
        parcel, wire = self._steps.pop(task)
        was_dotting = parcel in self._dotting
        self._dotting.discard(parcel)
        answer: Reply | WireError | None
        try:
            answer = task.result()
        except WireError as error:
            answer = error
        if answer is None and not was_dotting:
            self._loaded[parcel] = wire
        else:
            self._idle.append(wire)
        return Arrival(parcel, answer)

    def _wires(self) -> list[Wire]:
        at_work = [wire for _, wire in self._steps.values()]
        return [*self._idle, *self._loaded.values(), *at_work]

    async def _part(self) -> None:
        await asyncio.gather(*(wire.close() for wire in self._idle))


async def _finish(tasks: Iterable[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
