"""What became of an issue's digest."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.issue_report import issue_report
from newsletter.models import Consent, MailEvent
from newsletter.states import DeliveryState, Outcome
from tests.factories import DeliveryFactory, DigestFactory
from tests.newsletter.received import came_back, followed, received_digest, sent

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

Kind = MailEvent.Kind


def leave(delivery, days: int = 0) -> None:
    consent = Consent.objects.create(
        subscriber=delivery.subscriber, deed=Consent.Deed.UNSUBSCRIBED, how="page"
    )
    at = timezone.now() + timedelta(days=days)
    Consent.objects.filter(pk=consent.pk).update(at=at)


def test_what_was_taken_and_given_back_was_not_delivered():
    report = issue_report(received_digest())

    assert (report.sent, report.delivered, report.bounced) == (4, 3, 1)
    assert report.complaints == 1


def test_what_was_refused_at_once_is_counted_with_what_came_back():
    digest = DigestFactory(sending=True)
    for outcome in (Outcome.BOUNCED, Outcome.EXHAUSTED, Outcome.REFUSED):
        DeliveryFactory(digest=digest, state=DeliveryState.FAILED, outcome=outcome)
    for delivery, kind in zip(sent(digest, 3), MailEvent.BOUNCES, strict=True):
        came_back(delivery, kind)

    report = issue_report(digest)

    assert (report.bounced, report.soft, report.refused) == (2, 2, 2)
    assert report.delivered == 0


def test_a_mail_that_bounced_twice_is_one():
    digest = DigestFactory(sending=True)
    (delivery,) = sent(digest)
    came_back(delivery, Kind.BOUNCE_SOFT, "one")
    came_back(delivery, Kind.BOUNCE_SOFT, "two")

    assert issue_report(digest).soft == 1


def test_who_left_before_the_next_issue_left_after_this_one():
    digest = DigestFactory(sending=True)
    first, second, third = sent(digest, 3)
    next_start = timezone.now() + timedelta(days=7)
    DigestFactory(sending=True, started_at=next_start)
    leave(first, days=1)
    leave(second, days=8)
    leave(third, days=-1)

    assert issue_report(digest).left == 1


def test_who_left_without_having_had_this_mail_is_not_counted():
    digest, other = DigestFactory(sending=True), DigestFactory()
    (delivery,) = sent(other)
    leave(delivery)

    assert issue_report(digest).left == 0


def test_items_are_ranked_by_how_often_they_were_followed():
    digest = DigestFactory(sending=True)
    followed(digest, 1, 3)
    followed(digest, 2, 4)
    followed(digest, 2, 2)
    followed(digest, 3, 0)

    items = issue_report(digest).items

    assert [(i.number, i.clicks, i.share) for i in items] == [
        (2, 6, 100),
        (1, 3, 50),
        (3, 0, 0),
    ]


def test_sections_stay_in_the_order_of_the_issue():
    digest = DigestFactory(sending=True)
    followed(digest, 1, 1, section="业界要闻")
    followed(digest, 2, 8, section="开源项目")

    sections = issue_report(digest).sections

    assert [(s.name, s.clicks) for s in sections] == [("业界要闻", 1), ("开源项目", 8)]


def test_clicks_outside_the_items_and_by_scanners_stand_apart():
    digest = received_digest()
    followed(digest, None, 5)

    report = issue_report(digest)

    assert (report.clicks, report.elsewhere, report.scans) == (14, 5, 9)
    assert round(report.clicks_per_hundred) == 467


def test_a_digest_without_counted_links_says_so():
    assert not issue_report(DigestFactory(sending=True)).counts_clicks
