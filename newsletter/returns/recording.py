"""Writes down what became of a delivery, and stops the mailing where that is due."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from editorial.models import Publication
from newsletter import suppressions
from newsletter.digests.ledger import without_addresses
from newsletter.models import Delivery, MailEvent, Release

from .verdicts import EFFECTS, SOFT_LIMIT, Effect, Said, exact_status, judge

logger = logging.getLogger(__name__)


@transaction.atomic
def record(
    *,
    delivery_id: int,
    said: Said,
    status: str,
    words: str,
    source: str,
    at: datetime | None = None,
) -> MailEvent | None:
    """Note what is said of a delivery and carry out what follows.

    Safe to repeat: a `source` (64 characters) counts once. None for a delivery that is
    no longer there.
    """
    delivery = Delivery.objects.filter(pk=delivery_id).first()
    if delivery is None:
        logger.info("a report about delivery %s, which is gone", delivery_id)
        return None
    words = " ".join(without_addresses(words).replace("\0", "").split())
    event, is_new = MailEvent.objects.get_or_create(
        source=source,
        defaults={
            "delivery": delivery,
            "kind": judge(said, status, words),
            "status": exact_status(status, words)[:11],
            "diagnostic": words[:500],
            "at": at or timezone.now(),
        },
    )
    if is_new and delivery.address:  # without one its reader was deleted
        _carry_out(event)
    return event


def _carry_out(event: MailEvent) -> None:
    address = event.delivery.address
    detail = f"{event.status} {event.diagnostic}".strip()
    match EFFECTS[MailEvent.Kind(event.kind)]:
        case Effect.SUPPRESS:
            suppressions.suppress_bounced(address=address, detail=detail)
        case Effect.SUPPRESS_FOR_EVER:
            suppressions.suppress_complained(address=address, detail=detail)
        case Effect.COUNT:
            # One at a time: two reports at once would each miss the other.
            Publication.objects.select_for_update(no_key=True).current()
            if _issues_given_back(event.delivery.canonical_address) >= SOFT_LIMIT:
                suppressions.suppress_often_bounced(address=address, detail=detail)


def _issues_given_back(canonical_address: str) -> int:
    """Distinct issues since an admin last took the address off the list."""
    bounces = MailEvent.objects.of_address(canonical_address).soft_bounces()
    released = Release.objects.filter(canonical_address=canonical_address).first()
    if released is not None:
        bounces = bounces.filter(at__gt=released.at)
    digests = bounces.order_by().values("delivery__digest").distinct()
    return digests.count()
