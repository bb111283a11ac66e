"""How many readers there are."""

from dataclasses import dataclass

from django.db import transaction

from newsletter.models import Consent, Subscriber, Suppression
from newsletter.states import SubscriberState


@dataclass(frozen=True, slots=True)
class Counts:
    """How many readers there are; `mailable` is whom a digest goes to."""

    confirmed: int
    pending: int
    unsubscribed: int
    suppressed: int
    mailable: int


def counts() -> Counts:
    """Numbers only: nobody's address is in them."""
    in_state = Subscriber.objects.by_state()
    return Counts(
        confirmed=in_state[SubscriberState.CONFIRMED],
        pending=in_state[SubscriberState.PENDING],
        unsubscribed=in_state[SubscriberState.UNSUBSCRIBED],
        suppressed=Suppression.objects.count(),
        mailable=Subscriber.objects.mailable().count(),
    )


@transaction.atomic
def forget_everybody() -> None:
    """Delete every subscriber with what they agreed to; suppressions stay.

    For the end of the sample publication only.
    """
    Consent.objects.all().delete()
    Subscriber.objects.all().delete()
