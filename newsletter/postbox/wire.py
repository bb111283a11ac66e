"""One SMTP conversation on an event loop, stopping between the body and its dot."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import re
import ssl
from collections.abc import Sequence
from functools import lru_cache

from django.core.mail.utils import DNS_NAME

from .gate import Gate
from .line import Line
from .relay import Relay
from .replies import Cut, Phase, Refused, Reply, WireError, no
from .text import Text

_FORBIDDEN_IN_PATH = re.compile(r"[\x00-\x20\x7f<>]")
_GOODBYE = 1.0  # seconds
_ENVELOPE = (Phase.MAIL, Phase.RCPT, Phase.DATA)


class Wire:
    """One connection to a relay; opened when first needed and again after a break.

    Per message: `body`, then either `dot` (the message is sent) or `drop` (the message
    never was). Both raise Refused or Cut; after Refused the connection can be used for
    the next message, after Cut it is closed. Cancelling either drops the connection.
    """

    def __init__(
        self,
        relay: Relay,
        *,
        openings: Gate | None = None,
        envelopes: Gate | None = None,
    ) -> None:
        self.relay = relay
        self._openings = openings or Gate()
        self._envelopes = envelopes or Gate()
        self._line: Line | None = None
        self._extensions: dict[str, str] = {}
        self._lines: list[bytes] = []  # of the last answer
        self._in_body = False

    @property
    def is_open(self) -> bool:
        return self._line is not None

    async def open(self) -> None:
        """Connect, secure and log in. Does nothing where that is done already.

        Never goes on in clear text where TLS was asked for.
        """
        if self._line is not None:
            return
        async with self._openings.turn():
            await self._open()

    async def _open(self) -> None:
        phase = Phase.CONNECT
        try:
            await self._connect()
            phase = Phase.LOGIN
            if self.relay.user:
                await self._login()
        except (WireError, asyncio.CancelledError):
            self.drop()
            raise
        except (OSError, ValueError) as error:
            self.drop()
            raise self._cut(phase, error) from error

    async def body(self, *, sender: str, recipient: str, message: bytes | Text) -> None:
        """Hand over everything but the final dot: until `dot`, nothing is sent.

        Bytes are 7-bit; their line ends become CRLF here, so that no bare CR or LF
        ever leaves (SMTP smuggling).
        """
        text = Text.of(message) if isinstance(message, bytes) else message
        envelope = (
            f"MAIL FROM:<{wire_address(sender, Phase.MAIL)}>\r\n",
            f"RCPT TO:<{wire_address(recipient)}>\r\n",
            "DATA\r\n",
        )
        used_before = self.is_open
        try:
            await self._announce(envelope)
        except WireError as error:
            if not (used_before and _hung_up(error)):
                raise
            # Idle for too long, or one message too many for this connection.
            await self._announce(envelope)
        self._in_body = True
        await self._send(Phase.DATA, text.pieces)
        if _connected(self._line).has_ended:
            self.drop()
            raise Cut(Phase.DATA, "the server hung up inside the message")

    async def _announce(self, envelope: tuple[str, str, str]) -> None:
        """MAIL, RCPT and DATA, in one packet where the server allows it (RFC 2920)."""
        await self.open()
        async with self._envelopes.turn():
            await self._exchange(envelope)

    async def _exchange(self, envelope: tuple[str, str, str]) -> None:
        pipelined = "PIPELINING" in self._extensions
        if pipelined:
            await self._say(Phase.MAIL, "".join(envelope))
        refusal: tuple[Phase, Reply] | None = None
        for phase, line in zip(_ENVELOPE, envelope, strict=True):
            if not pipelined:
                await self._say(phase, line)
            reply = await self._reply(phase)
            if refusal is None and not _is_yes(phase, reply):
                refusal = phase, reply
            if refusal and not pipelined:
                break
        if refusal is None:
            return
        if reply.code == 354:  # it waits for the text of a message to nobody
            self.drop()
        raise await self._refusal(*refusal)

    async def dot(self) -> Reply:
        """End the message; returns the server's acceptance.

        After Refused the server does not have the message. After Cut nobody knows.
        """
        if not self._in_body:
            raise RuntimeError("There is no body to end: hand one over first.")
        self._in_body = False
        await self._send(Phase.DOT, (b".\r\n",))
        reply = await self._reply(Phase.DOT, self.relay.dot_timeout)
        if reply.code == 250:
            return reply
        raise await self._refusal(Phase.DOT, reply)

    def drop(self) -> None:
        """Break the connection at once; a body without its dot is thus not sent."""
        line, self._line = self._line, None
        self._in_body = False
        if line is not None:
            line.abort()

    async def close(self) -> None:
        """Say goodbye; inside a body that would become text, so there it drops."""
        line = self._line
        if self._in_body or line is None:
            self.drop()
            return
        with contextlib.suppress(WireError, OSError):
            async with asyncio.timeout(_GOODBYE):
                await self._say(Phase.MAIL, "QUIT\r\n")
                await self._reply(Phase.MAIL)
                await line.close(_GOODBYE)
        self.drop()

    async def _connect(self) -> None:
        relay, name = self.relay, DNS_NAME.get_fqdn()
        tls = ssl.create_default_context() if relay.tls or relay.starttls else None
        async with asyncio.timeout(relay.timeout):
            self._line = await Line.connect(
                relay.host, relay.port, tls if relay.tls else None
            )
        greeting = await self._reply(Phase.CONNECT)
        if greeting.code != 220:
            raise no(Phase.CONNECT, greeting)
        await self._greet(name)
        if tls is not None and relay.starttls:
            await self._secure(tls)
            await self._greet(name)

    async def _greet(self, name: str) -> None:
        self._extensions = {}
        reply = await self._ask(Phase.CONNECT, f"EHLO {name}")
        if reply.code == 250:
            words = [line.decode("ascii", "replace") for line in self._lines[1:]]
            offers = [line.partition(" ") for line in words]
            self._extensions = {offer.upper(): details for offer, _, details in offers}
            return
        if reply.code >= 500:
            reply = await self._ask(Phase.CONNECT, f"HELO {name}")
        if reply.code != 250:
            raise no(Phase.CONNECT, reply)

    async def _secure(self, tls: ssl.SSLContext) -> None:
        if "STARTTLS" not in self._extensions:
            raise _lacking(Phase.CONNECT, "STARTTLS is not offered")
        reply = await self._ask(Phase.CONNECT, "STARTTLS")
        if reply.code != 220:
            raise no(Phase.CONNECT, reply)
        # What came unasked, in the clear, must not count as said under TLS.
        if _connected(self._line).has_more:
            raise Cut(Phase.CONNECT, "words behind the answer to STARTTLS")
        async with asyncio.timeout(self.relay.timeout):
            await _connected(self._line).secure(tls, self.relay.host)

    async def _login(self) -> None:
        user, password = self.relay.user, self.relay.password
        offered = self._extensions.get("AUTH", "").upper().split()
        if "CRAM-MD5" in offered:
            reply = await self._ask(Phase.LOGIN, "AUTH CRAM-MD5")
            if reply.code == 334:
                challenge = base64.b64decode(reply.text)
                digest = hmac.digest(password.encode(), challenge, "md5").hex()
                reply = await self._ask(Phase.LOGIN, _base64(f"{user} {digest}"))
        elif "PLAIN" in offered:
            token = _base64(f"\0{user}\0{password}")
            reply = await self._ask(Phase.LOGIN, f"AUTH PLAIN {token}")
        elif "LOGIN" in offered:
            reply = await self._ask(Phase.LOGIN, f"AUTH LOGIN {_base64(user)}")
            if reply.code == 334:
                reply = await self._ask(Phase.LOGIN, _base64(password))
        else:
            raise _lacking(Phase.LOGIN, "no method of logging in that we know")
        if reply.code not in {235, 503}:  # 503: already logged in
            raise no(Phase.LOGIN, reply)

    async def _ask(self, phase: Phase, line: str) -> Reply:
        await self._say(phase, f"{line}\r\n")
        return await self._reply(phase)

    async def _say(self, phase: Phase, lines: str) -> None:
        await self._send(phase, (lines.encode("ascii"),))

    async def _refusal(self, phase: Phase, reply: Reply) -> WireError:
        """The error for an answer that is no yes; clears the way for the next."""
        error = no(phase, reply)
        if isinstance(error, Cut) or reply.code == 421:  # the server is hanging up
            self.drop()
        elif phase is not Phase.DOT and self.is_open:  # a dot ends the transaction
            with contextlib.suppress(WireError):
                if (await self._ask(phase, "RSET")).code != 250:
                    self.drop()
        return error

    async def _send(self, phase: Phase, pieces: Sequence[bytes]) -> None:
        try:
            await _connected(self._line).send(pieces, self.relay.timeout)
        except OSError as error:
            self.drop()
            raise self._cut(phase, error) from error
        except asyncio.CancelledError:
            self.drop()
            raise

    async def _reply(self, phase: Phase, seconds: float | None = None) -> Reply:
        try:
            line = _connected(self._line)
            code, self._lines = await line.answer(seconds or self.relay.timeout)
        except (OSError, ValueError) as error:
            self.drop()
            raise self._cut(phase, error) from error
        except asyncio.CancelledError:
            self.drop()
            raise
        return Reply.of(code, b" ".join(self._lines))

    def _cut(self, phase: Phase, error: Exception) -> Cut:
        silent = isinstance(error, TimeoutError) and not str(error)
        return Cut(phase, "no answer in time" if silent else error)


def wire_address(address: str, phase: Phase = Phase.RCPT) -> str:
    """The address as it goes into MAIL or RCPT, its domain in ASCII.

    Raises Refused (as a server would) for what must not reach the wire.
    """
    local, at, domain = address.rpartition("@")
    if not at or not local or _FORBIDDEN_IN_PATH.search(address):
        raise Refused(phase, Reply(553, "5.1.3 not a mail address"))
    if not local.isascii():
        raise Refused(phase, Reply(553, "5.6.7 the address needs SMTPUTF8"))
    try:
        return f"{local}@{_ascii(domain)}"
    except UnicodeError as error:
        reply = Reply(553, "5.1.2 not a domain name")
        raise Refused(phase, reply) from error


@lru_cache(maxsize=10_000)
def _ascii(domain: str) -> str:
    return domain.encode("idna").decode("ascii")


def _hung_up(error: WireError) -> bool:
    """Whether it may be the old connection's fault: at MAIL nothing has begun."""
    if isinstance(error, Refused):
        return error.phase is Phase.MAIL and error.reply.code == 421
    return error.phase is Phase.MAIL


def _is_yes(phase: Phase, reply: Reply) -> bool:
    return reply.code == 354 if phase is Phase.DATA else 200 <= reply.code < 300


def _lacking(phase: Phase, what: str) -> Refused:
    # What RFC 4954 has servers say.
    return Refused(phase, Reply(534, f"5.7.9 {what}"))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _connected(line: Line | None) -> Line:
    if line is None:
        raise ConnectionResetError("the connection is closed")
    return line
