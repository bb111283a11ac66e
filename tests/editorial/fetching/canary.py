"""Counts every TCP connect and every look-up of this process, whoever makes it.

An audit hook sees below every library and cannot be bypassed from Python; it cannot
be removed either, so one is installed for good and told when to listen.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Canary:
    """What left, or tried to leave, while it listened."""

    def __init__(self) -> None:
        self.connects: list[Any] = []
        self.look_ups: list[str] = []

    @property
    def hits(self) -> int:
        return len(self.connects) + len(self.look_ups)


_listening: list[Canary] = []


@contextmanager
def listen() -> Iterator[Canary]:
    canary = Canary()
    _listening.append(canary)
    try:
        yield canary
    finally:
        _listening.remove(canary)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):  # TCP, not UNIX
        for canary in _listening:
            canary.connects.append(arguments[1])
    elif event == "socket.getaddrinfo":
        for canary in _listening:
            canary.look_ups.append(str(arguments[0]))


sys.addaudithook(_hear)
