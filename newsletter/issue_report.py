"""What became of one issue's digest, and what its readers cared for. No address in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from newsletter.digests import ledger
from newsletter.models import Consent, Delivery, Digest, DigestLink, MailEvent
from newsletter.states import DeliveryState, Outcome

Kind = MailEvent.Kind


@dataclass(frozen=True, slots=True)
class Interest:
    """How often something was followed; `share` is of the most followed, 0 to 100."""

    name: str
    clicks: int
    share: int
    number: int | None = None
    section: str = ""


@dataclass(frozen=True, slots=True)
class IssueReport:
    """Numbers of mails unless they say otherwise."""

    sent: int  # taken by the mail server
    bounced: int  # refused by it or given back later, because nobody is there
    soft: int  # given back for now
    refused: int  # refused or given back for another reason
    uncertain: int
    complaints: int
    left: int  # readers who unsubscribed before the next issue
    clicks: int
    scans: int
    items: tuple[Interest, ...]
    sections: tuple[Interest, ...]
    elsewhere: int  # clicks on links outside the items
    counts_clicks: bool

    @property
    def delivered(self) -> int:
        return max(0, self.sent - self._given_back)

    @property
    def clicks_per_hundred(self) -> float:
        """Clicks for each hundred mails delivered."""
        return 100 * self.clicks / self.delivered if self.delivered else 0.0

    # Of what the server took, as opposed to what it refused at once.
    _given_back: int = 0


def issue_report(digest: Digest) -> IssueReport:
    """The report in a handful of queries, however long the list."""
    tally = ledger.tally(digest.pk)
    at_once = _refused_at_once(digest)
    later = _events(digest)
    links = list(digest.links.all())
    given_back = sum(later[kind] for kind in MailEvent.BOUNCES)
    return IssueReport(
        sent=tally[DeliveryState.SENT],
        bounced=at_once[Outcome.BOUNCED] + later[Kind.BOUNCE_HARD],
        soft=at_once[Outcome.EXHAUSTED] + later[Kind.BOUNCE_SOFT],
        refused=at_once[Outcome.REFUSED] + later[Kind.BOUNCE_OTHER],
        uncertain=tally[DeliveryState.UNKNOWN],
        complaints=later[Kind.COMPLAINT],
        left=_left_after(digest),
        clicks=sum(link.clicks for link in links),
        scans=sum(link.scans for link in links),
        items=_items(links),
        sections=_sections(links),
        elsewhere=sum(link.clicks for link in links if link.item_number is None),
        counts_clicks=bool(links),
        _given_back=given_back,
    )


def _refused_at_once(digest: Digest) -> Counter[str]:
    rows = Delivery.objects.filter(digest=digest, state=DeliveryState.FAILED)
    counts = rows.order_by().values_list("outcome").annotate(Count("pk"))
    return Counter(dict(counts))


def _events(digest: Digest) -> Counter[str]:
    """Deliveries of which each kind was said; twice the same counts once."""
    rows = MailEvent.objects.filter(delivery__digest=digest).order_by()
    counts = rows.values_list("kind").annotate(Count("delivery", distinct=True))
    return Counter(dict(counts))


def _left_after(digest: Digest) -> int:
    if digest.started_at is None:
        return 0
    rows = Consent.objects.filter(
        deed=Consent.Deed.UNSUBSCRIBED,
        at__gte=digest.started_at,
        at__lt=_next_start(digest),
        subscriber__deliveries__digest=digest,
    )
    return rows.order_by().values("subscriber").distinct().count()


def _next_start(digest: Digest) -> datetime:
    later = Digest.objects.filter(started_at__gt=digest.started_at)
    start = later.order_by("started_at").values_list("started_at", flat=True).first()
    return start or timezone.now()


def _items(links: list[DigestLink]) -> tuple[Interest, ...]:
    """Items with links, the most followed first."""
    clicks: Counter[tuple[int, str, str]] = Counter()
    for link in links:
        if link.item_number is not None:
            clicks[link.item_number, link.item, link.section] += link.clicks
    most = max(clicks.values(), default=0)
    ranked = sorted(clicks.items(), key=lambda row: (-row[1], row[0]))
    return tuple(
        Interest(name, count, _share(count, most), number, section)
        for (number, name, section), count in ranked
    )


def _sections(links: list[DigestLink]) -> tuple[Interest, ...]:
    """Sections in the order of the issue."""
    clicks: Counter[str] = Counter()
    for link in links:
        if link.section:
            clicks[link.section] += link.clicks
    most = max(clicks.values(), default=0)
    return tuple(
        Interest(name, count, _share(count, most)) for name, count in clicks.items()
    )


def _share(count: int, most: int) -> int:
    return round(100 * count / most) if most else 0
