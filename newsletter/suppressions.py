"""Addresses that must never be mailed again."""

from newsletter.models import Suppression, canonical_address


def suppress_bounced(*, address: str, detail: str = "") -> Suppression:
    """Stop mailing a mailbox that does not exist. Safe to call twice."""
    return _suppress(address, Suppression.Cause.HARD_BOUNCE, detail)


def suppress_by_hand(*, address: str, detail: str = "") -> Suppression:
    """Stop mailing an address because somebody asked for it. Safe to call twice."""
    return _suppress(address, Suppression.Cause.BY_HAND, detail)


def is_suppressed(address: str) -> bool:
    return Suppression.objects.filter(
        canonical_address=canonical_address(address)
    ).exists()


def _suppress(address: str, cause: Suppression.Cause, detail: str) -> Suppression:
    # The first cause stays: it is why the mailing stopped.
    suppression, _ = Suppression.objects.get_or_create(
        canonical_address=canonical_address(address),
        defaults={"cause": cause, "detail": detail[:500]},
    )
    return suppression
