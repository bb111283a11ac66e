"""No window of a limit's length ever holds more, whoever counts."""

import math
import time

import pytest
from django.core.cache import cache
from django.db.models.functions import Now

from newsletter.digests import pacing
from newsletter.digests.pacing import Limit, Pace
from newsletter.models import Delivery, Digest
from newsletter.states import DeliveryState
from scripts.processes import free_port
from tests.factories import DeliveryFactory, DigestFactory
from tests.newsletter.sending import all_at_once, send

pytestmark = pytest.mark.django_db


def test_limits_are_read_from_one_line():
    assert Limit.parse("50/s, 2000/m,100000/d") == (
        Limit(50, 1),
        Limit(2000, 60),
        Limit(100_000, 86_400),
    )
    assert Limit.parse("") == ()


@pytest.mark.parametrize("text", ["50", "fast", "50/s;60/m", "-1/s", "5/w"])
def test_what_is_no_limit_is_refused(text):
    with pytest.raises(ValueError, match="no limit such as"):
        Limit.parse(text)


def test_four_workers_together_get_no_more_than_one_would(settings):
    settings.EMAIL_RATE = "40/s"
    granted, begun = [], time.monotonic()

    def work():
        pace = Pace(1)
        while time.monotonic() - begun < 2:
            granted.append(pace.take(7, rate=None))

    assert all_at_once(4, work) == []

    windows = math.ceil(time.monotonic() - begun) + 1
    assert 40 <= sum(granted) <= 40 * windows


@pytest.mark.parametrize(("relay", "own"), [("100/m,3/m", None), ("", 3), ("9/m", 3)])
def test_tightest_limit_counts(settings, relay, own):
    settings.EMAIL_RATE = relay

    assert Pace(1).take(10, rate=own) == 3


def test_window_that_redis_lost_is_counted_from_the_ledger(settings):
    settings.EMAIL_RATE = "5/m"
    assert Pace(1).take(3, rate=None) == 3
    for _ in range(3):
        DeliveryFactory(state=DeliveryState.SENT, sent_at=Now())

    cache.clear()

    assert Pace(1).take(10, rate=None) == 2


def test_without_redis_each_sender_keeps_to_less_than_its_share(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    settings.EMAIL_RATE, settings.DIGEST_SENDERS = "30/s", 2
    pace, begun = Pace(1), time.monotonic()

    granted = 0
    while (spent := time.monotonic() - begun) < 1:
        granted += pace.take(5, rate=None)
        time.sleep(0.01)

    assert 0 < granted <= 10 * spent + 1


def test_digest_is_sent_no_faster_than_its_own_rate(mail_server, monkeypatch):
    monkeypatch.setattr("newsletter.digests.shift.SHIFT", 1.5)
    digest = DigestFactory(sending=True, readers=40)
    Digest.objects.update(rate=5)
    begun = time.monotonic()

    sent = send(digest)

    assert 5 <= sent <= 5 * (math.ceil(time.monotonic() - begun) + 1)
    assert sent == len(mail_server.received)


def test_providers_names_are_paced_together():
    assert pacing.provider_of("a@FOXMAIL.com") == "qq.com"
    assert pacing.provider_of("a@news.test") == "news.test"


def test_provider_that_takes_little_holds_up_nobody_else(mail_server, settings):
    settings.EMAIL_DOMAIN_RATES = {"qq.com": "2/h"}
    digest = DigestFactory(sending=True, readers=6)
    for name in ("a@qq.com", "b@foxmail.com", "c@qq.com", "d@vip.qq.com"):
        DeliveryFactory(digest=digest, address=name, canonical_address=name)
    Digest.objects.update(expected_count=10)

    assert send(digest) == 8

    waiting = Delivery.objects.exclude(state=DeliveryState.SENT)
    assert set(waiting.values_list("state", "attempts", "reaps")) == {("pending", 0, 0)}
    first, second = waiting.order_by("next_attempt_at")
    assert first.address.endswith(("qq.com", "foxmail.com"))
    assert first.next_attempt_at < second.next_attempt_at


def test_used_up_limit_sends_nothing_and_takes_nobody_an_attempt(
    mail_server, settings, monkeypatch
):
    monkeypatch.setattr("newsletter.digests.shift.LONGEST_DROUGHT", 0.1)
    settings.EMAIL_RATE = "2/d"
    digest = DigestFactory(sending=True, readers=4)

    assert send(digest) == 2
    assert send(digest) == 0

    left = Delivery.objects.exclude(state=DeliveryState.SENT)
    assert set(left.values_list("state", "attempts", "reaps")) == {("pending", 0, 0)}
