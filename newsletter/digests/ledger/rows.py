"""What the modules of the ledger share: a claim, and the sets of states."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef

from newsletter.models import Digest
from newsletter.states import DeliveryState, DigestState

LEASE = timedelta(seconds=180)
# A row that took its sender down twice is claimed alone; after five times, not again.
SUSPECT_AFTER, GIVE_UP_AFTER = 2, 5

WAITING = (DeliveryState.RETRY, DeliveryState.PENDING)
DOTTED = (DeliveryState.SENDING, DeliveryState.UNKNOWN)  # the dot was, or may be, sent


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that is ours while its lease lives."""

    delivery_id: int
    digest_id: int
    token: str
    subscriber_id: int  # 0 where the reader was deleted
    address: str
    key: str  # of the subscriber, for the unsubscribe link
    attempts: int
    reaps: int
    name: str = ""
    text_only: bool = False


def by_token(claims: Iterable[Claim]) -> dict[str, dict[int, Claim]]:
    groups: dict[str, dict[int, Claim]] = {}
    for claim in claims:
        groups.setdefault(claim.token, {})[claim.delivery_id] = claim
    return groups


def digest_is_sending() -> Exists:
    return Exists(
        Digest.objects.filter(pk=OuterRef("digest_id"), state=DigestState.SENDING)
    )
