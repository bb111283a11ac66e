"""One mail for everybody, encoded once; the personal slots are stamped per copy.

Rendering leaves a marker where something personal belongs. Encoding turns the message
into shared bytes with the slots on lines of their own in between, so that a copy is
those bytes and a few small ones, whatever the encoding around them. No line begins with
a dot: what is shared goes over the wire as it is, and is looked at once for everybody.
"""

import binascii
import html
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.quoprimime import body_encode
from email.utils import format_datetime, parseaddr
from functools import cache, lru_cache, partial
from hashlib import sha256
from itertools import chain
from operator import attrgetter
from typing import NamedTuple, Self

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from newsletter import signing
from newsletter.models import Digest
from newsletter.postbox import Text

from . import identity
from .ledger import Claim

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


class Copy(NamedTuple):
    """What is personal about one reader's copy."""

    to: str
    message_id: str
    delivery_id: str
    unsubscribe_url: str  # a page that asks first
    one_click_url: str = ""  # for the mail program's own button (RFC 8058)
    preferences_url: str = ""
    name: str = ""
    envelope_sender: str = ""  # where a bounce goes; empty: to the letter's sender
    text_only: bool = False

    @classmethod
    def for_claim(cls, claim: Claim) -> Self:
        """The copy of a delivery: the same identity however often it is sent."""
        pages = ("site:unsubscribe", "site:one_click", "site:preferences")
        site = settings.PUBLIC_URL
        links = [claim.key.join(_reader_url(page, site)) for page in pages]
        asking, one_click, preferences = links
        return cls(
            to=claim.address,
            message_id=identity.message_id(claim.delivery_id),
            delivery_id=identity.delivery_token(claim.delivery_id),
            unsubscribe_url=asking,
            one_click_url=one_click,
            preferences_url=preferences,
            name=claim.name,
            envelope_sender=identity.verp_address(claim.delivery_id),
            text_only=claim.text_only,
        )

    @classmethod
    def for_test(cls, address: str, *, name: str = "") -> Self:
        """A copy for the desk's own eyes; nobody can be unsubscribed through it."""
        url = settings.PUBLIC_URL + reverse("site:home")
        return cls(
            to=address,
            message_id=identity.message_id(address, timezone.now()),
            delivery_id="test",
            unsubscribe_url=url,
            preferences_url=url,
            name=name,
        )


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

Piece = bytes | Callable[[Copy], Sequence[bytes]]
# From the whole message to a header that goes before it (DKIM), or to nothing.
Signing = Callable[[bytes], bytes]


def shown_to(copy: Copy, html_text: str) -> str:
    """A mail's HTML as this reader sees it, for a page."""
    return _SLOT.sub(lambda found: _in_html(SLOTS[found[2]](copy), found[1]), html_text)


def slots_in(html_text: str) -> dict[str, Callable[[Copy], str]]:
    """The personal places of a mail's HTML as they stand there, with their values."""

    def value(found: re.Match[str]) -> Callable[[Copy], str]:
        return lambda copy: _in_html(SLOTS[found[2]](copy), found[1])

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
        self._plain = self._pieces(shared, _part("plain", text))
        self._both = self._pieces(shared, _alternatives(text, html))

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
        return Text((*stamped, b"" if stamped[-1].endswith(_CRLF) else _CRLF))

    def _stamped(self, copy: Copy) -> list[bytes]:
        stamped: list[bytes] = []
        for piece in self._plain if copy.text_only else self._both:
            if isinstance(piece, bytes):
                stamped.append(piece)
            else:
                stamped += piece(copy)
        if self._sign is None:
            return stamped
        try:
            return [self._sign(b"".join(stamped)), *stamped]
        except Exception as error:
            raise Unwritable(f"{type(error).__name__}: {error}") from error

    def envelope_sender(self, copy: Copy) -> str:
        """Where the server reports a mail that it could not deliver."""
        return copy.envelope_sender or self.sender

    def _pieces(self, shared: bytes, body: Iterator[Piece]) -> tuple[Piece, ...]:
        return tuple(_joined(chain([self._personal_headers, shared], body)))

    def _personal_headers(self, copy: Copy) -> tuple[bytes]:
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
        return (lines.encode("ascii"),)


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


@cache
def _reader_url(name: str, site: str) -> tuple[str, str]:
    """What stands before and after a key; resolving costs as much as a whole copy."""
    before, _key, after = reverse(name, args=["KEY"]).partition("KEY")
    return site + before, after


