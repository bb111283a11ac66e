"""The guarantee behind the doorbell: finds whatever a lost wake-up left behind."""

from editorial import doorbell
from newsletter.models import Delivery, Digest
from newsletter.states import DELIVERY_OPEN, DigestState

from . import countdown, ledger, seats
from .controls import finish_if_settled
from .pump import ring_if_due


def sweep() -> None:
    """Start what counted down, ring for what is due, close what is settled."""
    countdown.start_due()
    for digest_id, state in Digest.objects.active().values_list("pk", "state"):
        if state == DigestState.FREEZING:
            doorbell.ring("newsletter.freeze_digest", digest_id)
        elif not finish_if_settled(digest_id=digest_id):
            ring_if_due(digest_id=digest_id, times=seats.free(digest_id))


def reap() -> tuple[int, int]:
    """Take back the rows of dead senders: (waiting again, uncertain)."""
    counts = ledger.reap()
    if counts[1]:  # its provider may have told more than its sender lived to hear
        ledger.note_reported()
    cancelled = Delivery.objects.filter(
        digest__state=DigestState.CANCELLED, state__in=DELIVERY_OPEN
    )
    for digest_id in set(cancelled.values_list("digest_id", flat=True)):
        ledger.skip_the_rest(digest_id)
    return counts
