"""Who may still be mailed, and the commit that comes before the final dots."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from newsletter.models import Delivery, Subscriber, Suppression
from newsletter.states import DeliveryState, Outcome

from .rows import LEASE, Claim, by_token, digest_is_sending


def reasons_to_skip(claims: Sequence[Claim]) -> dict[Claim, Outcome]:
    """Those of them who must not be mailed (any more), and why: the re-check."""
    readers = [claim.subscriber_id for claim in claims]
    mailable = set(
        Subscriber.objects.mailable()
        .filter(pk__in=readers)
        .values_list("pk", flat=True)
    )
    return {
        claim: _reason_to_skip(claim)
        for claim in claims
        if claim.subscriber_id not in mailable
    }


def _reason_to_skip(claim: Claim) -> Outcome:
    reader = Subscriber.objects.filter(pk=claim.subscriber_id)
    suppressed = Suppression.objects.filter(
        canonical_address__in=reader.values("canonical_address")
    )
    if suppressed.exists():
        return Outcome.SUPPRESSED
    paused = Subscriber.objects.paused().filter(pk=claim.subscriber_id).exists()
    return Outcome.PAUSED if paused else Outcome.LEFT


@transaction.atomic
def intend(claims: Sequence[Claim]) -> set[Claim]:
    """Commit that the final dots are about to be sent: for these, and for no others.

    Granted only while the lease lives, the digest is sending (a pause or a withdrawal
    stops it right here) and the reader is still subscribed. The lease starts anew, so
    that it outlives the longest wait for an answer.
    """
    granted: set[Claim] = set()
    reader = Subscriber.objects.mailable().filter(pk=OuterRef("subscriber_id"))
    for token, ours in by_token(claims).items():
        rows = Delivery.objects.filter(
            digest_is_sending(),
            Exists(reader),
            pk__in=ours,
            token=token,
            state=DeliveryState.CLAIMED,
            lease_until__gt=Now(),
        )
        # A row that somebody else is moving is not waited for: it gets no dot.
        locked = rows.order_by("pk").select_for_update(skip_locked=True)
        ids = list(locked.values_list("pk", flat=True))
        Delivery.objects.filter(pk__in=ids).update(
            state=DeliveryState.SENDING, lease_until=Now() + LEASE, updated_at=Now()
        )
        granted.update(ours[pk] for pk in ids)
    return granted
