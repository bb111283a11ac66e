"""Who a copy is: what a reply, a bounce or a complaint names later.

All of it is derived from the delivery's number and the secret key, so that a second
copy has the same identity, and signed, so that nobody can bounce a mail of another.
"""

import hmac
import re
from binascii import b2a_base64
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer

# X-Delivery-ID is its signature of the number: "7.signature".
_DELIVERY_SALT = "newsletter.delivery"
delivery_signer = Signer(salt=_DELIVERY_SALT, sep=".")

_MESSAGE_SALT = "newsletter.message"
_SIGNATURE = 20  # hex digits (80 bits) of an envelope sender's signature
_TOKEN = re.compile(rf"(?P<id>[0-9]{{1,19}})\.(?P<signature>[0-9a-f]{{{_SIGNATURE}}})")


# RFC 2104's two paddings of a key to a block of 64 bytes; base64 of URLs.
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Identity(NamedTuple):
    """Of one delivery; see the functions of these names."""

    message_id: str
    token: str
    verp_address: str


@lru_cache(maxsize=8)
def identifier(secret: str, bounces_to: str) -> Callable[[int], Identity]:
    """Who a delivery is, with everything looked up beforehand that all of them share."""
    sign_message = _signer(_MESSAGE_SALT, secret)
    sign_delivery = _signer(f"{_DELIVERY_SALT}signer", secret)
    local, _at, domain = bounces_to.rpartition("@")

    def identify(delivery_id: int) -> Identity:
        number = b"%d" % delivery_id
        digest = sign_delivery(number)
        signature = b2a_base64(digest, newline=False).translate(_URL_SAFE, b"=")
        sender = ""
        if local:
            sender = f"{local}+{delivery_id}.{digest.hex()[:_SIGNATURE]}@{domain}"
        return Identity(
            sign_message(number).hex()[:40],
            f"{delivery_id}.{signature.decode()}",
            sender,
        )

    return identify


def delivery_token(delivery_id: int) -> str:
    """What `delivery_signer` makes of the number, in a twentieth of its time."""
    return _identity(delivery_id).token


def delivery_of_token(token: str) -> int | None:
    """The delivery that an X-Delivery-ID names, or None where it is not ours."""
    try:
        return int(delivery_signer.unsign(token))
    except (BadSignature, ValueError):
        return None


def message_id(*parts: object) -> str:
    """The left half of a Message-ID: 40 hex digits that tell nothing and never vary."""
    text = "/".join(map(str, parts)).encode()
    return _signer(_MESSAGE_SALT, settings.SECRET_KEY)(text).hex()[:40]


def verp_address(delivery_id: int) -> str:
    """The envelope sender to which this delivery bounces; "" without BOUNCE_ADDRESS.

    The local part is `bounces+7.<20 hex digits>`: at most 64 octets (RFC 5321,
    section 4.5.3.1.1), and the same after a host has changed its case.
    """
    return _identity(delivery_id).verp_address


def delivery_of_verp(address: str) -> int | None:
    """The delivery that bounced to this address, or None where we never sent so."""
    ours, _at, domain = settings.BOUNCE_ADDRESS.lower().rpartition("@")
    local, _at, their_domain = address.strip().lower().rpartition("@")
    prefix, _plus, token = local.rpartition("+")
    match = _TOKEN.fullmatch(token)
    if not ours or (prefix, their_domain) != (ours, domain) or match is None:
        return None
    delivery_id = int(match["id"])
    expected = verp_address(delivery_id).lower().encode()
    same = hmac.compare_digest(expected, address.strip().lower().encode())
    return delivery_id if same else None


def _identity(delivery_id: int) -> Identity:
    return identifier(settings.SECRET_KEY, settings.BOUNCE_ADDRESS)(delivery_id)


@lru_cache(maxsize=8)
def _signer(salt: str, secret: str) -> Callable[[bytes], bytes]:
    """Django's `salted_hmac` with SHA-256: its key is derived, and both its paddings
    are hashed, once and not for each copy (`hmac` takes three times as long)."""
    key = sha256((salt + secret).encode()).digest().ljust(64, b"\0")
    inner, outer = sha256(key.translate(_INNER)), sha256(key.translate(_OUTER))

    def sign(text: bytes) -> bytes:
        within, around = inner.copy(), outer.copy()
        within.update(text)
        around.update(within.digest())
        return around.digest()

    return sign
