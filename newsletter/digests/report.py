"""How a digest is doing, in numbers an editor may see: no address among them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from newsletter.models import Delivery, Digest, Subscriber
from newsletter.postbox.providers import PROVIDERS
from newsletter.states import (
    DELIVERY_OPEN,
    DELIVERY_TERMINAL,
    DeliveryState,
    DigestState,
    Outcome,
    words_of,
)

from . import ledger

# Outcomes worth a line; an accepted mail is not.
NOTEWORTHY = frozenset(Outcome) - {Outcome.ACCEPTED, Outcome.ASSUMED}
SHOWN_UNCERTAIN = 20  # in the control room; a page of their own has them all
LATELY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Deliveries with the same outcome and answer code, and the last words of one."""

    outcome: Outcome
    code: int | None
    count: int
    words: str

    @property
    def label(self) -> str:
        return words_of(self.outcome)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast mails have been answered over the last minute."""

    per_second: float
    ends_at: datetime | None  # if it goes on like this; None where nothing moves


@dataclass(frozen=True, slots=True)
class Report:
    """The state of the ledger at one moment."""

    counts: dict[DeliveryState, int]
    expected: int
    readers: int  # who a digest frozen now would go to; 0 once it was
    trouble: tuple[Trouble, ...]
    uncertain: tuple[Delivery, ...]  # the first of them
    resendable: int
    pace: Pace

    @property
    def provider(self) -> str:
        """Through whose API mail leaves; "" where a relay takes it."""
        found = PROVIDERS.get(settings.EMAIL_PROVIDER)
        return found.label if found else ""

    @property
    def relay(self) -> str:
        return settings.EMAIL_HOST

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
    def uncertain_beyond(self) -> int:
        """How many uncertain ones there are besides those at hand."""
        return max(0, self.unknown - len(self.uncertain))

    @property
    def retrying(self) -> int:
        return self.counts[DeliveryState.RETRY]

    @property
    def settled(self) -> int:
        return self._sum(DELIVERY_TERMINAL)

    @property
    def tenths(self) -> int:
        """How much is settled, in steps worth saying aloud: 0, 10, … 100 %."""
        return self.settled * 10 // self.expected * 10 if self.expected else 0

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
    ahead = digest.state in {DigestState.HELD, DigestState.FREEZING}
    counts = ledger.tally(digest.pk)
    return Report(
        counts=counts,
        expected=digest.expected_count or 0,
        readers=Subscriber.objects.mailable().count() if ahead else 0,
        trouble=tuple(_trouble(digest)),
        uncertain=tuple(uncertain_ones(digest)[:SHOWN_UNCERTAIN]),
        resendable=digest.deliveries.resendable().count(),
        pace=_pace(digest, counts),
    )


def uncertain_ones(digest: Digest) -> QuerySet[Delivery]:
    """Mails of which nobody knows whether they arrived, the longest uncertain first."""
    return digest.deliveries.uncertain().order_by("answered_at", "pk")


def _pace(digest: Digest, counts: dict[DeliveryState, int]) -> Pace:
    lately = digest.deliveries.filter(answered_at__gt=Now() - LATELY)
    answered = lately.aggregate(count=Count("pk"), first=Min("answered_at"))
    if digest.state != DigestState.SENDING or not answered["count"]:
        return Pace(0.0, None)
    now = timezone.now()
    seconds = max(1.0, (now - answered["first"]).total_seconds())
    per_second = answered["count"] / seconds
    # What the server put off comes at its own time, not at ours.
    due = sum(counts[state] for state in DELIVERY_OPEN - {DeliveryState.RETRY})
    return Pace(per_second, now + timedelta(seconds=due / per_second))


def tallies(shown: Iterable[Digest]) -> dict[int, dict[str, int]]:
    """How many rows stand in each state, by digest; one query for all of them."""
    counts = {each.pk: dict.fromkeys(DeliveryState.values, 0) for each in shown}
    rows = (
        Delivery.objects.filter(digest__in=counts)
        .order_by()
        .values_list("digest_id", "state")
        .annotate(Count("pk"))
    )
    for digest_id, state, count in rows:
        counts[digest_id][state] = count
    return counts


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
