"""How the list is: growth, what comes back, whether anybody reads. No address in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, DateTimeField, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone

from newsletter.models import (
    Consent,
    Delivery,
    Digest,
    DigestLink,
    MailEvent,
    Subscriber,
    Suppression,
)
from newsletter.states import DeliveryState, Outcome

WEEKS = 12
ISSUES = 12
# Google's rules for senders: below 0.1 % reported as spam, and never 0.3 %.
COMPLAINTS_WARN, COMPLAINTS_BAD = 0.1, 0.3


@dataclass(frozen=True, slots=True)
class Week:
    """From this Monday on, in the time zone in force."""

    begins_on: date
    confirmed: int
    left: int
    suppressed: int

    @property
    def lost(self) -> int:
        return self.left + self.suppressed


@dataclass(frozen=True, slots=True)
class IssueHealth:
    """Rates in percent of the mails that were taken or bounced."""

    digest: Digest
    sent: int
    bounced: int
    complaints: int
    clicks: int

    @property
    def bounce_rate(self) -> float:
        return self._rate(self.bounced)

    @property
    def complaint_rate(self) -> float:
        return self._rate(self.complaints)

    @property
    def clicks_per_hundred(self) -> float:
        return self._rate(self.clicks)

    @property
    def tone(self) -> str:
        """ "good", "warned" or "bad", by the complaints."""
        if self.complaint_rate >= COMPLAINTS_BAD:
            return "bad"
        return "warned" if self.complaint_rate >= COMPLAINTS_WARN else "good"

    def _rate(self, count: int) -> float:
        return 100 * count / self.sent if self.sent else 0.0


def growth(*, now: datetime | None = None) -> list[Week]:
    """The last WEEKS weeks, this one last."""
    today = timezone.localtime(now)
    monday = today.date() - timedelta(days=today.weekday())
    days = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    zone = timezone.get_current_timezone()
    since = datetime.combine(days[0], time(), tzinfo=zone)
    left = Consent.objects.filter(deed=Consent.Deed.UNSUBSCRIBED)
    confirmed = _per_week(Subscriber.objects.all(), "confirmed_at", since)
    gone = _per_week(left, "at", since)
    suppressed = _per_week(Suppression.objects.all(), "created_at", since)
    return [Week(day, confirmed[day], gone[day], suppressed[day]) for day in days]


def _per_week(rows: QuerySet, moment: str, since: datetime) -> Counter[date]:
    week = TruncWeek(moment, output_field=DateTimeField())
    counted = (
        rows.filter(**{f"{moment}__gte": since})
        .order_by()
        .annotate(week=week)
        .values_list("week")
        .annotate(Count("pk"))
    )
    return Counter({week.date(): count for week, count in counted})


def per_issue() -> list[IssueHealth]:
    """The last ISSUES digests that were started, the newest last."""
    started = Digest.objects.filter(started_at__isnull=False).select_related("issue")
    newest = list(started.defer("html", "text").order_by("-started_at")[:ISSUES])
    keys = [digest.pk for digest in newest]
    sent, refused = _mailed(keys)
    given_back, complaints = _came_back(keys)
    clicked = DigestLink.objects.filter(digest__in=keys).order_by()
    clicks = Counter(dict(clicked.values_list("digest").annotate(Sum("clicks"))))
    return [
        IssueHealth(
            digest,
            sent=sent[digest.pk] + refused[digest.pk],
            bounced=refused[digest.pk] + given_back[digest.pk],
            complaints=complaints[digest.pk],
            clicks=clicks[digest.pk],
        )
        for digest in reversed(newest)
    ]


def _mailed(keys: Iterable[int]) -> tuple[Counter[int], Counter[int]]:
    """Mails taken by the server, and refused by it because nobody is there."""
    rows = Delivery.objects.filter(digest__in=keys).order_by().values("digest")
    counted = rows.annotate(
        sent=Count("pk", filter=Q(state=DeliveryState.SENT)),
        refused=Count("pk", filter=Q(outcome=Outcome.BOUNCED)),
    )
    sent, refused = Counter[int](), Counter[int]()
    for row in counted:
        sent[row["digest"]], refused[row["digest"]] = row["sent"], row["refused"]
    return sent, refused


def _came_back(keys: Iterable[int]) -> tuple[Counter[int], Counter[int]]:
    """Mails given back later for whatever reason, and complained about."""
    rows = MailEvent.objects.filter(delivery__digest__in=keys).order_by()
    counted = rows.values("delivery__digest").annotate(
        given_back=Count(
            "delivery", filter=Q(kind__in=MailEvent.BOUNCES), distinct=True
        ),
        complaints=Count(
            "delivery", filter=Q(kind=MailEvent.Kind.COMPLAINT), distinct=True
        ),
    )
    given_back, complaints = Counter[int](), Counter[int]()
    for row in counted:
        key = row["delivery__digest"]
        given_back[key], complaints[key] = row["given_back"], row["complaints"]
    return given_back, complaints


def suppressed_by_cause() -> dict[Suppression.Cause, int]:
    """How many addresses are suppressed for each cause; every cause has its number."""
    rows = Suppression.objects.order_by().values_list("cause").annotate(Count("pk"))
    counts = dict(rows)
    return {cause: counts.get(cause.value, 0) for cause in Suppression.Cause}
