"""Returned mails for tests: our own samples of the shapes that mail systems send."""

from pathlib import Path

from newsletter.digests.identity import delivery_signer
from newsletter.models import Delivery

SAMPLES = Path(__file__).parents[1] / "samples" / "returned"


def returned(name: str, delivery: Delivery | None = None) -> bytes:
    """A sample about this delivery; without one its signature is forged."""
    return about(SAMPLES.joinpath(f"{name}.eml").read_text("utf-8"), delivery)


def about(text: str, delivery: Delivery | None = None) -> bytes:
    """A mail whose @ID@ is the signed id of this delivery, else a forged one."""
    signed = delivery_signer.sign(str(delivery.pk)) if delivery else "7.of-nobody-ours"
    return text.replace("@ID@", signed).replace("\n", "\r\n").encode()
