"""What a server can say, and where in the conversation it said it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")


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
    mail_id: str = ""  # what a provider calls the mail it took

    @classmethod
    def of(cls, code: int, text: bytes) -> Reply:
        """From the wire: whatever cannot be printed becomes a blank."""
        words = text.decode("utf-8", "replace")
        if not words.isprintable():
            words = "".join(sign if sign.isprintable() else " " for sign in words)
        return cls(code, " ".join(words.split()))

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


def no(phase: Phase, reply: Reply) -> WireError:
    """The error for an answer that is no yes."""
    if 400 <= reply.code < 600:
        return Refused(phase, reply)
    return Cut(phase, f"an answer that makes no sense: {reply}")
