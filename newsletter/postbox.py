"""The wire to the mail server: one SMTP connection whose phases are held apart.

A digest commits its intent after the body and before the final dot (RELIABILITY §1.4).
No mail library stops there, hence this client: connecting, TLS and AUTH are smtplib's,
the transfer is ours. What the caller gets is always one of three: a reply, `Refused`
(the server said no) or `Cut` (it said nothing we can rely on), and the phase it was in.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import struct
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self, cast

from django.conf import settings
from django.core.mail.utils import DNS_NAME

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")
_FORBIDDEN_IN_PATH = re.compile(r"[\x00-\x20\x7f<>]")


class Phase(StrEnum):
    """Where in the conversation an answer came, or failed to come."""

    CONNECT = "connect"  # greeting, EHLO and STARTTLS
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # the command and the body
    DOT = "dot"  # the message is the server's from here on


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer: three digits and its words, lines joined by blanks."""

    code: int
    text: str

    @property
    def enhanced(self) -> str:
        """The enhanced status (RFC 3463) such as "5.1.1", or ""."""
        match = _ENHANCED.match(self.text)
        return match[1] if match else ""

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()


class WireError(Exception):
    """A conversation that did not go on as hoped."""

    def __init__(self, phase: Phase, what: str) -> None:
        super().__init__(f"{phase}: {what}")
        self.phase = phase


class Refused(WireError):
    """The server answered with 4xx or 5xx: the message was not taken."""

    def __init__(self, phase: Phase, reply: Reply) -> None:
        super().__init__(phase, str(reply))
        self.reply = reply


class Cut(WireError):
    """The connection broke, fell silent or talked nonsense."""

    def __init__(self, phase: Phase, reason: object) -> None:
        self.reason = str(reason) or type(reason).__name__
        super().__init__(phase, self.reason)


@dataclass(frozen=True, slots=True)
class Relay:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    timeout: float = 10.0  # seconds for each answer but that to the final dot
    dot_timeout: float = 60.0  # a server may think about a message it holds completely

    @classmethod
    def from_settings(cls) -> Self:
        """The relay of Django's EMAIL_* settings."""
        return cls(
            host=settings.EMAIL_HOST,
            port=int(settings.EMAIL_PORT),
            user=settings.EMAIL_HOST_USER,
            password=settings.EMAIL_HOST_PASSWORD,
            starttls=settings.EMAIL_USE_TLS,
            tls=settings.EMAIL_USE_SSL,
            timeout=float(settings.EMAIL_TIMEOUT),
            dot_timeout=float(settings.EMAIL_DOT_TIMEOUT),
        )


