"""A reader who moves to another address, or who is deleted."""

from django.db import models
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat, Now

from newsletter.models import Delivery, Subscriber
from newsletter.states import DeliveryState, Outcome

from .rows import WAITING


def readdress(old: Subscriber, new: Subscriber) -> int:
    """Let what still waits for one address go to the other; how many rows.

    Not where the other has a row of its own in the same digest.
    """
    has_one = Delivery.objects.filter(
        digest_id=OuterRef("digest_id"), canonical_address=new.canonical_address
    )
    return Delivery.objects.filter(
        ~Exists(has_one), subscriber=old, state__in=WAITING
    ).update(
        subscriber=new,
        address=new.address,
        canonical_address=new.canonical_address,
        updated_at=Now(),
    )


def forget(subscriber: Subscriber) -> None:
    """Take a reader who is being deleted out of the rows; the counts stay.

    What still waits is passed over. What is on its way keeps its row, which a late
    answer finds by its token.
    """
    rows = Delivery.objects.filter(subscriber=subscriber)
    rows.filter(state__in=WAITING).update(
        state=DeliveryState.SKIPPED, outcome=Outcome.LEFT, answered_at=Now()
    )
    nameless = Concat(Value("deleted-"), Cast("pk", models.CharField()))
    rows.update(address="", canonical_address=nameless, updated_at=Now())
