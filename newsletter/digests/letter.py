"""One mail for everybody, encoded once; the personal slots are stamped per copy.

Rendering leaves a marker where something personal belongs. Encoding turns the message
into shared bytes with gaps between them (`form`), so that a copy is those bytes and a
few small ones (`copies`). What is shared goes over the wire as it is, and is looked at
once for everybody.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import cache, lru_cache
from hashlib import sha256
from itertools import chain
from operator import attrgetter
from typing import Self

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from newsletter import signing
from newsletter.models import Digest
from newsletter.postbox import Text

from .copies import Copy
from .form import Form, Piece, Value, encoded, in_html

# ".invalid" can never be a real address (RFC 2606).
UNSUBSCRIBE_MARKER = "https://slot.invalid/unsubscribe"
PREFERENCES_MARKER = "https://slot.invalid/preferences"
NAME_MARKER = "https://slot.invalid/name"
# The whole line, so that it is missing with the name; one marker for each language.
GREETING_MARKERS = {
    code: f"https://slot.invalid/greeting/{code}/" for code, _name in settings.LANGUAGES
}
_CRLF = b"\r\n"
# A line with encoded words has at most 76 characters (RFC 2047, section 2), not 78.
_POLICY = policy.SMTP.clone(max_line_length=76)


# What stands where a marker stood: plain text, escaped by us inside HTML. Whoever
# needs another personal value adds its marker here.
SLOTS: dict[str, Callable[[Copy], str]] = {
    UNSUBSCRIBE_MARKER: attrgetter("unsubscribe_url"),
    PREFERENCES_MARKER: attrgetter("preferences_url"),
    NAME_MARKER: lambda copy: " ".join(copy.name.split()) if copy.name else "",
    **{
        marker: lambda copy, code=code: _greeting(code, copy)  # type: ignore[misc]
        for code, marker in GREETING_MARKERS.items()
    },
}

# From the whole message to a header that goes before it (DKIM), or to nothing.
Signing = Callable[[bytes], bytes]


def shown_to(copy: Copy, html_text: str) -> str:
    """A mail's HTML as this reader sees it, for a page."""
    return _SLOT.sub(lambda found: in_html(SLOTS[found[2]](copy), found[1]), html_text)


def slots_in(html_text: str) -> dict[str, Callable[[Copy], str]]:
    """The personal places of a mail's HTML as they stand there, with their values."""

    def value(found: re.Match[str]) -> Callable[[Copy], str]:
        return lambda copy: in_html(SLOTS[found[2]](copy), found[1])

    return {found[0]: value(found) for found in _SLOT.finditer(html_text)}


class Unwritable(Exception):
    """No copy can be written or signed until somebody has mended what is wrong."""


class Letter:
    """A digest's message, ready to be stamped."""

    def __init__(
        self,
        *,
        headers: Mapping[str, str],
        subject: str,
        text: str,
        html: str,
        sign: Signing | None = None,
    ) -> None:
        self.sender = parseaddr(headers["From"])[1]
        self._sign = sign
        self._domain = self.sender.rpartition("@")[2].encode("idna").decode()
        shared = _header_lines({"Subject": subject, **headers, "MIME-Version": "1.0"})
        self._plain = self._form(shared, _part("plain", text))
        self._both = self._form(shared, _alternatives(text, html))

    @classmethod
    def of(cls, digest: Digest) -> Self:
        """The letter as it was frozen."""
        return cls(
            headers=digest.headers,
            subject=digest.subject,
            text=digest.text,
            html=digest.html,
            sign=signing.signer_for(digest.headers["From"]),
        )

    def stamp(self, copy: Copy) -> bytes:
        """The whole message of one reader: 7 bits, CRLF, signed where we sign.

        Raises Unwritable, or whatever makes this one copy impossible.
        """
        return b"".join(self._stamped(copy))

    def text(self, copy: Copy) -> Text:
        """The same for the wire, which need not look through it again."""
        stamped = self._stamped(copy)
        if not stamped[-1].endswith(_CRLF):
            stamped.append(_CRLF)
        return Text(stamped)

    def _stamped(self, copy: Copy) -> list[bytes]:
        form = self._plain if copy.text_only else self._both
        stamped = form.fill(copy)
        if self._sign is None:
            return stamped
        try:
            return [self._sign(b"".join(stamped)), *stamped]
        except Exception as error:
            raise Unwritable(f"{type(error).__name__}: {error}") from error

    def envelope_sender(self, copy: Copy) -> str:
        """Where the server reports a mail that it could not deliver."""
        return copy.envelope_sender or self.sender

    def _form(self, shared: bytes, body: Iterator[Piece]) -> Form:
        return Form(chain([self._personal_headers, shared], body))

    def _personal_headers(self, copy: Copy) -> bytes:
        if not copy.to.isprintable():
            raise ValueError("An address is one line of characters that print.")
        to = copy.to if copy.to.isascii() else _ascii_address(copy.to)
        lines = (
            f"To: {to}\r\nDate: {_date(int(time.time()))}\r\n"
            f"Message-ID: <{copy.message_id}@{self._domain}>\r\n"
            f"X-Delivery-ID: {copy.delivery_id}\r\n"
        )
        if copy.one_click_url:
            lines += (
                f"List-Unsubscribe: <{copy.one_click_url}>\r\n"
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
            )
        return lines.encode("ascii")


def _greeting(language: str, copy: Copy) -> str:
    """A greeting and an empty line below it, or nothing for a reader without a name."""
    name = " ".join(copy.name.split())
    return _greeting_words(language) % {"name": name} + "\r\n\r\n" if name else ""


@cache
def _greeting_words(language: str) -> str:
    with translation.override(language):
        return _("Hello %(name)s,")


def _header_lines(headers: Mapping[str, str]) -> bytes:
    message = EmailMessage(policy=_POLICY)
    for name, value in headers.items():
        message[name] = value
    return message.as_bytes().removesuffix(_CRLF)


def _ascii_address(address: str) -> str:
    local, _at, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC))


def _alternatives(text: str, html: str) -> Iterator[Piece]:
    boundary = f"=_{sha256((text + html).encode()).hexdigest()[:24]}".encode()
    yield b"Content-Type: multipart/alternative;\r\n"
    yield b' boundary="' + boundary + b'"\r\n'
    for kind, body in (("plain", text), ("html", html)):
        yield _CRLF + b"--" + boundary + _CRLF
        yield from _part(kind, body)
    yield _CRLF + b"--" + boundary + b"--" + _CRLF


# A paragraph that holds nothing but a slot belongs to it, and is missing with its value.
_SLOT = re.compile(
    r"(<p\b[^<>]*>)?({})(?(1)</p>\s*)".format("|".join(map(re.escape, SLOTS)))
)


def _part(kind: str, body: str) -> Iterator[Piece]:
    # Text, the paragraph around a marker or None, the marker, text, …, text.
    segments = _SLOT.split(re.sub(r"\r\n?|\n", "\r\n", body))
    values = [
        Value(SLOTS[marker], is_html=kind == "html", paragraph=paragraph or "")
        for paragraph, marker in zip(segments[1::3], segments[2::3], strict=True)
    ]
    encoding, pieces = encoded([text.encode() for text in segments[::3]], values)
    yield f'Content-Type: text/{kind}; charset="utf-8"\r\n'.encode()
    yield f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    yield from pieces
