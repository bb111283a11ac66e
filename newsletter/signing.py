"""DKIM signatures (RFC 6376) where we sign ourselves, rather than the relay.

Written here because dkimpy, which verifies ours in the tests, computes RSA in Python:
`benchmarks.signing` prints both rates. Signed is the message as it goes over the wire,
7 bits with CRLF; headers are relaxed, so that a relay may fold them anew, the body is
simple, which costs no pass over it. RSA only: the large providers read nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

if TYPE_CHECKING:  # at run time where a key is at hand: most processes sign nothing
    from cryptography.hazmat.primitives.asymmetric import rsa

BITS, FEWEST_BITS = 2048, 1024  # RFC 8301, section 3.2
# Of these nobody may add another behind our back: each is signed once more than it is
# there (RFC 6376, section 8.15). RFC 5322 and MIME allow each only once.
ONLY_ONCE = (
    *("from", "to", "subject", "date", "message-id", "reply-to"),
    *("mime-version", "content-type"),
)
# RFC 8058, section 4: a signature must cover the two that unsubscribe.
IF_PRESENT = ("list-unsubscribe", "list-unsubscribe-post", "list-id")
_TXT_STRING = 255  # octets in one string of a TXT record (RFC 1035, section 3.3)
_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*(?:\r\n[ \t].*)*)(?:\r\n|$)")
_BLANKS = re.compile(rb"[ \t\r\n]+")


class KeyUnusable(Exception):
    """There is no private key where the settings say, or it is none for DKIM."""


@dataclass(frozen=True, slots=True)
class Key:
    """A private key and the selector under which its other half is published."""

    selector: str
    private: rsa.RSAPrivateKey

    @classmethod
    def load(cls, selector: str) -> Self:
        """The key of this selector. Raises KeyUnusable."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        if not _SELECTOR.fullmatch(selector):
            raise KeyUnusable(f"{selector!r} cannot be a selector: a–z, 0–9 and -.")
        path = key_path(selector)
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), None)
        except OSError as error:
            raise KeyUnusable(f"{path}: {error.strerror}.") from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyUnusable(
                f"{path} holds no private key without password."
            ) from error
        if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < FEWEST_BITS:
            raise KeyUnusable(f"{path} is no RSA key of at least {FEWEST_BITS} bits.")
        return cls(selector, private)

    @property
    def record(self) -> str:
        """What DNS has to say at `<selector>._domainkey.<domain>`."""
        from cryptography.hazmat.primitives import serialization

        raw = self.private.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        return f"v=DKIM1; k=rsa; p={base64.b64encode(raw).decode()}"

    def sign(self, data: bytes) -> bytes:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())


class Signer:
    """Called with a whole message, returns the header line that goes in front of it."""

    def __init__(self, *, domain: str, key: Key) -> None:
        self.domain = domain
        self.key = key

    def __call__(self, message: bytes) -> bytes:
        end = message.index(b"\r\n\r\n") + 2
        fields = _fields(message[:end])
        names = [*_signed(fields)]
        body = base64.b64encode(_body_hash(message, end + 2)).decode()
        tags = (
            f"v=1; a=rsa-sha256; c=relaxed/simple; d={self.domain};",
            f"s={self.key.selector}; t={int(time.time())};",
            *_folded_names(names),
            f"bh={body};",
            "b=",
        )
        bare = "dkim-signature:" + " ".join(tags)
        signed = b"".join(_canonical(fields, names)) + bare.encode()
        value = base64.b64encode(self.key.sign(signed)).decode()
        lines = [value[at : at + 72] for at in range(0, len(value), 72)]
        header = "\r\n ".join(("DKIM-Signature: " + tags[0], *tags[1:]))
        return (header + "\r\n ".join(lines) + "\r\n").encode()


def signer_for(sender: str) -> Signer | None:
    """Who signs mail of this sender; None where the relay does, or nobody.

    `sender` is a From header. Raises KeyUnusable rather than let mail go unsigned.
    """
    domain = parseaddr(sender)[1].rpartition("@")[2].lower()
    signs_for = settings.DKIM_DOMAIN.lower() or domain
    selector = settings.DKIM_SELECTOR
    if not selector or not f".{domain}".endswith(f".{signs_for}"):
        return None
    return _signer(signs_for.encode("idna").decode(), selector, _changed_at(selector))


