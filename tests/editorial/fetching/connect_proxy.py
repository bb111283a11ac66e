"""A real CONNECT proxy on loopback: logs what it is asked for, and leads there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from editorial.fetching.egress import Proxy

from .world import World, Writer

REFUSALS = {
    "denied": b"HTTP/1.1 403 Forbidden\r\n\r\n",
    "who are you": b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
    "no way there": b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
    "trouble": b"HTTP/1.1 503 Service Unavailable\r\n\r\n",
    "nonsense": b"220 mail.example ESMTP\r\n\r\n",
    "endless": b"HTTP/1.1 200 OK\r\n" + b"x" * 20_000,
    "hangs up": b"",
}


@dataclass
class ConnectProxy:
    """Stands before a world; `asked` are the places it was to connect to, in order.

    With `answer` it says this and hangs up; with `silent` it never says a word.
    """

    world: World
    answer: bytes | None = None
    silent: bool = False
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = self.world.listen(self._converse)

    @property
    def way_out(self) -> Proxy:
        host, port = self.listener
        return Proxy.parse(f"http://desk:p%40ss@{host}:{port}")

    async def _converse(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
            self.heads.append(head)
            self.asked.append(head.split(" ")[1])
            if self.silent:
                await reader.read()
            elif self.answer is not None:
                writer.write(self.answer)
            else:
                await self._lead(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # they hung up
        finally:
            writer.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        address = self.asked[-1].rpartition(":")[0].strip("[]")
        hosts = self.world.hosts.values()
        there = [host["dial"] for host in hosts if address in host["addresses"]]
        if not there:
            writer.write(REFUSALS["no way there"])
            return
        back, forth = await asyncio.open_connection(*there[0])
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(_pour(reader, forth), _pour(back, writer))
        finally:
            forth.close()


async def _pour(source: asyncio.StreamReader, sink: Writer) -> None:
    try:
        while piece := await source.read(65536):
            sink.write(piece)
            await sink.drain()
    except ConnectionError:
        pass
    finally:
        sink.close()
