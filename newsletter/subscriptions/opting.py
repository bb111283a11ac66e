"""Asking, confirming, leaving."""

from enum import StrEnum

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from newsletter.models import Confirmation, Consent, Subscriber
from newsletter.networks import network_hash
from newsletter.states import SubscriberState

from .asking import admit, owe
from .moves import move, note_consent


class Token(StrEnum):
    """What a confirmation link is worth now."""

    OPEN = "open"  # a press confirms
    DONE = "done"  # the address is confirmed, by this link or another
    EXPIRED = "expired"  # too old, or its reader has left since
    UNKNOWN = "unknown"


@transaction.atomic
def request_subscription(
    *, address: str, client: str, how: str = "form", source: str = ""
) -> None:
    """Ask for a confirmation mail to `address`, in the name of whoever typed it there.

    `client` is the IP address the request came from, `source` the site whose form it
    was typed into, where it is not ours. Returns nothing, and the same
    nothing for new, known and suppressed addresses. Raises ValidationError naming
    `address`, or TooManyRequests for the network.
    """
    owe(admit(address=address, client=client, how=how, source=source))


def look_at_token(*, token: str) -> Token:
    """What a press on this link would do. Changes nothing."""
    return _worth(_by_token(token))


@transaction.atomic
def confirm(*, token: str, client: str) -> Token:
    """Confirm the address a link was mailed to; DONE when it is, however often asked."""
    confirmation = _by_token(token, lock=True)
    worth = _worth(confirmation)
    if confirmation is None or worth is not Token.OPEN:
        return worth
    subscriber = confirmation.subscriber
    now = timezone.now()
    if not move(subscriber, SubscriberState.CONFIRMED, confirmed_at=now):
        return _worth(_by_token(token))  # somebody was faster
    # Mails still waiting to be sent have nothing more to ask.
    asking = subscriber.confirmations.filter(purpose=confirmation.purpose)
    asking.filter(Q(pk=confirmation.pk) | Q(sent_at=None)).update(used_at=now)
    network = network_hash(client)
    note_consent(subscriber, Consent.Deed.CONFIRMED, how="link", network=network)
    return Token.DONE


def _by_token(token: str, *, lock: bool = False) -> Confirmation | None:
    rows = Confirmation.objects.all()
    if lock:
        rows = rows.select_for_update(of=("self",))
    return rows.by_token(token, Confirmation.Purpose.SUBSCRIBE)


def _worth(confirmation: Confirmation | None) -> Token:
    if confirmation is None:
        return Token.UNKNOWN
    state = confirmation.subscriber.state
    if state == SubscriberState.CONFIRMED:
        return Token.DONE
    spent = confirmation.used_at or confirmation.expired
    if spent or state != SubscriberState.PENDING:
        return Token.EXPIRED
    return Token.OPEN


@transaction.atomic
def request_again(*, token: str, client: str) -> None:
    """Ask for a fresh mail in place of a link that is worth nothing any more.

    Raises TooManyRequests. Silent about a link we do not know.
    """
    confirmation = _by_token(token)
    if confirmation is not None:
        address = confirmation.subscriber.address
        request_subscription(address=address, client=client, how="again")


@transaction.atomic
def unsubscribe(*, key: str, how: str, client: str = "") -> Subscriber | None:
    """Take the reader with this key off the list; None for a key we do not know.

    Safe to repeat. The next mail of a digest that is being sent already respects it.
    `how` says by which door: "page" or "one-click".
    """
    subscriber = Subscriber.objects.filter(key=key).first()
    if subscriber is None:
        return None
    now = timezone.now()
    if move(subscriber, SubscriberState.UNSUBSCRIBED, unsubscribed_at=now):
        network = network_hash(client) if client else ""
        note_consent(subscriber, Consent.Deed.UNSUBSCRIBED, how=how, network=network)
    return subscriber
