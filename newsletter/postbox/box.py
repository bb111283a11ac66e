"""One conversation with the mail server, for callers without an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from .line import new_runner
from .relay import Relay
from .replies import Reply
from .wire import Wire

T = TypeVar("T")


class Postbox:
    """One connection to a relay; opened when first needed and again after a break.

    Per message: `deliver_body`, then either `dot` (the message is sent) or `drop`
    (the message never was). As a context manager it says goodbye at the end. What the
    methods promise and raise is what `Wire` does.
    """

    def __init__(self, relay: Relay | None = None) -> None:
        self.relay = relay or Relay.from_settings()
        self._wire = Wire(self.relay)
        self._runner: asyncio.Runner | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        return self._wire.is_open

    def open(self) -> None:
        self._run(self._wire.open())

    def deliver_body(self, *, sender: str, recipient: str, message: bytes) -> None:
        self._run(self._wire.body(sender=sender, recipient=recipient, message=message))

    def dot(self) -> Reply:
        return self._run(self._wire.dot())

    def drop(self) -> None:
        self._wire.drop()
        self._run(asyncio.sleep(0))  # in which the loop closes the socket

    def close(self) -> None:
        self._run(self._wire.close())

    def _run(self, step: Coroutine[Any, Any, T]) -> T:
        self._runner = self._runner or new_runner()
        try:
            return self._runner.run(step)
        finally:
            if not self._wire.is_open:
                self._runner.close()
                self._runner = None
