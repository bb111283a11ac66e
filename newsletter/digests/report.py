"""How a digest is doing, in numbers an editor may see: no address among them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max

from newsletter.models import Delivery, Digest, Subscriber
from newsletter.states import (
    DELIVERY_OPEN,
    DELIVERY_TERMINAL,
    DeliveryState,
    DigestState,
    Outcome,
)

from . import ledger

# Outcomes worth a line; an accepted mail is not.
NOTEWORTHY = frozenset(Outcome) - {Outcome.ACCEPTED, Outcome.ASSUMED}
SHOWN_UNCERTAIN = 200


@dataclass(frozen=True, slots=True)
class Trouble:
    """Deliveries with the same outcome and answer code, and the last words of one."""

    outcome: Outcome
    code: int | None
    count: int
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """The state of the ledger at one moment."""

    counts: dict[DeliveryState, int]
    expected: int
    readers: int  # who a digest started now would go to; 0 once it was started
    trouble: tuple[Trouble, ...]
    uncertain: tuple[Delivery, ...]
    resendable: int

    @property
    def sent(self) -> int:
        return self.counts[DeliveryState.SENT]

    @property
    def failed(self) -> int:
        return self.counts[DeliveryState.FAILED]

    @property
    def skipped(self) -> int:
        return self.counts[DeliveryState.SKIPPED]

    @property
    def unknown(self) -> int:
        return self.counts[DeliveryState.UNKNOWN]

    @property
    def retrying(self) -> int:
        return self.counts[DeliveryState.RETRY]

    @property
    def settled(self) -> int:
        return self._sum(DELIVERY_TERMINAL)

    @property
    def open(self) -> int:
        return self._sum(DELIVERY_OPEN)

    def _sum(self, states: Iterable[DeliveryState]) -> int:
        return sum(self.counts[state] for state in states)


@dataclass(frozen=True, slots=True)
class Readership:
    """Whom a digest started now goes to, and which of the confirmed it passes by."""

    mailable: int
    paused: int
    suppressed: int


def readership() -> Readership:
    """As of now, by the database's clock; who is both counts as paused."""
    confirmed = Subscriber.objects.confirmed().count()
    mailable = Subscriber.objects.mailable().count()
    paused = Subscriber.objects.paused().count()
    return Readership(mailable, paused, max(0, confirmed - mailable - paused))


def report(digest: Digest) -> Report:
    """Numbers for the control room, in a handful of queries however long the list."""
    uncertain = digest.deliveries.uncertain()
    held = digest.state == DigestState.HELD
    return Report(
        counts=ledger.tally(digest.pk),
        expected=digest.expected_count or 0,
        readers=Subscriber.objects.mailable().count() if held else 0,
        trouble=tuple(_trouble(digest)),
        uncertain=tuple(uncertain.order_by("answered_at")[:SHOWN_UNCERTAIN]),
        resendable=digest.deliveries.resendable().count(),
    )


def _trouble(digest: Digest) -> Iterable[Trouble]:
    rows = (
        digest.deliveries.filter(outcome__in=NOTEWORTHY)
        .order_by()
        .values("outcome", "code")
        .annotate(count=Count("pk"), words=Max("reply"))
        .order_by("-count")
    )
    for row in rows:
        yield Trouble(Outcome(row["outcome"]), row["code"], row["count"], row["words"])
