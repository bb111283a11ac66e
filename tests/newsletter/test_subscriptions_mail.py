"""The confirmation mail: owed in the outbox, sent once, or told why not."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from editorial.models import hash_token
from newsletter import subscriptions, suppressions
from newsletter.models import Confirmation, Subscriber
from newsletter.subscriptions import Token
from tests.factories import PublicationFactory, SubscriberFactory
from tests.mailserver import Cut

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def publication(settings):
    settings.PUBLIC_URL = "https://weekly.example"
    return PublicationFactory(
        name="Weekly", language="en", sender_name="Weekly", sender_email="w@weekly.test"
    )


def ask(address="reader@readers.test"):
    subscriptions.request_subscription(address=address, client="")


def token_in(text: str) -> str:
    return re.search(r"https://weekly\.example/confirm/([^/]+)/", text)[1]


def lease_runs_out() -> None:
    Confirmation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def test_mail_carries_a_link_that_confirms(mailoutbox):
    ask()

    assert subscriptions.send_owed_confirmations() == 1

    [mail] = mailoutbox
    token = token_in(mail.body)
    assert mail.to == ["reader@readers.test"]
    assert mail.subject == "Confirm that you want Weekly"
    assert mail.from_email == "Weekly <w@weekly.test>"
    assert subscriptions.confirm(token=token, client="") is Token.DONE


def test_html_part_has_the_same_link_and_its_style_inlined(mailoutbox):
    ask()
    subscriptions.send_owed_confirmations()

    [mail] = mailoutbox
    [(html, kind)] = mail.alternatives
    assert kind == "text/html"
    assert token_in(html) == token_in(mail.body)
    assert re.search(r'<a class="press"[^>]* style="[^"]*background', html)


def test_mail_speaks_the_publication_s_language(mailoutbox, publication):
    publication.language = "zh-hans"
    publication.save()
    ask()
    subscriptions.send_owed_confirmations()

    assert 'lang="zh-hans"' in mailoutbox[0].alternatives[0][0]


def test_mail_that_cannot_be_made_is_an_error_of_its_own_and_tried_again(
    mailoutbox, publication
):
    type(publication).objects.update(sender_name="Week\nly")
    ask()

    assert subscriptions.send_owed_confirmations() == 0
    assert Confirmation.objects.get().error
    type(publication).objects.update(sender_name="Weekly")
    lease_runs_out()

    assert subscriptions.send_owed_confirmations() == 1
    assert len(mailoutbox) == 1


def test_token_is_stored_as_a_hash_only(mailoutbox):
    ask()
    subscriptions.send_owed_confirmations()

    token = token_in(mailoutbox[0].body)
    confirmation = Confirmation.objects.get()
    assert confirmation.token_hash == hash_token(token)
    assert len(token) >= 43  # 256 bits


def test_mail_is_sent_once(mailoutbox):
    ask()
    subscriptions.send_owed_confirmations()

    assert subscriptions.send_owed_confirmations() == 0
    assert len(mailoutbox) == 1


def test_subscriber_is_told_that_there_is_nothing_to_do(mailoutbox):
    subscriber = SubscriberFactory(address="reader@readers.test")
    ask()
    subscriptions.send_owed_confirmations()

    [mail] = mailoutbox
    assert mail.subject == "You are subscribed to Weekly already"
    assert f"/unsubscribe/{subscriber.key}/" in mail.body
    assert "/confirm/" not in mail.body


def test_suppressed_address_gets_no_mail(mailoutbox):
    suppressions.suppress_bounced(address="reader@readers.test")
    ask()

    assert subscriptions.send_owed_confirmations() == 0
    assert not mailoutbox
    assert Confirmation.objects.get().failed_at is not None


def test_who_left_meanwhile_gets_no_mail(mailoutbox):
    ask()
    subscriptions.unsubscribe(key=Subscriber.objects.get().key, how="page")

    assert subscriptions.send_owed_confirmations() == 0
    assert not mailoutbox


def test_mail_leaves_by_real_smtp(mail_server):
    ask("reader@例子.test")

    assert subscriptions.send_owed_confirmations() == 1
    assert len(mail_server.accepted) == 1


def test_server_that_is_away_costs_an_attempt_and_a_wait(settings, mailoutbox):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    ask()

    assert subscriptions.send_owed_confirmations() == 0
    confirmation = Confirmation.objects.get()
    assert confirmation.error.startswith("ConnectionRefusedError")
    assert confirmation.lease_until > timezone.now()
    assert confirmation.failed_at is None


def test_mail_leaves_when_the_server_is_back(settings, mailoutbox):
    here = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    ask()
    for _ in range(3):
        subscriptions.send_owed_confirmations()
        lease_runs_out()
    settings.EMAIL_BACKEND = here

    assert subscriptions.send_owed_confirmations() == 1


def test_refused_address_is_given_up_without_being_repeated(mail_server):
    mail_server.script = lambda step, address: (
        "550 5.1.1 no such user" if step == "rcpt" else None
    )
    ask()
    subscriptions.send_owed_confirmations()

    confirmation = Confirmation.objects.get()
    assert confirmation.failed_at is not None
    assert "550" in confirmation.error
    assert "reader@" not in confirmation.error


def test_uncertain_mail_is_sent_once_more_and_never_a_third_time(mail_server):
    mail_server.script = lambda step, address: Cut() if step == "dot" else None
    ask()
    for _ in range(4):
        subscriptions.send_owed_confirmations()
        lease_runs_out()

    assert len(mail_server.received) == 2
    assert Confirmation.objects.get().failed_at is not None


def test_later_copy_of_an_uncertain_mail_confirms(mail_server):
    mail_server.script = lambda step, address: Cut() if step == "dot" else None
    ask()
    subscriptions.send_owed_confirmations()
    mail_server.script = lambda step, address: None
    lease_runs_out()
    subscriptions.send_owed_confirmations()

    [mail] = mail_server.accepted
    token = token_in(mail.message.get_body(("plain",)).get_content())
    assert subscriptions.confirm(token=token, client="") is Token.DONE


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once(mail_server):
    for number in range(5):
        ask(f"reader{number}@readers.test")

    def work(_):
        try:
            return subscriptions.send_owed_confirmations()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(work, range(4)))

    assert sent == len(mail_server.accepted) == 5
