"""A mail server that takes everything and writes down for whom; a process of its own.

    python -m benchmarks.sending.sink PORT LOG [DELAY_MS]

Each accepted mail is a line "seconds address" in LOG, written when its dot has come and
before the answer leaves. DELAY_MS is the time after which an answer goes out, as from
a relay so far away and back. aiosmtpd would be the bottleneck of every measurement.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from scripts import processes

END = b"\r\n.\r\n"
_RECIPIENT = re.compile(rb"RCPT TO:\s*<([^>]*)>", re.IGNORECASE)
_ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Sink(asyncio.BufferedProtocol):
    """One connection. Of a text only the end is looked at."""

    log: int
    delay: float
    # One for all: what came is dealt with before the next of them is asked.
    space = memoryview(bytearray(1 << 18))

    def __init__(self) -> None:
        self._in_text = False
        self._tail = b""
        self._recipient = b""
        self._count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._say(b"220 sink\r\n")

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.space

    def buffer_updated(self, count: int) -> None:
        if self._in_text:
            self._tail = (self._tail + self.space[max(0, count - 5) : count])[-5:]
            if self._tail == END:
                self._take()
            return
        lines = (self._tail + self.space[:count]).split(b"\r\n")
        self._tail = lines.pop()
        self._say(b"".join(map(self._answer, lines)))

    def _answer(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"RCPT":
            match = _RECIPIENT.match(line)
            self._recipient = match[1] if match else b"?"
        elif verb == b"DATA":
            self._in_text, self._tail = True, b""
        return _ANSWERS.get(verb, b"250 2.0.0 fine\r\n")

    def _take(self) -> None:
        self._in_text, self._tail = False, b""
        self._count += 1
        os.write(self.log, b"%.4f %s\n" % (time.time(), self._recipient))
        self._say(b"250 2.0.0 kept as %d\r\n" % self._count)

    def _say(self, words: bytes) -> None:
        if self.delay:
            loop = asyncio.get_running_loop()
            loop.call_later(self.delay, self._transport.write, words)
        else:
            self._transport.write(words)


async def serve(port: int, log: str, delay_ms: float) -> None:
    Sink.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    Sink.delay = delay_ms / 1000
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


class RunningSink:
    """The sink as seen from the outside."""

    def __init__(self, port: int, log: Path) -> None:
        self.port, self.log = port, log

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def accepted(self) -> list[tuple[float, str]]:
        """When each mail was taken, and for whom, in this order."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [(float(at), to) for at, to in (line.split(" ", 1) for line in lines)]

    def count(self) -> int:
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0

    def copies(self) -> Counter[str]:
        return Counter(address for _, address in self.accepted())

    def forget(self) -> None:
        os.truncate(self.log, 0)


@contextlib.contextmanager
def running(folder: Path, *, delay_ms: float = 0) -> Iterator[RunningSink]:
    """A sink in a process of its own, until the end of the block."""
    port, log = processes.free_port(), folder / "sink.log"
    command = [sys.executable, "-m", "benchmarks.sending.sink"]
    process = subprocess.Popen([*command, str(port), str(log), str(delay_ms)])
    try:
        processes.wait_until(lambda: processes.accepts(port), seconds=20)
        yield RunningSink(port, log)
    finally:
        process.terminate()
        process.wait()


def ceiling(sink: RunningSink, message: bytes, *, connections: int) -> float:
    """Mails a second that the sink takes from a client that does nothing else."""
    wires = [
        socket.create_connection(("127.0.0.1", sink.port)) for _ in range(connections)
    ]
    for wire in wires:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for step in (None, b"EHLO x\r\n"):
        _each(wires, step)
    before, begun = sink.count(), time.monotonic()
    envelope = b"MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n"
    while time.monotonic() - begun < 3:
        _each(wires, envelope, answers=3)
        _each(wires, message.rstrip(b"\r\n") + END)
    seconds = time.monotonic() - begun
    for wire in wires:
        wire.close()
    return (sink.count() - before) / seconds


def _each(wires: list[socket.socket], words: bytes | None, answers: int = 1) -> None:
    for wire in wires:
        if words:
            wire.sendall(words)
    for wire in wires:
        heard = b""
        while not _complete(heard, answers):
            heard += wire.recv(4096)


def _complete(heard: bytes, answers: int) -> bool:
    last_lines = re.findall(rb"^\d{3} .*\r\n", heard, re.MULTILINE)
    return len(last_lines) >= answers


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        delay = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
        asyncio.run(serve(int(sys.argv[1]), sys.argv[2], delay))