class SigningEmailBackend(EmailBackend):
    """Django's own mail, such as confirmations and invitations, signed as it leaves."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SigningOverTLS if self.use_ssl else _Signing


class _Signing(smtplib.SMTP):
    def sendmail(self, from_addr: str, to_addrs: Any, msg: Any, *args: Any) -> Any:
        sender = str(BytesHeaderParser().parsebytes(msg)["From"])
        signer = signer_for(sender)
        signed = signer(msg) + msg if signer else msg
        return super().sendmail(from_addr, to_addrs, signed, *args)


class _SigningOverTLS(_Signing, smtplib.SMTP_SSL):
    pass


def key_path(selector: str) -> Path:
    """Where the private key of a selector lies: DKIM_KEY, or beside the database."""
    if settings.DKIM_KEY:
        return Path(str(settings.DKIM_KEY).format(selector=selector))
    return Path(settings.VAR_DIR) / "dkim" / f"{selector}.pem"


def make_key(selector: str) -> Key:
    """A new private key, written for its owner only.

    Raises KeyUnusable for an impossible selector, FileExistsError where there is a key:
    mail that is under way could no longer be verified.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    if not _SELECTOR.fullmatch(selector):
        raise KeyUnusable(f"{selector!r} cannot be a selector: a–z, 0–9 and -.")
    private = rsa.generate_private_key(65537, BITS)
    path = key_path(selector)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "xb", opener=_for_owner_only) as file:
        file.write(
            private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return Key(selector, private)


def txt_strings(record: str) -> list[str]:
    """A TXT record's value in strings that each may be that long."""
    return [record[at : at + _TXT_STRING] for at in range(0, len(record), _TXT_STRING)]


def zone_line(name: str, record: str) -> str:
    """A TXT record as a zone file or a provider's form takes it."""
    return f"{name}. IN TXT " + " ".join(f'"{part}"' for part in txt_strings(record))


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _changed_at(selector: str) -> float:
    try:
        return key_path(selector).stat().st_mtime
    except OSError as error:
        raise KeyUnusable(f"{key_path(selector)}: {error.strerror}.") from error


@lru_cache(maxsize=8)
def _signer(domain: str, selector: str, changed_at: float) -> Signer:
    return Signer(domain=domain, key=Key.load(selector))


def _fields(head: bytes) -> dict[str, list[bytes]]:
    """The values of each header by its lower-case name, the lowest one first."""
    found: dict[str, list[bytes]] = {}
    for name, value in _FIELD.findall(head):
        found.setdefault(name.decode("ascii").lower(), []).insert(0, value)
    return found


def _signed(fields: dict[str, list[bytes]]) -> Iterator[str]:
    for name in ONLY_ONCE:
        yield from [name] * (len(fields.get(name, ())) + 1)
    for name in IF_PRESENT:
        yield from [name] * len(fields.get(name, ()))


def _canonical(fields: dict[str, list[bytes]], names: list[str]) -> Iterator[bytes]:
    """Section 3.4.2, "relaxed"; a name beyond what is there counts as nothing (5.4.2)."""
    taken: dict[str, int] = {}
    for name in names:
        at = taken.get(name, 0)
        taken[name] = at + 1
        values = fields.get(name, [])
        if at < len(values):
            yield name.encode() + b":" + _BLANKS.sub(b" ", values[at]).strip() + b"\r\n"


def _body_hash(message: bytes, start: int) -> bytes:
    """Section 3.4.3, "simple": empty lines at the end count as none."""
    end = len(message)
    while end > start and message[end - 2 : end] == b"\r\n":
        end -= 2
    hashed = hashlib.sha256(memoryview(message)[start:end])
    hashed.update(b"\r\n")
    return hashed.digest()


def _folded_names(names: list[str]) -> list[str]:
    """The h= tag in lines of at most 76 characters; blanks around a colon are free."""
    lines, current = [], "h="
    for name in names:
        if len(current) + len(name) > 74:
            lines.append(current)
            current = ""
        current += f"{name}:"
    return [*lines, f"{current[:-1]};"]
