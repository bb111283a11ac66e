"""One mail for everybody, encoded once; the personal slots are stamped per copy.

Rendering leaves a marker where something personal belongs. Encoding turns the message
into shared bytes with the slots on lines of their own in between, so that a copy is
one join, whatever the encoding around it.
"""

import base64
import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.quoprimime import body_encode
from email.utils import format_datetime, parseaddr
from functools import partial
from hashlib import sha256
from typing import Self

from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from newsletter.models import Digest

from .ledger import Claim

# ".invalid" can never be a real address (RFC 2606).
UNSUBSCRIBE_MARKER = "https://slot.invalid/unsubscribe"
# A quote behind it belongs to the slot: see `_in_base64`.
_SLOT = re.compile(re.escape(UNSUBSCRIBE_MARKER) + '("?)')
_CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class Copy:
    """What is personal about one reader's copy."""

    to: str
    message_id: str
    delivery_id: str
    unsubscribe_url: str  # a page that asks first
    one_click_url: str = ""  # for the mail program's own button (RFC 8058)

    @classmethod
    def for_claim(cls, claim: Claim) -> Self:
        """The copy of a delivery: the same identity however often it is sent."""
        return cls(
            to=claim.address,
            message_id=_opaque(claim.delivery_id),
            delivery_id=delivery_signer.sign(str(claim.delivery_id)),
            unsubscribe_url=_reader_url("site:unsubscribe", claim.key),
            one_click_url=_reader_url("site:one_click", claim.key),
        )

    @classmethod
    def for_test(cls, address: str) -> Self:
        """A copy for the desk's own eyes; nobody can be unsubscribed through it."""
        url = settings.PUBLIC_URL + reverse("site:home")
        return cls(address, _opaque(address, timezone.now()), "test", url)


# Signed, so that a bounce which names a delivery cannot be forged.
delivery_signer = Signer(salt="newsletter.delivery", sep=".")


def _reader_url(name: str, key: str) -> str:
    return settings.PUBLIC_URL + reverse(name, args=[key])


def _opaque(*parts: object) -> str:
    text = "/".join(map(str, parts))
    return salted_hmac("newsletter.message", text, algorithm="sha256").hexdigest()[:40]


Piece = bytes | Callable[[Copy], bytes]


class Letter:
    """A digest's message, ready to be stamped."""

    def __init__(
        self, *, headers: Mapping[str, str], subject: str, text: str, html: str
    ) -> None:
        self.sender = parseaddr(headers["From"])[1]
        self._domain = self.sender.rpartition("@")[2].encode("idna").decode()
        seed = sha256(f"{subject}{text}{html}".encode()).hexdigest()
        self._pieces = tuple(self._build(headers, subject, text, html, seed[:24]))

    @classmethod
    def of(cls, digest: Digest) -> Self:
        """The letter as it was frozen."""
        return cls(
            headers=digest.headers,
            subject=digest.subject,
            text=digest.text,
            html=digest.html,
        )

    def stamp(self, copy: Copy) -> bytes:
        """The whole message of one reader: 7 bits, CRLF."""
        return b"".join(
            piece if isinstance(piece, bytes) else piece(copy) for piece in self._pieces
        )

    def _build(
        self, headers: Mapping[str, str], subject: str, text: str, html: str, seed: str
    ) -> Iterator[Piece]:
        boundary = f"=_{seed}".encode()
        yield self._personal_headers
        yield _header_lines({"Subject": subject, **headers})
        yield b"MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n"
        yield b' boundary="' + boundary + b'"\r\n'
        for kind, body in (("plain", text), ("html", html)):
            yield _CRLF + b"--" + boundary + _CRLF
            yield from _part(kind, body)
        yield _CRLF + b"--" + boundary + b"--" + _CRLF

    def _personal_headers(self, copy: Copy) -> bytes:
        local, _, domain = copy.to.rpartition("@")
        lines = [
            f"To: {local}@{domain.encode('idna').decode()}",
            f"Date: {format_datetime(timezone.now())}",
            f"Message-ID: <{copy.message_id}@{self._domain}>",
            f"X-Delivery-ID: {copy.delivery_id}",
        ]
        if copy.one_click_url:
            lines += [
                f"List-Unsubscribe: <{copy.one_click_url}>",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            ]
        return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _header_lines(headers: Mapping[str, str]) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    for name, value in headers.items():
        message[name] = value
    return message.as_bytes().removesuffix(_CRLF)


def _part(kind: str, body: str) -> Iterator[Piece]:
    body = re.sub(r"\r\n?|\n", "\r\n", body)
    raw = body.encode()
    # Base64 costs a third, quoted-printable two bytes for each that is not ASCII.
    dense = sum(byte > 127 for byte in raw) * 6 > len(raw)
    name = "base64" if dense else "quoted-printable"
    yield f'Content-Type: text/{kind}; charset="utf-8"\r\n'.encode()
    yield f"Content-Transfer-Encoding: {name}\r\n\r\n".encode()
    segments = _SLOT.split(body)  # text, quote, text, quote, …, text
    yield from (_in_base64 if dense else _in_quoted_printable)(segments, kind == "html")


def _in_quoted_printable(segments: list[str], is_html: bool) -> Iterator[Piece]:
    """Segments and slots end in soft line breaks, which vanish in decoding."""

    def encode(text: str) -> bytes:
        octets = text.encode().decode("latin-1")
        return body_encode(octets, maxlinelen=75, eol="\r\n").encode("ascii")

    def slot(quote: str, copy: Copy) -> bytes:
        return encode(_value(copy, is_html) + quote) + b"=\r\n"

    for text, quote in zip(segments[:-1:2], segments[1::2], strict=True):
        yield encode(text) + b"=\r\n"
        yield partial(slot, quote)
    yield encode(segments[-1])


def _in_base64(segments: list[str], is_html: bool) -> Iterator[Piece]:
    """Segments and slots are filled up to whole groups of three bytes.

    A segment's last odd bytes move into the slot's line. The slot is filled up with
    blanks behind the value and its closing quote, where they mean nothing.
    """

    def slot(odd: bytes, quote: str, copy: Copy) -> bytes:
        raw = odd + (_value(copy, is_html) + quote).encode()
        return _base64_lines(raw + b" " * (-len(raw) % 3))

    for text, quote in zip(segments[:-1:2], segments[1::2], strict=True):
        raw = text.encode()
        cut = len(raw) - len(raw) % 3
        yield _base64_lines(raw[:cut])
        yield partial(slot, raw[cut:], quote)
    yield _base64_lines(segments[-1].encode())


def _base64_lines(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", _CRLF)


def _value(copy: Copy, is_html: bool) -> str:
    url = copy.unsubscribe_url
    return html.escape(url) if is_html else url
