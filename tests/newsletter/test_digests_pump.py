"""One sender against a mail server that behaves as scripted."""

import pytest
from django.db import connection
from django.db.models.functions import Now

from newsletter import digests
from newsletter.digests import ledger, pump
from newsletter.models import Delivery, Digest, Subscriber, Suppression
from newsletter.states import DeliveryState, DigestState, Outcome, SubscriberState
from tests.factories import DigestFactory
from tests.mailserver import Cut, Stall
from tests.newsletter.sending import answer, elsewhere, send, states

pytestmark = pytest.mark.django_db


def test_everybody_gets_one_copy_over_few_connections(mail_server, settings):
    settings.EMAIL_CONNECTIONS = 4
    digest = DigestFactory(sending=True, readers=30)

    assert send(digest) == 30

    received = sorted(mail.recipients[0] for mail in mail_server.accepted)
    assert received == sorted(Subscriber.objects.values_list("address", flat=True))
    assert set(states()) == {DeliveryState.SENT}
    assert digest.state == DigestState.DONE
    assert mail_server.connections == 4


def test_each_copy_leads_to_its_own_way_out(mail_server):
    digest = DigestFactory(sending=True, readers=2)

    send(digest)

    for mail in mail_server.accepted:
        key = Subscriber.objects.get(address=mail.recipients[0]).key
        plain, html = mail.message.iter_parts()
        assert key in mail.message["List-Unsubscribe"]
        assert key in plain.get_content()
        assert key in html.get_content()
        assert "slot.invalid" not in plain.get_content() + html.get_content()


def test_second_copy_after_a_resend_has_the_same_message_id(mail_server):
    digest = DigestFactory(sending=True, readers=1)
    mail_server.script = answer("dot", Cut())
    send(digest)
    mail_server.script = answer("", None)
    ledger.resend(digest.pk)
    Digest.objects.update(state=DigestState.SENDING)

    send(digest)

    ids = [mail.message["Message-ID"] for mail in mail_server.received]
    assert len(ids) == 2
    assert len(set(ids)) == 1


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_intent_is_committed_between_body_and_dot(mail_server):
    digest = DigestFactory(sending=True, readers=1)
    seen = {}
    mail_server.script = lambda step, address: elsewhere(
        lambda: seen.setdefault(step, states())
    )

    send(digest)

    assert seen["data"] == ["claimed"]
    assert seen["dot"] == ["sending"]
    assert states() == ["sent"]


def test_reader_who_left_or_is_suppressed_is_skipped(mail_server):
    digest = DigestFactory(sending=True, readers=3)
    gone, suppressed, _ = Subscriber.objects.order_by("pk")
    Subscriber.objects.filter(pk=gone.pk).update(state=SubscriberState.UNSUBSCRIBED)
    Suppression.objects.create(
        canonical_address=suppressed.canonical_address, cause="complaint"
    )

    assert send(digest) == 1

    assert states() == ["skipped", "skipped", "sent"]
    assert digest.state == DigestState.DONE


@pytest.mark.django_db(transaction=True)
def test_reader_who_leaves_while_their_body_travels_is_not_mailed(mail_server):
    digest = DigestFactory(sending=True, readers=2)
    first = Subscriber.objects.order_by("pk").first()

    def leave(step, address):
        if (step, address) == ("rcpt", first.address):
            rows = Subscriber.objects.filter(pk=first.pk)
            elsewhere(lambda: rows.update(state=SubscriberState.UNSUBSCRIBED))

    mail_server.script = leave

    assert send(digest) == 1

    assert states() == ["skipped", "sent"]
    assert first.address not in [mail.recipients[0] for mail in mail_server.received]


@pytest.mark.parametrize("step", ["rcpt", "dot"])
def test_4xx_about_a_recipient_is_tried_again_later(mail_server, step):
    digest = DigestFactory(sending=True, readers=1)
    mail_server.script = answer(step, "451 4.7.1 greylisted")

    send(digest)
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == (DeliveryState.RETRY, 1)

    mail_server.script = answer("", None)
    Delivery.objects.update(next_attempt_at=Now())
    assert send(digest) == 1
    assert digest.state == DigestState.DONE


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_cut_before_the_dot_lets_the_row_wait(mail_server, step):
    digest = DigestFactory(sending=True, readers=1)
    mail_server.script = answer(step, Cut())

    send(digest)

    assert states() == ["pending"]
    assert mail_server.received == []
    assert digest.error_streak == 1


def test_cut_after_the_dot_is_unknown_and_never_resent_blindly(mail_server):
    digest = DigestFactory(sending=True, readers=1)
    mail_server.script = answer("dot", Cut())

    send(digest)
    mail_server.script = answer("", None)
    send(digest)
    digests.reap()
    send(digest)

    row = Delivery.objects.get()
    assert (row.state, row.outcome) == (DeliveryState.UNKNOWN, Outcome.CUT)
    assert len(mail_server.received) == 1


def test_server_that_stalls_after_the_dot_leaves_unknown(mail_server, settings):
    settings.EMAIL_DOT_TIMEOUT = 0.3
    digest = DigestFactory(sending=True, readers=1)
    mail_server.script = answer("dot", Stall(2))

    send(digest)

    assert states() == ["unknown"]


def test_worker_that_shuts_down_stops_before_the_next_mail(mail_server, settings):
    settings.EMAIL_CONNECTIONS = 1
    digest = DigestFactory(sending=True, readers=3)

    assert send(digest, stopping=lambda: len(mail_server.accepted) >= 1) == 1

    assert sorted(states()) == ["pending", "pending", "sent"]


def test_pump_without_a_seat_leaves_at_once(mail_server):
    digest = DigestFactory(sending=True, readers=1)
    seat = pump.Seat.take(digest.pk)

    assert send(digest) == 0

    seat.leave()
    assert send(digest) == 1


def terminate(backend: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])


def own_backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_result_survives_a_database_that_goes_away_after_the_dot(mail_server):
    digest = DigestFactory(sending=True, readers=1)
    backend = own_backend()

    def cut_database(step, address):
        if step == "dot":
            elsewhere(lambda: terminate(backend))

    mail_server.script = cut_database

    assert send(digest) == 1
    assert states() == ["sent"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("about", ["subscriber", "digest"])
def test_rows_wait_again_at_once_when_the_database_goes_away_after_the_claim(
    mail_server, about
):
    digest = DigestFactory(sending=True, readers=3)
    backend = own_backend()

    def cut_database(execute, sql, *arguments):
        held = Delivery.objects.filter(state=DeliveryState.CLAIMED)
        if sql.startswith(("SELECT", "WITH")) and f'FROM "newsletter_{about}"' in sql:
            elsewhere(lambda: terminate(backend) if held.exists() else None)
        return execute(sql, *arguments)

    with connection.execute_wrapper(cut_database):
        assert send(digest) == 0

    assert states() == ["pending"] * 3
    assert send(digest) == 3
