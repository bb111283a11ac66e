"""Subscribe, confirm, unsubscribe: the pages."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from editorial.models import hash_token
from newsletter import subscriptions, suppressions
from newsletter.models import Confirmation, Consent, Subscriber
from newsletter.states import SubscriberState
from tests.factories import PublicationFactory, SubscriberFactory

pytestmark = pytest.mark.django_db

TOKEN = "a token"


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory(name="Weekly", language="en")


@pytest.fixture
def strict_client():
    """A visitor whose browser kept no cookie of ours."""
    return Client(enforce_csrf_checks=True)


def mailed(**fields) -> str:
    """The address of a confirmation page that was mailed."""
    Confirmation.objects.create(
        subscriber=SubscriberFactory(
            state=SubscriberState.PENDING, confirmed_at=None, address="r@readers.test"
        ),
        token_hash=hash_token(TOKEN),
        sent_at=timezone.now(),
        **{"expires_at": timezone.now() + Confirmation.LIFETIME, **fields},
    )
    return reverse("site:confirm", args=[TOKEN])


def test_form_takes_an_address_without_cookie_or_token(strict_client):
    answer = strict_client.post("/subscribe/", {"address": "r@readers.test"})

    assert answer.status_code == 302
    assert answer.url == reverse("site:sent")
    assert Subscriber.objects.get().address == "r@readers.test"


def test_answer_is_the_same_for_new_known_and_suppressed(client):
    SubscriberFactory(address="known@readers.test")
    suppressions.suppress_bounced(address="bounced@readers.test")

    answers = [
        client.post("/subscribe/", {"address": f"{name}@readers.test"}, follow=True)
        for name in ("new", "known", "bounced")
    ]

    assert len({(a.status_code, a.text, str(a.redirect_chain)) for a in answers}) == 1


@pytest.mark.parametrize(
    "typed",
    ["a@x.test, b@x.test", "a@x.test\r\nBcc: b@x.test", "nobody", "", "a\x00@b"],
)
def test_wrong_address_is_a_400_that_keeps_what_was_typed(client, typed):
    answer = client.post("/subscribe/", {"address": typed})

    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert typed.split("\r")[0].split("\x00")[0] in answer.text
    assert not Subscriber.objects.exists()


def test_robot_that_fills_the_trap_gets_the_same_answer_and_nothing_else(client):
    typed = {"address": "r@readers.test", "website": "https://spam.test"}

    answer = client.post("/subscribe/", typed)

    assert answer.url == reverse("site:sent")
    assert not Subscriber.objects.exists()


def test_sixth_request_of_a_network_is_told_when_to_come_back(client):
    for number in range(5):
        client.post("/subscribe/", {"address": f"r{number}@readers.test"})

    answer = client.post("/subscribe/", {"address": "r6@readers.test"})

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 300
    assert "r6@readers.test" in answer.text


def test_network_is_not_what_the_visitor_claims(client):
    for number in range(5):
        headers = {"x-forwarded-for": f"198.51.100.{number}"}
        client.post("/subscribe/", {"address": f"r{number}@a.test"}, headers=headers)

    answer = client.post("/subscribe/", {"address": "r6@a.test"}, headers=headers)

    assert answer.status_code == 429


def test_network_is_what_the_trusted_proxy_says(client, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(6):
        headers = {"x-forwarded-for": f"10.0.0.1, 198.51.100.{number}"}
        answer = client.post(
            "/subscribe/", {"address": f"r{number}@a.test"}, headers=headers
        )

    assert answer.status_code == 302


def test_opening_a_confirmation_link_changes_nothing(client):
    address = mailed()

    for method in (client.get, client.head, client.options):
        method(address)

    assert Subscriber.objects.get().state == SubscriberState.PENDING


def test_press_confirms_without_cookie_or_token(strict_client):
    address = mailed()

    answer = strict_client.post(address)

    assert answer.status_code == 200
    assert "You are subscribed" in answer.text
    assert Subscriber.objects.get().state == SubscriberState.CONFIRMED


def test_repeated_press_and_later_visit_show_success(client):
    address = mailed()
    client.post(address)

    assert "You are subscribed" in client.post(address).text
    assert "You are subscribed" in client.get(address).text


def test_link_that_is_over_offers_a_new_one(client):
    address = mailed(expires_at=timezone.now())
    Confirmation.objects.update(created_at=timezone.now() - Confirmation.LIFETIME)

    page = client.get(address)
    answer = client.post(address, {"again": "1"})

    assert page.status_code == 410
    assert "Send a new link" in page.text
    assert answer.url == reverse("site:sent")
    assert Confirmation.objects.owed(timezone.now()).exists()


def test_unknown_link_is_told_so(client):
    answer = client.get(reverse("site:confirm", args=["nonsense"]))

    assert answer.status_code == 404
    assert "We do not know this link" in answer.text


@pytest.mark.parametrize("name", ["site:unsubscribe", "site:one_click"])
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_opening_an_unsubscribe_link_changes_nothing(client, name, method):
    subscriber = SubscriberFactory()

    answer = getattr(client, method)(reverse(name, args=[subscriber.key]))

    assert answer.status_code in {200, 405}
    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.CONFIRMED


def test_one_click_needs_nothing_but_the_post(strict_client):
    subscriber = SubscriberFactory()
    address = reverse("site:one_click", args=[subscriber.key])

    answers = [
        strict_client.post(address, {"List-Unsubscribe": "One-Click"}) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert not answers[0].cookies
    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.UNSUBSCRIBED
    assert Consent.objects.get(deed=Consent.Deed.UNSUBSCRIBED).how == "one-click"


def test_one_click_is_not_redirected_to_https(strict_client, settings):
    settings.SECURE_SSL_REDIRECT = True
    subscriber = SubscriberFactory()
    address = reverse("site:one_click", args=[subscriber.key])

    assert Client().post(address, secure=False).status_code == 200


def test_page_unsubscribes_and_takes_back_the_slip(client):
    subscriber = SubscriberFactory(address="reader@readers.test")
    address = reverse("site:unsubscribe", args=[subscriber.key])

    left = client.post(address)
    again = client.post(address, {"again": "1"})

    assert "You are unsubscribed" in left.text
    assert again.url == reverse("site:sent")
    assert Confirmation.objects.owed(timezone.now()).exists()


def test_page_shows_no_whole_address_to_whoever_got_the_link(client):
    subscriber = SubscriberFactory(address="reader@readers.test")

    page = client.get(reverse("site:unsubscribe", args=[subscriber.key])).text

    assert "reader@readers.test" not in page
    assert "r…\u2060@readers.test" in page


@pytest.mark.parametrize("name", ["site:unsubscribe", "site:one_click"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_key_is_a_404(client, name, method):
    answer = getattr(client, method)(reverse(name, args=["nonsense"]))

    assert answer.status_code == 404


def test_pages_about_a_reader_are_kept_by_nobody(client):
    key = SubscriberFactory(address="other@readers.test").key
    for address in (mailed(), f"/unsubscribe/{key}/", f"/u/{key}/", "/subscribe/sent/"):
        answer = client.get(address)

        assert answer["Cache-Control"] == "no-store"
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "no-referrer"


def test_dead_broker_holds_up_no_reader(
    client, dead_broker, caplog, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/subscribe/", {"address": "r@readers.test"})

    assert "no answer at the door" in caplog.text
    assert answer.status_code == 302
    assert subscriptions.counts().pending == 1
