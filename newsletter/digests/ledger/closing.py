"""Rows whose sender died, and what people decide about a digest's open rows."""

from django.db.models import F
from django.db.models.functions import Now

from newsletter.models import Delivery
from newsletter.states import DeliveryState, Outcome

from .rows import GIVE_UP_AFTER, WAITING


def reap() -> tuple[int, int]:
    """Take back the rows of dead senders: (waiting again, uncertain).

    Before the intent no dot was sent: such a row waits again. After it nobody knows.
    """
    dead = Delivery.objects.filter(lease_until__lte=Now())
    claimed = dead.filter(state=DeliveryState.CLAIMED)
    buried = {
        "lease_until": None,
        "outcome": Outcome.CRASHED,
        "reaps": F("reaps") + 1,
        "updated_at": Now(),
    }
    claimed.filter(reaps__gte=GIVE_UP_AFTER - 1).update(
        state=DeliveryState.FAILED, token="", answered_at=Now(), **buried
    )
    waiting = claimed.update(state=DeliveryState.PENDING, token="", **buried)
    uncertain = dead.filter(state=DeliveryState.SENDING).update(
        state=DeliveryState.UNKNOWN, answered_at=Now(), **buried
    )
    return waiting, uncertain


def skip_the_rest(digest_id: int) -> int:
    """Pass over every row of a cancelled digest whose dot was not sent."""
    return Delivery.objects.filter(
        digest_id=digest_id, state__in=(*WAITING, DeliveryState.CLAIMED)
    ).update(
        state=DeliveryState.SKIPPED,
        outcome=Outcome.CANCELLED,
        token="",
        lease_until=None,
        updated_at=Now(),
    )


def assume_delivered(digest_id: int) -> int:
    """Close the uncertain rows as sent; how many."""
    return (
        Delivery.objects.uncertain()
        .filter(digest_id=digest_id)
        .update(
            state=DeliveryState.SENT,
            outcome=Outcome.ASSUMED,
            sent_at=F("answered_at"),
            updated_at=Now(),
        )
    )


def resend(digest_id: int) -> int:
    """Let the uncertain rows wait again, each at most once ever; how many.

    Nobody can thus get a third copy.
    """
    return (
        Delivery.objects.resendable()
        .filter(digest_id=digest_id)
        .update(
            state=DeliveryState.PENDING,
            token="",
            resends=F("resends") + 1,
            next_attempt_at=Now(),
            updated_at=Now(),
        )
    )
