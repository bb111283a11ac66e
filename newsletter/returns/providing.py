"""What a mail provider reports, in django-anymail's words for all of them."""

import logging
from hashlib import sha256

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason

from newsletter import subscriptions
from newsletter.digests import ledger
from newsletter.digests.identity import delivery_of_token
from newsletter.models import Delivery, MailEvent, canonical_address

from .recording import record
from .verdicts import Said, exact_status

logger = logging.getLogger(__name__)

# Openings and clicks are not here: we do not ask who reads what.
SAID = {
    EventType.DELIVERED: Said.DELIVERED,
    EventType.DEFERRED: Said.DELAYED,
    EventType.BOUNCED: Said.FAILED,
    EventType.REJECTED: Said.FAILED,
    EventType.FAILED: Said.FAILED,
    EventType.COMPLAINED: Said.COMPLAINED,
}
BAD_ADDRESS = "5.1.3"  # RFC 3463, where the provider says so and gives no status


def take_event(*, provider: str, event: AnymailTrackingEvent) -> MailEvent | None:
    """Carry out one report of a provider, of whose origin the caller made sure.

    Safe to repeat. None for what is no business of ours: openings, mail that is not a
    digest's, and a reader who left by the provider's own link, which is done here.
    """
    delivery = _delivery(event)
    if delivery is None:
        logger.info("%s reports %s of no delivery", provider, event.event_type)
        return None
    if event.event_type == EventType.UNSUBSCRIBED:
        if delivery.subscriber:
            subscriptions.unsubscribe(key=delivery.subscriber.key, how="provider")
        return None
    said = SAID.get(event.event_type)
    if said is None:
        return None
    # Of a mail that it refused at once a provider may report as well: FAILED proves
    # nothing about an uncertain one.
    if said is not Said.FAILED:
        ledger.note_taken(delivery.pk, name=event.message_id or "")
    words = str(event.mta_response or event.description or "")
    status = exact_status("", words)
    if not status and event.reject_reason == RejectReason.INVALID:
        status = BAD_ADDRESS
    return record(
        delivery_id=delivery.pk,
        said=said,
        status=status,
        words=words,
        source=_source(provider, delivery, event),
        at=event.timestamp,
    )


def _delivery(event: AnymailTrackingEvent) -> Delivery | None:
    """By the provider's name for the mail; where a batch shares one, by its address.

    A report may be here before the call it is about has come back, or the sender died
    over that call: then what we gave the provider along names the delivery.
    """
    rows = Delivery.objects.select_related("subscriber")
    if event.message_id:
        named = rows.filter(provider_id=event.message_id)
        if event.recipient:
            named = named.filter(canonical_address=canonical_address(event.recipient))
        if found := named.first():
            return found
    token = (event.metadata or {}).get("delivery", "")
    number = delivery_of_token(token) if isinstance(token, str) else None
    return rows.filter(pk=number).first() if number else None


def _source(provider: str, delivery: Delivery, event: AnymailTrackingEvent) -> str:
    name = event.event_id or f"{event.message_id}/{event.timestamp}"
    text = f"{provider}/{delivery.pk}/{event.event_type}/{name}"
    return sha256(text.encode()).hexdigest()
