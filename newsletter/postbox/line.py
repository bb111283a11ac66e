"""The line under a conversation: bytes out, answers in.

An asyncio.Protocol and not streams: what costs most is not the bytes but what the loop
does for each, and a conversation needs one future and one timer where it really waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Sequence
from typing import Any, Self, cast

LONGEST_LINE = 65_536  # bytes
MOST_LINES = 100  # of one answer
MOST_UNASKED = 1 << 20  # bytes that are kept for somebody to ask for


def new_runner() -> asyncio.Runner:
    """For loops with lines: uvloop takes a fifth less of our time for each mail."""
    import uvloop  # here: only who sends needs it

    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


class Line(asyncio.Protocol):
    """A connection that says whole answers. One caller waits at a time.

    Raises OSError where the connection broke (TimeoutError without words: nothing came
    in time), ValueError where what came is no answer.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._heard = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._is_full = self._is_closed = self._has_ended = False
        self._error: Exception | None = None

    @classmethod
    async def connect(cls, host: str, port: int, tls: ssl.SSLContext | None) -> Self:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(cls, host, port, ssl=tls)
        return line

    @property
    def has_ended(self) -> bool:
        """Whether the server hung up and nothing of it is left to be heard."""
        return (self._has_ended or self._is_closed) and not self._heard

    @property
    def has_more(self) -> bool:
        """Whether something came that nobody has asked for yet."""
        return bool(self._heard)

    async def send(self, pieces: Sequence[bytes], seconds: float) -> None:
        """Come back when the kernel has it all."""
        if self._is_closed:
            raise self._error or ConnectionResetError("the connection is closed")
        self._transport.writelines(pieces)
        while self._is_full:
            await self._wait(seconds)
            if self._is_closed:
                raise self._error or ConnectionResetError("the connection was closed")

    async def answer(self, seconds: float) -> tuple[int, list[bytes]]:
        """The next answer: its code, and the words of each of its lines."""
        while True:
            answer = self._next_answer()
            if answer is not None:
                return answer
            if self._is_closed or self._has_ended:
                raise self._error or ConnectionResetError("the connection was closed")
            await self._wait(seconds)

    async def secure(self, tls: ssl.SSLContext, host: str) -> None:
        """Go on under TLS."""
        transport = await self._loop.start_tls(
            self._transport, self, tls, server_hostname=host
        )
        self.connection_made(cast(asyncio.Transport, transport))

    def abort(self) -> None:
        """Break the connection at once."""
        with contextlib.suppress(OSError, ValueError, AttributeError):  # it is closed
            # RST instead of FIN: no server can take the end of the stream for a dot.
            self._option(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def close(self, seconds: float) -> None:
        """Hang up after what was said has gone out."""
        self._transport.close()
        while not self._is_closed:
            await self._wait(seconds)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        # The small packets of the dialogue must not wait for each other, and a body
        # counts as handed over only when it is the kernel's.
        self._option(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Under TLS "full" begins at the limit, otherwise above it.
        self._transport.set_write_buffer_limits(high=int(self._is_secure), low=0)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if len(self._heard) > MOST_UNASKED:
            self._heard.clear()
            self.abort()
        self._wake()

    def eof_received(self) -> bool:
        self._has_ended = True
        self._wake()
        # Open for what is still to be said; under TLS there is no such half.
        return not self._is_secure

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        self._is_closed, self._error = True, error
        self._wake()

    @property
    def _is_secure(self) -> bool:
        return self._transport.get_extra_info("sslcontext") is not None

    def _option(self, *option: Any) -> None:
        self._transport.get_extra_info("socket").setsockopt(*option)

    def _next_answer(self) -> tuple[int, list[bytes]] | None:
        begin, words = 0, []
        while (end := self._heard.find(b"\n", begin)) >= 0:
            line = bytes(self._heard[begin : end + 1])
            begin = end + 1
            code = line[:3]
            if not code.isdigit():
                text = line.decode("utf-8", "replace").strip()
                raise ValueError(f"an answer that makes no sense: {text}")
            words.append(line[4:].strip())
            if line[3:4] != b"-":
                del self._heard[:begin]
                return int(code), words
        if len(words) >= MOST_LINES or len(self._heard) - begin > LONGEST_LINE:
            raise ValueError("an answer without an end")
        return None

    async def _wait(self, seconds: float) -> None:
        """Until something has happened."""
        self._waiter = self._loop.create_future()
        timer = self._loop.call_later(seconds, self._give_up)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _give_up(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(TimeoutError())
