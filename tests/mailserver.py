"""A real SMTP server on loopback for tests: keeps mail, and misbehaves on request."""

import asyncio
import email
import email.policy
import socket
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any, Literal, TypeVar

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

T = TypeVar("T")
Step = Literal["connect", "login", "mail", "rcpt", "data", "dot"]


@dataclass(frozen=True)
class Cut:
    """End the connection without an answer."""


@dataclass(frozen=True)
class Stall:
    """Say nothing for so long, then answer as usual."""

    seconds: float


Answer = str | Cut | Stall | None
# What to say at a step about an address ("" where there is none yet); None is normal.
Script = Callable[[Step, str], Answer]


@dataclass(frozen=True)
class Mail:
    """One mail as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)


class MailServer:
    """`server.script = lambda step, address: …` decides each answer of the server.

    A mail answered with 250 is in `accepted`; one whose final dot arrived is in
    `received`, whatever the server said or failed to say afterwards. Use it in `with`.
    """

    def __init__(self) -> None:
        self.script: Script = lambda step, address: None
        self.requires_login = False
        self.tls: ssl.SSLContext | None = None  # offers STARTTLS with it
        self.methods = ["LOGIN", "PLAIN"]  # of logging in
        self.offers: list[str] = []  # more lines for the answer to EHLO
        self.connections = 0
        self.received: list[Mail] = []
        self.accepted: list[Mail] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "MailServer":
        self._thread.start()
        listening = self._loop.create_server(self._protocol, "127.0.0.1", 0)
        self._server = self._in_thread(listening)
        return self

    def __exit__(self, *_: object) -> None:
        self._in_thread(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._server.sockets[0].getsockname()
        return host, port

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        host, port = self.address
        return f"smtp://{host}:{port}"

    def sent_to(self, address: str) -> list[Mail]:
        """The accepted mails to one recipient."""
        return [mail for mail in self.accepted if address in mail.recipients]

    def wait_for(self, count: int, *, seconds: float = 30) -> list[Mail]:
        """The accepted mails once there are this many, or as many as came in time."""
        deadline = time.monotonic() + seconds
        while len(self.accepted) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return list(self.accepted)

    def _in_thread(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _end(self) -> None:
        self._server.close()
        open_sessions = asyncio.all_tasks() - {asyncio.current_task()}
        for task in open_sessions:
            task.cancel()
        await asyncio.gather(*open_sessions, return_exceptions=True)

    def _protocol(self) -> SMTP:
        return _Protocol(
            _Handler(self),
            enable_SMTPUTF8=True,
            hostname="localhost",
            authenticator=self._login,
            auth_require_tls=False,
            auth_required=self.requires_login,
            tls_context=self.tls,
            auth_exclude_mechanism={"LOGIN", "PLAIN"} - set(self.methods),
            loop=self._loop,
        )

    def _login(self, server: Any, session: Any, envelope: Any, *_: Any) -> AuthResult:
        answer = self.script("login", "")
        if isinstance(answer, str):
            return AuthResult(success=False, handled=False, message=answer)
        return AuthResult(success=True)


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self.server = server

    async def handle_EHLO(
        self, smtp: "_Protocol", session: Session, envelope: Envelope,
        hostname: str, responses: list[str],
    ) -> list[str]:  # fmt: skip
        session.host_name = hostname
        more = [f"250-{offer}" for offer in self.server.offers]
        return [*responses[:-1], *more, responses[-1]]

    async def handle_MAIL(
        self, smtp: "_Protocol", session: Session, envelope: Envelope,
        address: str, options: list[str],
    ) -> str:  # fmt: skip
        refusal = await smtp.play("mail", address)
        if not refusal:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 2.1.0 fine"

    async def handle_RCPT(
        self, smtp: "_Protocol", session: Session, envelope: Envelope,
        address: str, options: list[str],
    ) -> str:  # fmt: skip
        refusal = await smtp.play("rcpt", address)
        if not refusal:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return refusal or "250 2.1.5 fine"

    async def handle_DATA(
        self, smtp: "_Protocol", session: Session, envelope: Envelope
    ) -> str:
        recipients = tuple(envelope.rcpt_tos)
        mail = Mail(
            envelope.mail_from or "", recipients, bytes(envelope.content or b"")
        )
        self.server.received.append(mail)
        refusal = await smtp.play("dot", recipients[0] if recipients else "")
        if not refusal:
            self.server.accepted.append(mail)
        return refusal or "250 2.0.0 kept"


class _Protocol(SMTP):
    """aiosmtpd's server, asking the script also where it has no hook."""

    _greeted = False

    async def play(self, step: Step, address: str) -> str | None:
        """A reply that refuses, or None to go on; may stall or cut first."""
        answer = self.event_handler.server.script(step, address)
        if isinstance(answer, Stall):
            await asyncio.sleep(answer.seconds)
            return None
        if isinstance(answer, Cut):
            self.transport.abort()
            await asyncio.Event().wait()  # until the lost connection cancels us
        return answer

    async def push(self, status: str | bytes) -> None:
        if not self._greeted:
            self._greeted = True
            self.event_handler.server.connections += 1
            status = await self.play("connect", "") or status
        await super().push(status)

    async def smtp_DATA(self, arg: str) -> None:
        if refusal := await self.play("data", ""):
            await self.push(refusal)
        else:
            await super().smtp_DATA(arg)


@contextmanager
def saying(
    words: list[bytes], tls: ssl.SSLContext | None = None
) -> Iterator[SimpleNamespace]:
    """A server that says these, one after each thing it is told; it has an address."""

    def serve() -> None:
        raw, _ = listening.accept()
        line = tls.wrap_socket(raw, server_side=True) if tls else raw
        with line, suppress(ConnectionError):
            for answer in words:
                line.sendall(answer)
                line.recv(4096)
            while line.recv(4096):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield SimpleNamespace(address=listening.getsockname())
        thread.join(10)
