"""How the list is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from newsletter import list_health
from newsletter.models import Consent, MailEvent, Suppression
from newsletter.states import DeliveryState, Outcome
from tests.factories import DeliveryFactory, DigestFactory, SubscriberFactory
from tests.newsletter.received import came_back, received_digest, sent

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

# A Wednesday; in Shanghai the week began on the second.
NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
MONDAY = date(2026, 11, 2)


def weeks() -> dict[date, list_health.Week]:
    with timezone.override("Asia/Shanghai"):
        return {week.begins_on: week for week in list_health.growth(now=NOW)}


def confirm(at: datetime) -> None:
    SubscriberFactory(confirmed_at=at)


def test_the_last_weeks_are_shown_with_or_without_readers():
    shown = list(weeks())

    assert len(shown) == list_health.WEEKS
    assert shown[-1] == MONDAY
    assert shown[0] == MONDAY - timedelta(weeks=list_health.WEEKS - 1)


def test_a_week_begins_on_monday_on_the_publication_s_clock():
    confirm(datetime(2026, 11, 1, 15, 59, tzinfo=UTC))
    confirm(datetime(2026, 11, 1, 16, 1, tzinfo=UTC))

    found = weeks()

    assert found[MONDAY].confirmed == 1
    assert found[MONDAY - timedelta(weeks=1)].confirmed == 1


def test_who_left_and_who_was_suppressed_are_lost():
    deed = Consent.objects.create(deed=Consent.Deed.UNSUBSCRIBED, how="page")
    Consent.objects.filter(pk=deed.pk).update(at=NOW)
    Suppression.objects.create(canonical_address="a@b.test", cause="complaint")
    Suppression.objects.update(created_at=NOW)

    week = weeks()[MONDAY]

    assert (week.left, week.suppressed, week.lost) == (1, 1, 2)


def test_rates_are_of_what_was_taken_or_refused_for_good():
    digest = received_digest()
    failed = {"state": DeliveryState.FAILED, "outcome": Outcome.BOUNCED}
    DeliveryFactory(digest=digest, **failed)
    DeliveryFactory(digest=digest, state=DeliveryState.PENDING)

    (row,) = list_health.per_issue()

    assert (row.sent, row.bounced, row.complaints, row.clicks) == (5, 2, 1, 9)
    assert (row.bounce_rate, row.complaint_rate) == (40.0, 20.0)


@pytest.mark.parametrize(
    ("mails", "tone"), [(1001, "good"), (1000, "warned"), (334, "warned"), (333, "bad")]
)
def test_complaints_are_held_against_google_s_lines(mails, tone):
    digest = DigestFactory(sending=True)

    row = list_health.IssueHealth(digest, mails, bounced=0, complaints=1, clicks=0)

    assert row.tone == tone


def test_issues_stand_in_the_order_they_were_sent():
    old = DigestFactory(sending=True, started_at=NOW - timedelta(days=7))
    new = DigestFactory(sending=True, started_at=NOW)
    DigestFactory()

    assert [row.digest for row in list_health.per_issue()] == [old, new]


def test_a_mail_given_back_twice_is_one():
    (delivery,) = sent(DigestFactory(sending=True))
    came_back(delivery, MailEvent.Kind.BOUNCE_SOFT, "one")
    came_back(delivery, MailEvent.Kind.BOUNCE_OTHER, "two")

    assert list_health.per_issue()[0].bounced == 1


def test_every_cause_of_suppression_has_its_number():
    Suppression.objects.create(canonical_address="a@b.test", cause="complaint")

    causes = list_health.suppressed_by_cause()

    assert causes == {cause: int(cause == "complaint") for cause in Suppression.Cause}
