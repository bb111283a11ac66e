"""Changing one's address: the domain."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsletter import digests, subscriptions, suppressions
from newsletter.models import Confirmation, Consent, Subscriber
from newsletter.subscriptions import Token, TooManyRequests
from tests.factories import DigestFactory, PublicationFactory, SubscriberFactory

from .mailed import newest_link

pytestmark = pytest.mark.django_db

NEW = "new@readers.test"


@pytest.fixture
def reader():
    PublicationFactory(language="en")
    return SubscriberFactory(address="old@readers.test", name="Qing", wants="text")


@pytest.fixture
def ask(reader, mailoutbox):
    """Ask for the new address; the token that was mailed there."""

    def request(address=NEW, of=reader):
        subscriptions.request_move(reader=of, address=address, client="::1")
        return newest_link(mailoutbox, "/move/").split("/")[2]

    return request


def mailable():
    return [subscriber.address for subscriber in Subscriber.objects.mailable()]


def press(token):
    return subscriptions.confirm_move(token=token, client="::1")[0]


def test_nothing_changes_until_the_new_address_confirms(ask):
    ask()

    assert mailable() == ["old@readers.test"]


def test_press_moves_the_subscription_and_what_was_chosen(ask):
    assert press(ask()) is Token.DONE

    new = Subscriber.objects.mailable().get()
    assert (new.address, new.name, new.wants) == (NEW, "Qing", "text")
    assert Subscriber.objects.get(address="old@readers.test").has_left


def test_second_press_shows_success_and_changes_nothing(ask):
    token = ask()
    press(token)
    trail = Consent.objects.count()

    assert press(token) is Token.DONE
    assert Consent.objects.count() == trail


def test_who_left_meanwhile_is_not_brought_back(ask, reader):
    token = ask()
    subscriptions.unsubscribe(key=reader.key, how="page")

    assert press(token) is Token.EXPIRED
    assert mailable() == []


def test_link_is_over_after_48_hours(ask):
    token = ask()
    Confirmation.objects.update(expires_at=timezone.now())

    assert press(token) is Token.EXPIRED


def test_address_that_is_subscribed_already_keeps_its_own_choices(ask):
    SubscriberFactory(address=NEW, name="Other")

    assert press(ask()) is Token.DONE
    assert Subscriber.objects.mailable().get().name == "Other"


def test_suppressed_address_is_not_even_asked(reader, mailoutbox):
    suppressions.suppress_bounced(address=NEW)

    subscriptions.request_move(reader=reader, address=NEW, client="::1")

    assert subscriptions.send_owed_confirmations() == 0


def test_own_address_is_reminded_and_stays_subscribed(reader, mailoutbox):
    subscriptions.request_move(reader=reader, address=reader.address, client="::1")
    subscriptions.send_owed_confirmations()

    assert "It comes here already" in mailoutbox[0].body
    assert mailable() == ["old@readers.test"]


def test_new_known_and_suppressed_addresses_cost_the_same_statements(reader):
    SubscriberFactory(address="known@readers.test")
    suppressions.suppress_bounced(address="bounced@readers.test")
    statements = []
    for name in ("new", "known", "bounced"):
        with CaptureQueriesContext(connection) as captured:
            subscriptions.request_move(
                reader=reader, address=f"{name}@readers.test", client="::1"
            )
        statements.append([query["sql"].split(" ", 1)[0] for query in captured])

    assert statements[0] == statements[1] == statements[2]


def test_network_limit_holds_for_moves_too(reader):
    for number in range(5):
        address = f"r{number}@readers.test"
        subscriptions.request_move(reader=reader, address=address, client="::1")

    with pytest.raises(TooManyRequests):
        subscriptions.request_move(reader=reader, address=NEW, client="::1")


def test_token_of_a_move_confirms_no_subscription_and_opens_no_data(ask):
    token = ask()

    assert subscriptions.look_at_token(token=token) is Token.UNKNOWN
    assert subscriptions.reader_of_data(token=token) is None


def test_token_of_a_subscription_moves_nobody(reader, mailoutbox):
    subscriptions.request_subscription(address=NEW, client="::1")
    token = newest_link(mailoutbox, "/confirm/").split("/")[2]

    assert press(token) is Token.UNKNOWN


@pytest.mark.engines
def test_copy_that_waits_follows_to_the_new_address(ask):
    digest = DigestFactory(sending=True, readers=1)
    waiting = digest.deliveries.get()

    press(ask(of=waiting.subscriber))

    [claim] = digests.claim(digest_id=digest.pk)
    assert claim.address == NEW
    assert not digests.ledger.reasons_to_skip([claim])


def test_nobody_gets_the_same_digest_twice_by_moving(ask):
    digest = DigestFactory(sending=True, readers=2)
    one, other = digest.deliveries.select_related("subscriber")

    press(ask(other.address, of=one.subscriber))

    [mine, theirs] = digests.claim(digest_id=digest.pk)
    assert [*digests.ledger.reasons_to_skip([mine, theirs])] == [mine]
