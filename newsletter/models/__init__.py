"""The readers' nouns."""

from .digest import Delivery, Digest, DigestEvent
from .subscriber import (
    Confirmation,
    Consent,
    Subscriber,
    Suppression,
    canonical_address,
)

__all__ = [
    "Confirmation",
    "Consent",
    "Delivery",
    "Digest",
    "DigestEvent",
    "Subscriber",
    "Suppression",
    "canonical_address",
]
