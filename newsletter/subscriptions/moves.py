"""The only writer of a subscriber's state, and of what they agreed to."""

from typing import Any

from newsletter.models import Consent, Subscriber
from newsletter.states import SUBSCRIBER_MOVES, SubscriberState


def move(subscriber: Subscriber, wanted: SubscriberState, **fields: Any) -> bool:
    """Write the state, if the table allows it from the one the row is in: one UPDATE.

    False where it does not, or where it is that already; nothing is written then.
    """
    sources = [state for state, to in SUBSCRIBER_MOVES.items() if wanted in to]
    rows = Subscriber.objects.filter(pk=subscriber.pk, state__in=sources)
    moved = bool(rows.update(state=wanted, **fields))
    if moved:
        subscriber.state = wanted
        for name, value in fields.items():
            setattr(subscriber, name, value)
    return moved


def note_consent(
    subscriber: Subscriber, deed: str, *, how: str, network: str, source: str = ""
) -> None:
    """Write down what a reader did, by what means and, where it is known, from where."""
    Consent.objects.create(
        subscriber=subscriber,
        deed=deed,
        how=how,
        network_hash=network,
        source=source[:300],
    )
