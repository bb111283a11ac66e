"""From a followed link to a counter."""

import pytest
import redis
from django.urls import reverse

from newsletter import clicks
from newsletter.models import DigestLink
from tests.factories import DigestFactory, PublicationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


@pytest.fixture
def link():
    PublicationFactory()
    return DigestLink.objects.create(
        digest=DigestFactory(), position=0, token="t" * 16, url="https://a.test/?x=周&y"
    )


@pytest.fixture
def an_hour_later(monkeypatch):
    """Visits are over for whoever counts: an hour on the clock of the counting."""
    now = clicks.time.time() + 3600
    return lambda: monkeypatch.setattr(clicks.time, "time", lambda: now)


def follow(client, link, method: str = "get", **headers):
    path = reverse("site:click", args=[link.token])
    headers = {"User-Agent": BROWSER} | headers
    return getattr(client, method)(path, headers=headers)


def counted(link) -> tuple[int, int]:
    clicks.count_visits()
    link.refresh_from_db()
    return link.clicks, link.scans


def test_a_link_leads_where_it_was_frozen_to(client, link):
    response = follow(client, link)

    assert response.status_code == 302
    assert response["Location"] == "https://a.test/?x=%E5%91%A8&y"
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies


def test_an_address_of_no_mail_leads_nowhere(client, link):
    path = reverse("site:click", args=["u" * 16]) + "?url=https://evil.test/"

    assert client.get(path).status_code == 404


def test_following_changes_no_row_until_it_is_counted(client, link, an_hour_later):
    follow(client, link)
    link.refresh_from_db()
    assert (link.clicks, link.scans) == (0, 0)

    an_hour_later()

    assert counted(link) == (1, 0)
    assert counted(link) == (1, 0)


@pytest.mark.parametrize("method", ["head", "options"])
def test_asking_about_a_link_is_not_following_it(client, link, method, an_hour_later):
    follow(client, link, method)
    an_hour_later()

    assert counted(link) == (0, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": ""},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "python-requests/2.32"},
        {"Sec-Purpose": "prefetch;prerender"},
    ],
)
def test_programs_are_counted_apart(client, link, headers, an_hour_later):
    follow(client, link, **headers)
    an_hour_later()

    assert counted(link) == (0, 1)


def test_a_visit_that_may_go_on_waits(client, link, an_hour_later):
    follow(client, link)

    assert counted(link) == (0, 0)

    an_hour_later()
    assert counted(link) == (1, 0)


def test_a_count_that_died_before_its_clean_up_counts_nothing_twice(
    client, link, an_hour_later, settings
):
    follow(client, link)
    an_hour_later()
    clicks._set_aside()
    broker = redis.Redis.from_url(settings.REDIS_URL)
    keys = broker.keys("masthead:clicks*")
    kept = {key: broker.dump(key) for key in keys}
    assert counted(link) == (1, 0)

    for key, value in kept.items():
        broker.restore(key, 0, value)

    assert counted(link) == (1, 0)


def test_a_link_leads_on_while_redis_is_away(client, link, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert follow(client, link).status_code == 302
    assert clicks.count_visits() == 0


def test_nothing_noted_tells_the_visitor_s_address(client, link, settings):
    follow(client, link, **{"X-Forwarded-For": "203.0.113.7"})

    broker = clicks._broker(settings.REDIS_URL)
    (note,) = broker.lrange("masthead:clicks", 0, -1)
    assert "127.0.0.1" not in note
    assert "203.0.113.7" not in note
    assert 0 < broker.ttl("masthead:clicks") <= 24 * 60 * 60
