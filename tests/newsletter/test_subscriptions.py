"""Asking, confirming, leaving: the domain."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from editorial.models import hash_token
from newsletter import subscriptions, suppressions
from newsletter.models import Confirmation, Consent, Subscriber
from newsletter.states import SubscriberState
from newsletter.subscriptions import Token, TooManyRequests
from tests.factories import PublicationFactory, SubscriberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory()


def ask(address="reader@readers.test", client="198.51.100.7"):
    subscriptions.request_subscription(address=address, client=client)


def given_link(address="reader@readers.test") -> str:
    """The token that was mailed to a subscriber who asked."""
    ask(address)
    confirmation = Confirmation.objects.latest("pk")
    token = f"token of {confirmation.pk}"
    Confirmation.objects.filter(pk=confirmation.pk).update(
        token_hash=hash_token(token), sent_at=timezone.now()
    )
    return token


def age(rows, **ago) -> None:
    """Move these rows into the past."""
    field = "at" if rows.model is Consent else "created_at"
    rows.update(**{field: timezone.now() - timedelta(**ago)})


def test_asking_makes_a_pending_subscriber_and_owes_a_mail():
    ask()

    assert Subscriber.objects.get().state == SubscriberState.PENDING
    assert Confirmation.objects.owed(timezone.now()).count() == 1
    assert Consent.objects.get().deed == Consent.Deed.REQUESTED


def test_asking_again_in_another_spelling_is_the_same_mailbox():
    ask("Reader@Readers.TEST")
    ask("reader@readers.test")

    assert Subscriber.objects.count() == 1


def test_domain_in_chinese_is_the_same_mailbox_as_in_punycode():
    ask("reader@例子.test")
    ask("reader@xn--fsqu00a.test")

    assert Subscriber.objects.count() == 1


@pytest.mark.parametrize(
    "typed",
    [
        *("", "reader", "a@x.test, b@x.test", "a@x.test;b@x.test", "a@x.test b@x.test"),
        *("a@x.test\r\nBcc: b@x.test", "a@x.test\n", "a@x.test\x00", "a\x0b@x.test"),
        *("A <a@x.test>", "a@@x.test", "a@x", "\ud800@x.test", f"{'a' * 250}@x.test"),
        f"a@{'é' * 60}.test",
    ],
)
def test_what_is_not_exactly_one_address_is_refused(typed):
    with pytest.raises(ValidationError) as refusal:
        ask(typed)

    assert "address" in refusal.value.message_dict
    assert not Subscriber.objects.exists()


def test_new_known_and_suppressed_addresses_cost_the_same_statements():
    SubscriberFactory(address="known@readers.test")
    suppressions.suppress_bounced(address="bounced@readers.test")
    statements = []
    for address in ("new@readers.test", "known@readers.test", "bounced@readers.test"):
        with CaptureQueriesContext(connection) as captured:
            ask(address)
        statements.append([query["sql"].split(" ", 1)[0] for query in captured])

    assert statements[0] == statements[1] == statements[2]


def test_address_is_mailed_once_in_a_quarter_of_an_hour():
    ask()
    ask(client="198.51.100.8")

    assert Confirmation.objects.count() == 1


def test_address_is_mailed_three_times_a_day():
    for _ in range(5):
        ask()
        age(Confirmation.objects.filter(created_at__gt=fresh()), minutes=16)
        age(Consent.objects.all(), minutes=16)

    assert Confirmation.objects.count() == 3


def fresh():
    return timezone.now() - timedelta(minutes=1)


def test_network_may_ask_five_times_in_five_minutes():
    for number in range(5):
        ask(f"reader{number}@readers.test")

    with pytest.raises(TooManyRequests) as refusal:
        ask("sixth@readers.test")

    assert 0 < refusal.value.retry_after <= 300
    ask("sixth@readers.test", client="198.51.100.8")


def test_network_may_ask_again_after_five_minutes():
    for number in range(5):
        ask(f"reader{number}@readers.test")
    age(Consent.objects.all(), minutes=6)

    ask("sixth@readers.test")


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_network_limit_holds_against_a_burst():
    def burst(number):
        try:
            ask(f"reader{number}@readers.test")
        except TooManyRequests:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(8) as pool:
        accepted = sum(pool.map(burst, range(16)))

    assert accepted == 5


def test_press_confirms():
    token = given_link()

    assert subscriptions.look_at_token(token=token) is Token.OPEN
    assert subscriptions.confirm(token=token, client="") is Token.DONE
    subscriber = Subscriber.objects.get()
    assert subscriber.state == SubscriberState.CONFIRMED
    assert subscriber.confirmed_at is not None
    assert Consent.objects.filter(deed=Consent.Deed.CONFIRMED).count() == 1


def test_second_press_shows_success_and_changes_nothing():
    token = given_link()
    subscriptions.confirm(token=token, client="")

    assert subscriptions.confirm(token=token, client="") is Token.DONE
    assert Consent.objects.filter(deed=Consent.Deed.CONFIRMED).count() == 1


def test_link_is_over_after_48_hours():
    token = given_link()
    Confirmation.objects.update(expires_at=timezone.now())

    assert subscriptions.confirm(token=token, client="") is Token.EXPIRED
    assert Subscriber.objects.get().state == SubscriberState.PENDING


def test_old_link_does_not_bring_back_who_has_left():
    token = given_link()
    subscriptions.confirm(token=token, client="")
    subscriptions.unsubscribe(key=Subscriber.objects.get().key, how="page")

    assert subscriptions.confirm(token=token, client="") is Token.EXPIRED
    assert Subscriber.objects.get().state == SubscriberState.UNSUBSCRIBED


@pytest.mark.parametrize("token", ["", "nonsense", "\x00"])
def test_unknown_link_confirms_nobody(token):
    given_link()

    assert subscriptions.confirm(token=token, client="") is Token.UNKNOWN


def test_new_link_is_sent_in_place_of_an_old_one():
    token = given_link()
    Confirmation.objects.update(expires_at=timezone.now())
    age(Confirmation.objects.all(), days=3)

    subscriptions.request_again(token=token, client="")

    assert Confirmation.objects.owed(timezone.now()).count() == 1


def test_leaving_twice_leaves_once():
    subscriber = SubscriberFactory()

    for _ in range(2):
        subscriptions.unsubscribe(key=subscriber.key, how="page")

    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.UNSUBSCRIBED
    assert subscriber.unsubscribed_at is not None
    assert Consent.objects.filter(deed=Consent.Deed.UNSUBSCRIBED).count() == 1


def test_unknown_key_unsubscribes_nobody():
    SubscriberFactory()

    assert subscriptions.unsubscribe(key="nonsense", how="page") is None
    assert Subscriber.objects.confirmed().count() == 1


def test_who_has_left_may_come_back_by_confirming_again():
    subscriber = SubscriberFactory(address="reader@readers.test")
    subscriptions.unsubscribe(key=subscriber.key, how="page")

    token = given_link()

    assert subscriptions.confirm(token=token, client="") is Token.DONE


def test_asking_for_a_subscriber_changes_nothing_for_them():
    subscriber = SubscriberFactory(address="reader@readers.test")

    ask()

    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.CONFIRMED


def test_counts_tell_how_many_and_nothing_else():
    SubscriberFactory.create_batch(3)
    SubscriberFactory(address="bounced@readers.test")
    suppressions.suppress_bounced(address="bounced@readers.test")
    ask("new@readers.test")

    assert subscriptions.counts() == subscriptions.Counts(
        confirmed=4, pending=1, unsubscribed=0, suppressed=1, mailable=3
    )
