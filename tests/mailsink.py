"""A real SMTP server on loopback that keeps what it took and misbehaves on request.

It shares this process with the test, so what it accepted survives whatever happens to
the senders. `answer(verb, recipient)` decides for CONNECT, EHLO, AUTH, MAIL, RCPT,
DATA and DOT: None for the usual reply, a string for another one, `HANG_UP`, or
`Stall(seconds)`.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

HANG_UP = object()
USUAL = {
    "CONNECT": "220 sink ready",
    "EHLO": "250-sink\r\n250 AUTH PLAIN LOGIN",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    "DOT": "250 2.0.0 taken",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}


@dataclass(frozen=True)
class Stall:
    """Say nothing for so long, then hang up."""

    seconds: float


@dataclass(frozen=True)
class Taken:
    """A message this server said 250 to (or was about to)."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]


class MailSink:
    """`with MailSink() as sink:` listens on `sink.port` until the block ends."""

    def __init__(self, answer: Callable[[str, str], object] | None = None) -> None:
        self.answer = answer or (lambda verb, recipient: None)
        self.taken: list[Taken] = []
        self.dialogue: list[str] = []
        self.connections = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the mail sink did not start")
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    @property
    def recipients(self) -> list[str]:
        return [taken.recipient for taken in self.taken]

    @property
    def copies(self) -> Counter[str]:
        return Counter(self.recipients)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.port: int = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        try:
            await _Conversation(self, reader, writer).run()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()


class _Conversation:
    def __init__(self, sink: MailSink, reader, writer) -> None:
        self.sink, self.reader, self.writer = sink, reader, writer
        self.sender = self.recipient = ""

    async def run(self) -> None:
        going = await self.reply("CONNECT")
        while going:
            line = (await self.reader.readuntil(b"\r\n")).decode().strip()
            self.sink.dialogue.append(line)
            verb, _, rest = line.partition(" ")
            if verb == "MAIL":
                self.sender = rest.partition("<")[2].partition(">")[0]
            if verb == "RCPT":
                self.recipient = rest.partition("<")[2].partition(">")[0]
            going = await self.reply(verb.upper()) and verb != "QUIT"
            if going and verb == "DATA" and self.last.startswith("354"):
                going = await self.take_body()

    async def take_body(self) -> bool:
        lines = []
        while (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        taken = Taken(self.sender, self.recipient, b"".join(lines))
        return await self.reply("DOT", taken)

    async def reply(self, verb: str, taken: Taken | None = None) -> bool:
        """Answer; False when the conversation is over."""
        answer = self.sink.answer(verb, self.recipient)
        if isinstance(answer, Stall):
            await asyncio.sleep(answer.seconds)
        if answer is HANG_UP or isinstance(answer, Stall):
            return False
        self.last = str(answer or USUAL.get(verb, "502 5.5.1 what?"))
        if taken is not None and self.last.startswith("250"):
            self.sink.taken.append(taken)
        self.writer.write(self.last.encode() + b"\r\n")
        await self.writer.drain()
        return not self.last.startswith("421")
