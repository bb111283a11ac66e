"""When one address fails, when the connection rests, when everything stops."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from newsletter import digests
from newsletter.models import Delivery, Digest, Subscriber, Suppression
from newsletter.states import DigestState, PauseReason
from tests.factories import DigestFactory, EditorFactory
from tests.newsletter.sending import answer, send, states

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_mail_at_a_time(settings):
    """So that the mail after which it stops is known; a wave ends what it began."""
    settings.EMAIL_CONNECTIONS = 1


def test_hard_bounce_fails_and_suppresses(mail_server):
    digest = DigestFactory(sending=True, readers=2)
    gone = Subscriber.objects.order_by("pk").first()
    mail_server.script = answer("rcpt", "550 5.1.1 unknown", to=gone.address)

    send(digest)

    assert states() == ["failed", "sent"]
    assert Suppression.objects.get().canonical_address == gone.canonical_address
    assert digest.error_streak == 0


def test_block_list_answer_fails_and_suppresses_nobody(mail_server):
    digest = DigestFactory(sending=True, readers=2)
    mail_server.script = answer("rcpt", "550 5.7.1 listed")

    send(digest)

    assert states() == ["failed", "failed"]
    assert not Suppression.objects.exists()
    assert digest.error_streak == 2


@pytest.mark.parametrize("step", ["connect", "mail"])
def test_4xx_about_the_connection_costs_no_recipient_an_attempt(mail_server, step):
    digest = DigestFactory(sending=True, readers=2)
    mail_server.script = answer(step, "451 4.3.2 busy")

    send(digest)

    assert states() == ["pending", "pending"]
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}
    assert digest.state == DigestState.SENDING
    assert (digest.backoffs, digest.backoff_until is not None) == (1, True)
    assert "451" in digest.backoff_reason


def test_nothing_is_sent_before_the_back_off_is_over_and_all_of_it_after(mail_server):
    digest = DigestFactory(sending=True, readers=1)
    Digest.objects.update(backoff_until=Now() + timedelta(seconds=60), backoffs=1)
    assert send(digest) == 0

    Digest.objects.update(backoff_until=Now() - timedelta(seconds=1))

    assert send(digest) == 1
    assert digest.backoffs == 0


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("connect", "554 5.7.1 not you"),
        ("mail", "530 5.7.0 log in first"),
        ("mail", "550 5.7.1 sender refused"),
        ("rcpt", "535 5.7.8 who are you?"),
        ("dot", "530 5.7.0 log in first"),
    ],
)
def test_server_that_does_not_let_us_in_pauses_and_touches_nobody(
    mail_server, step, words
):
    digest = DigestFactory(sending=True, readers=3)
    mail_server.script = answer(step, words)

    send(digest)

    assert (digest.state, digest.pause_reason) == (
        DigestState.PAUSED,
        PauseReason.RELAY,
    )
    assert words.split()[0] in digest.pause_detail
    assert set(states()) <= {"pending", "retry"}
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}


def test_twenty_errors_in_a_row_pause(mail_server):
    digest = DigestFactory(sending=True, readers=25)
    mail_server.script = answer("rcpt", "550 5.7.1 listed")

    send(digest)

    assert (digest.state, digest.pause_reason) == (
        DigestState.PAUSED,
        PauseReason.STREAK,
    )
    assert (states().count("failed"), states().count("pending")) == (20, 5)


def test_success_in_between_is_no_streak(mail_server):
    digest = DigestFactory(sending=True, readers=41)
    refused = set(Subscriber.objects.values_list("address", flat=True)[::2])
    mail_server.script = lambda step, address: (
        "554 5.7.1 no" if step == "rcpt" and address in refused else None
    )

    send(digest)

    assert digest.state == DigestState.DONE
    assert states().count("failed") == 21


def test_more_than_five_percent_of_the_last_200_pause(mail_server):
    digest = DigestFactory(sending=True, readers=230)
    refused = set(
        Subscriber.objects.order_by("pk").values_list("address", flat=True)[::15]
    )
    mail_server.script = lambda step, address: (
        "554 5.7.1 no" if step == "rcpt" and address in refused else None
    )

    send(digest)

    assert digest.pause_reason == PauseReason.SHARE
    assert Delivery.objects.exclude(answered_at=None).count() == 211


def test_resumption_forgives_earlier_errors(mail_server):
    digest = DigestFactory(sending=True, readers=30)
    mail_server.script = answer("rcpt", "550 5.7.1 listed")
    send(digest)
    mail_server.script = answer("", None)

    digests.resume_digest(digest=digest, by=EditorFactory())

    assert send(digest) == 10
    assert digest.state == DigestState.DONE
