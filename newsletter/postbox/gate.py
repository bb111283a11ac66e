"""Gates that a crowd of connections passes a few at a time.

A relay that shuts us out, because a password was changed or a quota is used up, should
say so to a few connections and not to all of them: where one is turned away, whoever
waits or comes later in the same wave is turned away with it, unheard.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from types import TracebackType

from .replies import Phase, Refused, WireError

WIDTH = 5
NEAR = 0.005  # seconds; a relay whose quickest answer takes longer is far away
PATIENCE = 0.02  # seconds for which one that gets no answer holds up the others

_LOCKED_OUT = frozenset({530, 534, 535})
_THIS_CONNECTION = 421  # is being closed; the others may go on


class Gate:
    """For the tasks of one event loop: `async with gate.turn(): …`.

    Its heirs say how many may be inside at once, and which errors are everybody's; this
    one lets everybody pass.
    """

    _patience = math.inf  # seconds for which one may hold up the others

    def __init__(self) -> None:
        self._shut: WireError | None = None
        self._inside: dict[Turn, float] = {}  # since when, the longest first
        self._waiting: deque[tuple[Turn, asyncio.Future[None]]] = deque()
        self._watch: asyncio.TimerHandle | None = None

    def begin_wave(self) -> None:
        """Let them try again."""
        self._shut = None

    def turn(self) -> Turn:
        """Waits until it is ours. Raises the error of one that was turned away."""
        return Turn(self)

    @property
    def width(self) -> float:
        return math.inf

    def is_everybodys(self, error: WireError) -> bool:
        return False

    def came_through(self, seconds: float) -> None:
        """One needed so long."""

    def is_quiet(self) -> None:
        """The crowd is gone."""

    async def enter(self, turn: Turn) -> None:
        if self._shut is not None:
            raise self._shut
        loop = asyncio.get_running_loop()
        if not self._waiting and len(self._inside) < self.width:
            self._inside[turn] = loop.time()
            return
        called = loop.create_future()
        self._waiting.append((turn, called))
        self._look_after_waiting()
        await called

    def leave(self, turn: Turn, error: BaseException | None) -> None:
        since = self._inside.pop(turn, None)
        if isinstance(error, WireError) and self.is_everybodys(error):
            self._turn_away(error)
        if since is None:  # it was overtaken, or never let in
            return
        now = asyncio.get_running_loop().time()
        if error is None:
            self.came_through(now - since)
        self._let_in(now)

    def _let_in(self, now: float) -> None:
        while self._waiting and len(self._inside) < self.width:
            turn, called = self._waiting.popleft()
            if not called.done():
                self._inside[turn] = now
                called.set_result(None)
        if not self._inside:
            self.is_quiet()

    def _turn_away(self, error: WireError) -> None:
        self._shut = error
        for _turn, called in self._waiting:
            if not called.done():
                called.set_exception(error)
        self._waiting.clear()

    def _look_after_waiting(self) -> None:
        if self._watch is None and self._patience < math.inf:
            loop = asyncio.get_running_loop()
            self._watch = loop.call_later(self._patience, self._overtake)

    def _overtake(self) -> None:
        """Whoever waits goes past those who have been inside for too long."""
        self._watch = None
        if not self._waiting:
            return
        now = asyncio.get_running_loop().time()
        for turn, since in list(self._inside.items()):
            if now - since >= self._patience:
                del self._inside[turn]
                self.came_through(now - since)
        self._let_in(now)
        if self._waiting:
            self._look_after_waiting()


class Turn:
    """One connection's turn at a gate."""

    __slots__ = ("_gate",)

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def __aenter__(self) -> None:
        try:
            await self._gate.enter(self)
        except asyncio.CancelledError as error:
            self._gate.leave(self, error)  # it may have been let in meanwhile
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gate.leave(self, error)


class OpeningGate(Gate):
    """Connections are opened behind the first of a crowd, once it is logged in."""

    def __init__(self) -> None:
        super().__init__()
        self._is_known_good = False

    @property
    def width(self) -> float:
        return WIDTH if self._is_known_good else 1

    def is_everybodys(self, error: WireError) -> bool:
        return True

    def came_through(self, seconds: float) -> None:
        self._is_known_good = True

    def is_quiet(self) -> None:
        self._is_known_good = False


class EnvelopeGate(Gate):
    """Few envelopes are without an answer at once, where that costs no time.

    To a relay that is far away all speak at once, or each wave would take several
    times as long.
    """

    _patience = PATIENCE

    def __init__(self) -> None:
        super().__init__()
        self._quickest, self._is_far = math.inf, False

    @property
    def width(self) -> float:
        return math.inf if self._is_far else WIDTH

    def is_everybodys(self, error: WireError) -> bool:
        if not isinstance(error, Refused) or error.reply.code == _THIS_CONNECTION:
            return False
        return error.phase is Phase.MAIL or error.reply.code in _LOCKED_OUT

    def came_through(self, seconds: float) -> None:
        self._quickest = min(self._quickest, seconds)

    def is_quiet(self) -> None:
        if self._quickest < math.inf:
            self._is_far = self._quickest > NEAR
        self._quickest = math.inf