class Postbox:
    """One connection to a relay; opened when first needed and again after a break.

    Per message: `deliver_body`, then either `dot` (the message is sent) or `drop`
    (the message never was). As a context manager it says goodbye at the end.
    """

    def __init__(self, relay: Relay | None = None) -> None:
        self.relay = relay or Relay.from_settings()
        self._smtp: smtplib.SMTP | None = None
        self._in_body = False

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
        return self._smtp is not None

    def open(self) -> None:
        """Connect, secure and log in. Does nothing where that is done already.

        Never goes on in clear text where TLS was asked for.
        """
        if self._smtp is not None:
            return
        phase, smtp = Phase.CONNECT, None
        try:
            smtp = self._connect()
            # The small packets of the dialogue must not wait for each other.
            _socket(smtp).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.relay.starttls:
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            phase = Phase.LOGIN
            if self.relay.user:
                smtp.login(self.relay.user, self.relay.password)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            if smtp is not None:
                smtp.close()
            raise _failure(phase, error) from error
        self._smtp = smtp

    def deliver_body(self, *, sender: str, recipient: str, message: bytes) -> None:
        """Hand over everything but the final dot: until `dot`, nothing is sent.

        `message` is 7-bit; its line ends become CRLF here, so that no bare CR or LF
        ever leaves (SMTP smuggling). Raises Refused or Cut; after Refused the
        connection can be used for the next message.
        """
        if not message.isascii():
            raise ValueError("A message must be encoded to 7 bits before it leaves.")
        reverse_path = _wire_address(sender, Phase.MAIL)
        forward_path = _wire_address(recipient, Phase.RCPT)
        self.open()
        self._command(Phase.MAIL, f"MAIL FROM:<{reverse_path}>")
        self._command(Phase.RCPT, f"RCPT TO:<{forward_path}>")
        self._command(Phase.DATA, "DATA", expect=354)
        self._in_body = True
        self._send(Phase.DATA, _stuffed(message))

    def dot(self) -> Reply:
        """End the message; returns the server's acceptance.

        After Refused the server does not have the message. After Cut nobody knows.
        """
        if not self._in_body:
            raise RuntimeError("There is no body to end: call deliver_body first.")
        self._in_body = False
        self._send(Phase.DOT, b".\r\n")
        reply = self._reply(Phase.DOT, timeout=self.relay.dot_timeout)
        if reply.code == 250:
            return reply
        raise self._refusal(Phase.DOT, reply)

    def drop(self) -> None:
        """Break the connection at once; a body without its dot is thus not sent."""
        smtp, self._smtp, self._in_body = self._smtp, None, False
        if smtp is None:
            return
        with contextlib.suppress(OSError):
            # RST instead of FIN: no server can take the end of the stream for a dot.
            linger = struct.pack("ii", 1, 0)
            _socket(smtp).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        smtp.close()

    def close(self) -> None:
        """Say goodbye; inside a body that would become text, so there it drops."""
        if self._in_body or self._smtp is None:
            self.drop()
            return
        smtp, self._smtp = self._smtp, None
        with contextlib.suppress(smtplib.SMTPException, OSError):
            _socket(smtp).settimeout(1)
            smtp.quit()
        smtp.close()

    def _connect(self) -> smtplib.SMTP:
        host, port, timeout = self.relay.host, self.relay.port, self.relay.timeout
        name = DNS_NAME.get_fqdn()
        if self.relay.tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, name, timeout=timeout, context=context)
        return smtplib.SMTP(host, port, name, timeout=timeout)

    def _command(self, phase: Phase, line: str, expect: int | None = None) -> None:
        self._send(phase, f"{line}\r\n".encode("ascii"))
        reply = self._reply(phase, timeout=self.relay.timeout)
        if reply.code != expect if expect else not 200 <= reply.code < 300:
            raise self._refusal(phase, reply)

    def _refusal(self, phase: Phase, reply: Reply) -> WireError:
        """The error for an answer that is no yes; clears the way for the next."""
        error = _answer(phase, reply.code, reply.text)
        if isinstance(error, Cut) or reply.code == 421:  # the server is hanging up
            self.drop()
        elif phase is not Phase.DOT:  # after a dot the transaction is over anyhow
            with contextlib.suppress(WireError):
                self._send(phase, b"RSET\r\n")
                if self._reply(phase, timeout=self.relay.timeout).code != 250:
                    self.drop()
        return error

    def _send(self, phase: Phase, data: bytes) -> None:
        try:
            _socket(self._smtp).sendall(data)
        except OSError as error:
            self.drop()
            raise Cut(phase, error) from error

    def _reply(self, phase: Phase, *, timeout: float) -> Reply:
        try:
            smtp = _connected(self._smtp)
            _socket(smtp).settimeout(timeout)
            code, text = smtp.getreply()
            _socket(smtp).settimeout(self.relay.timeout)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self.drop()
            raise Cut(phase, error) from error
        return _reply(code, text)


def _connected(smtp: smtplib.SMTP | None) -> smtplib.SMTP:
    if smtp is None or smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("the connection is closed")
    return smtp


def _socket(smtp: smtplib.SMTP | None) -> socket.socket:
    return cast(socket.socket, _connected(smtp).sock)


def _reply(code: int, text: bytes | str) -> Reply:
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return Reply(code, " ".join(printable.split()))


def _failure(phase: Phase, error: Exception) -> WireError:
    """What a failed opening means, in our words."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(phase, error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError) or (
        type(error) is smtplib.SMTPException
    ):
        # No STARTTLS, no AUTH or no method in common: what RFC 4954 has servers say.
        return Refused(phase, Reply(534, f"5.7.9 {error}"))
    return Cut(phase, error)


def _answer(phase: Phase, code: int, text: bytes | str) -> WireError:
    reply = _reply(code, text)
    if 400 <= code < 600:
        return Refused(phase, reply)
    return Cut(phase, f"an answer that makes no sense: {reply}")


def _wire_address(address: str, phase: Phase) -> str:
    """The address as it goes into MAIL or RCPT, its domain in ASCII.

    Raises Refused (as a server would) for what must not reach the wire.
    """
    local, at, domain = address.rpartition("@")
    if not at or not local or _FORBIDDEN_IN_PATH.search(address):
        raise Refused(phase, Reply(553, "5.1.3 not a mail address"))
    if not local.isascii():
        raise Refused(phase, Reply(553, "5.6.7 the address needs SMTPUTF8"))
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        reply = Reply(553, "5.1.2 not a domain name")
        raise Refused(phase, reply) from error


def _stuffed(message: bytes) -> bytes:
    """The message in SMTP's own lines: CRLF, leading dots doubled, a last line end."""
    lines = _LEADING_DOT.sub(b"..", _LINE_END.sub(b"\n", message))
    return lines.rstrip(b"\n").replace(b"\n", b"\r\n") + b"\r\n"