def _alternatives(text: str, html: str) -> Iterator[Piece]:
    boundary = f"=_{sha256((text + html).encode()).hexdigest()[:24]}".encode()
    yield b"Content-Type: multipart/alternative;\r\n"
    yield b' boundary="' + boundary + b'"\r\n'
    for kind, body in (("plain", text), ("html", html)):
        yield _CRLF + b"--" + boundary + _CRLF
        yield from _part(kind, body)
    yield _CRLF + b"--" + boundary + b"--" + _CRLF


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same bytes in as few pieces as there can be."""
    shared: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            shared.append(piece)
            continue
        if shared:
            yield b"".join(shared)
            shared.clear()
        yield piece
    yield b"".join(shared)


# A paragraph that holds nothing but a slot belongs to it, and is missing with its value.
_SLOT = re.compile(
    r"(<p\b[^<>]*>)?({})(?(1)</p>\s*)".format("|".join(map(re.escape, SLOTS)))
)


def _part(kind: str, body: str) -> Iterator[Piece]:
    body = re.sub(r"\r\n?|\n", "\r\n", body)
    raw = body.encode()
    # Base64 costs a third, quoted-printable two bytes for each that is not ASCII.
    dense = sum(byte > 127 for byte in raw) * 6 > len(raw)
    name = "base64" if dense else "quoted-printable"
    yield f'Content-Type: text/{kind}; charset="utf-8"\r\n'.encode()
    yield f"Content-Transfer-Encoding: {name}\r\n\r\n".encode()
    # Text, the paragraph around a marker or None, the marker, text, …, text.
    segments = _SLOT.split(body)
    texts = [text.encode() for text in segments[::3]]
    values = [
        _value(SLOTS[marker], kind == "html", paragraph)
        for paragraph, marker in zip(segments[1::3], segments[2::3], strict=True)
    ]
    yield from (_in_base64 if dense else _in_quoted_printable)(texts, values)


Value = Callable[[Copy], bytes]


def _value(of: Callable[[Copy], str], is_html: bool, paragraph: str | None) -> Value:
    if is_html:
        return lambda copy: _in_html(of(copy), paragraph).encode()
    return lambda copy: of(copy).encode()


def _in_html(text: str, paragraph: str | None) -> str:
    if paragraph is None:
        return html.escape(text)
    return f"{paragraph}{html.escape(text.strip())}</p>" if text else ""


# What quoted-printable leaves as it is wherever it stands.
_PLAIN = bytes(byte for byte in range(33, 127) if chr(byte) != "=")


def _in_quoted_printable(
    texts: Sequence[bytes], values: Sequence[Value]
) -> Iterator[Piece]:
    """Segments and slots end in soft line breaks, which vanish in decoding."""

    def slot(value: Value, copy: Copy) -> tuple[bytes]:
        words = value(copy)
        if len(words) < 76 and not (words[:1] == b"." or words.translate(None, _PLAIN)):
            return (words + b"=\r\n",)
        line = binascii.b2a_qp(words, istext=False)
        if b"\n" in line:
            # Its soft breaks follow the value's own ends: CRLF, or LF where it has none.
            line = line.replace(_CRLF, b"\n").replace(b"\n", _CRLF)
        if line.startswith(b".") or b"\n." in line:
            line = _quoted(words)
        return (line + b"=\r\n",)

    for text, value in zip(texts, values, strict=False):
        yield _quoted(text) + b"=\r\n"
        yield partial(slot, value)
    yield _quoted(texts[-1])


def _quoted(raw: bytes) -> bytes:
    """Quoted-printable, a dot at the beginning of a line as well."""
    octets = raw.decode("latin-1")
    lines = body_encode(octets, maxlinelen=73, eol="\r\n").encode("ascii")
    lines = lines.replace(b"\r\n.", b"\r\n=2E")
    return b"=2E" + lines[1:] if lines.startswith(b".") else lines


def _in_base64(texts: Sequence[bytes], values: Sequence[Value]) -> Iterator[Piece]:
    """Everything before the first slot is shared, and so is most of what follows.

    Base64 takes three bytes at a time, so what a value's length leaves over moves into
    the line of its slot; the rest of the segment behind it was encoded beforehand for
    each of the three places where it can begin.
    """
    head = texts[0]
    cut = len(head) - len(head) % 3 if values else len(head)
    yield _base64_lines(head[:cut])
    if values:
        behind = [_Segment(text) for text in texts[1:]]
        yield partial(_base64_tail, head[cut:], list(zip(values, behind, strict=True)))


class _Segment:
    """Shared text behind a slot. `begun[n]`: its lines from byte n on, and what is
    left of it at the end, less than three bytes."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.begun = [self._from(start) for start in range(3)]

    def _from(self, start: int) -> tuple[bytes, bytes]:
        end = max(len(self.text) - (len(self.text) - start) % 3, start)
        return _base64_lines(self.text[start:end]), self.text[end:]


def _base64_tail(
    left: bytes, slots: list[tuple[Value, _Segment]], copy: Copy
) -> list[bytes]:
    pieces = []
    for value, segment in slots:
        left += value(copy)
        missing = -len(left) % 3
        if missing > len(segment.text):
            left += segment.text
            continue
        pieces.append(_base64_lines(left + segment.text[:missing]))
        lines, left = segment.begun[missing]
        pieces.append(lines)
    pieces.append(_base64_lines(left))
    return pieces


def _base64_lines(raw: bytes) -> bytes:
    encode = binascii.b2a_base64
    if len(raw) <= 57:  # bytes that make a line of 76; so are most slots
        return encode(raw, newline=False) + _CRLF if raw else b""
    starts = range(0, len(raw), 57)
    return b"".join([encode(raw[n : n + 57], newline=False) + _CRLF for n in starts])
