"""Who a copy is: what a reply, a bounce or a complaint names later.

All of it is derived from the delivery's number and the secret key, so that a second
copy has the same identity, and signed, so that nobody can bounce a mail of another.
"""

import base64
import hmac
import re
from functools import cache, lru_cache
from hashlib import sha256

from django.conf import settings
from django.core.signing import BadSignature, Signer

# X-Delivery-ID is its signature of the number: "7.signature".
_DELIVERY_SALT = "newsletter.delivery"
delivery_signer = Signer(salt=_DELIVERY_SALT, sep=".")

_MESSAGE_SALT = "newsletter.message"
_SIGNATURE = 20  # hex digits (80 bits) of an envelope sender's signature
_TOKEN = re.compile(rf"(?P<id>[0-9]{{1,19}})\.(?P<signature>[0-9a-f]{{{_SIGNATURE}}})")


def delivery_token(delivery_id: int) -> str:
    """What `delivery_signer` makes of the number, in a tenth of its time."""
    digest = _digest(delivery_id, settings.SECRET_KEY)
    return f"{delivery_id}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def delivery_of_token(token: str) -> int | None:
    """The delivery that an X-Delivery-ID names, or None where it is not ours."""
    try:
        return int(delivery_signer.unsign(token))
    except (BadSignature, ValueError):
        return None


def message_id(*parts: object) -> str:
    """The left half of a Message-ID: 40 hex digits that tell nothing and never vary."""
    text = "/".join(map(str, parts)).encode()
    return _signed(_MESSAGE_SALT, settings.SECRET_KEY, text).hex()[:40]


def verp_address(delivery_id: int) -> str:
    """The envelope sender to which this delivery bounces; "" without BOUNCE_ADDRESS.

    The local part is `bounces+7.<20 hex digits>`: at most 64 octets (RFC 5321,
    section 4.5.3.1.1), and the same after a host has changed its case.
    """
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    if not local:
        return ""
    signature = _digest(delivery_id, settings.SECRET_KEY).hex()[:_SIGNATURE]
    return f"{local}+{delivery_id}.{signature}@{domain}"


def delivery_of_verp(address: str) -> int | None:
    """The delivery that bounced to this address, or None where we never sent so."""
    ours, _at, domain = settings.BOUNCE_ADDRESS.lower().rpartition("@")
    local, _at, their_domain = address.strip().lower().rpartition("@")
    prefix, _plus, token = local.rpartition("+")
    match = _TOKEN.fullmatch(token)
    if not ours or (prefix, their_domain) != (ours, domain) or match is None:
        return None
    delivery_id = int(match["id"])
    expected = _digest(delivery_id, settings.SECRET_KEY).hex()[:_SIGNATURE]
    return delivery_id if hmac.compare_digest(expected, match["signature"]) else None


@lru_cache(maxsize=1)  # a copy asks twice: for its token and its envelope sender
def _digest(delivery_id: int, secret: str) -> bytes:
    return _signed(f"{_DELIVERY_SALT}signer", secret, b"%d" % delivery_id)


def _signed(salt: str, secret: str, text: bytes) -> bytes:
    mac = _keyed(salt, secret).copy()
    mac.update(text)
    return mac.digest()


@cache
def _keyed(salt: str, secret: str) -> hmac.HMAC:
    """With the key that Django's `salted_hmac` derives, once and not for each copy."""
    return hmac.new(sha256((salt + secret).encode()).digest(), digestmod="sha256")
