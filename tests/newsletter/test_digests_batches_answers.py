"""What a provider's answer to a batch does to its readers and to the digest."""

from collections import Counter

import pytest
from django.db import connection
from django.db.models.functions import Now

from newsletter.models import Delivery, Digest, Suppression
from newsletter.states import DeliveryState, DigestState, Outcome, PauseReason
from tests.newsletter.sending import digest_for, elsewhere, send, states
from tests.newsletter.test_digests_pump import terminate
from tests.providerserver import Cut, Said, Stall

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["mailgun", "postmark", "brevo"])
@pytest.mark.parametrize(
    "trouble", [Cut(), Said(500), Said(503), Said(200, {"what": 1}), Said(408)]
)
def test_an_unclear_answer_makes_the_batch_uncertain_and_nothing_goes_again(
    provider, name, trouble
):
    server = provider(name)
    digest = digest_for(3)
    server.script = lambda request: trouble

    assert send(digest) == 0
    assert send(digest) == 0

    assert set(states()) == {DeliveryState.UNKNOWN}
    assert set(Counter(to for call in server.calls for to in call.to).values()) == {1}


def test_a_provider_that_says_nothing_for_too_long_leaves_the_batch_uncertain(
    provider, settings
):
    server = provider("sendgrid")
    settings.EMAIL_DOT_TIMEOUT = 0.3
    server.script = lambda request: Stall(1.5)

    assert send(digest_for(2)) == 0

    assert set(states()) == {DeliveryState.UNKNOWN}
    assert len(server.calls) == 1


def test_many_uncertain_ones_at_once_pause(provider):
    server = provider("mailgun")
    digest = digest_for(25)
    server.script = lambda request: Said(502)

    send(digest)

    assert digest.state == DigestState.PAUSED
    assert digest.pause_reason == PauseReason.STREAK


def test_where_a_call_with_its_key_counts_once_it_is_made_again(provider, monkeypatch):
    monkeypatch.setattr("newsletter.postbox.carrier.REPEAT_AFTER", (0.0, 0.0))
    server = provider("resend")
    server.script = lambda request: Cut() if len(server.calls) < 2 else None

    assert send(digest_for(3)) == 3

    assert len({call.headers["idempotency-key"] for call in server.calls}) == 1
    assert len(server.calls) == 2
    assert len(server.accepted) == 3
    names = {mail.name for mail in server.accepted}
    assert set(Delivery.objects.values_list("provider_id", flat=True)) == names


@pytest.mark.parametrize("code", [401, 402, 403, 404])
def test_a_key_that_does_not_fit_pauses_and_costs_no_reader_anything(provider, code):
    server = provider("mailgun")
    digest = digest_for(3)
    server.script = lambda request: Said(code, {"message": "Forbidden: a@b.test"})

    send(digest)

    assert (digest.state, digest.pause_reason) == ("paused", PauseReason.RELAY)
    assert digest.pause_detail == f"login: {code} Forbidden: …"
    assert set(states()) == {DeliveryState.RETRY}
    assert not Delivery.objects.exclude(attempts=0).exists()


def test_a_redirect_takes_the_key_nowhere(provider):
    server = provider("mailgun")
    digest = digest_for(1)
    server.script = lambda request: Said(302, None, {"Location": "http://127.0.0.1:9/"})

    send(digest)

    assert (digest.state, set(states())) == ("paused", {DeliveryState.RETRY})


def test_an_api_that_is_not_there_is_left_alone_for_a_while(provider, settings):
    provider("mailgun")
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_API_URL": "http://127.0.0.1:9/"}
    digest = digest_for(2)

    send(digest)

    assert digest.backoff_until is not None
    assert set(states()) == {DeliveryState.RETRY}


def test_too_many_requests_rest_as_long_as_was_asked_for(provider):
    server = provider("sendgrid")
    digest = digest_for(2)
    server.script = lambda request: Said(429, None, {"Retry-After": "600"})

    send(digest)

    assert set(states()) == {DeliveryState.RETRY}
    ahead = Digest.objects.filter(backoff_until__gt=Now())
    assert ahead.exists()
    seconds = (digest.backoff_until - Delivery.objects.first().updated_at).seconds
    assert 590 <= seconds <= 610


def test_a_short_rest_is_taken_in_the_seat(provider):
    server = provider("resend")
    busy = Said(429, {"message": "Too many requests"}, {"Retry-After": "0.1"})
    server.script = lambda request: busy if len(server.calls) < 3 else None

    assert send(digest_for(2)) == 2

    assert len(server.calls) == 3


def refuse(poison: set[str], words: str = "to parameter is not a valid address"):
    """A provider that takes no call with one of these in it."""
    return lambda request: (
        Said(400, {"message": words}) if poison & set(request.to) else None
    )


@pytest.mark.parametrize("name", ["mailgun", "sendgrid", "resend"])
def test_one_row_that_spoils_its_batch_takes_no_other_with_it(provider, name):
    server = provider(name)
    digest = digest_for(12)
    poison = Delivery.objects.order_by("pk")[4]
    server.script = refuse({poison.address})

    assert send(digest) == 11

    poison.refresh_from_db()
    assert (poison.state, poison.outcome) == ("failed", Outcome.REFUSED)
    assert digest.state == DigestState.DONE
    assert set(Counter(mail.to for mail in server.accepted).values()) == {1}


def test_a_mail_that_is_refused_for_everybody_fails_nobody(provider):
    server = provider("mailgun")
    digest = digest_for(30)
    server.script = lambda request: Said(400, {"message": "from is not yours"})

    send(digest)

    assert (digest.state, digest.pause_reason) == ("paused", PauseReason.STREAK)
    assert set(states()) == {DeliveryState.RETRY}


def postmark_says(address: str, code: int, words: str):
    """One mail of a batch gets this answer, the others are taken."""

    def script(request):
        said = []
        for mail in request.mails:
            fine = {"ErrorCode": 0, "Message": "OK", "MessageID": mail.name}
            bad = {"ErrorCode": code, "Message": words}
            said.append(bad if mail.to == address else fine | {"To": mail.to})
        return Said(200, said)

    return script


@pytest.mark.parametrize(
    ("code", "words", "outcome"),
    [
        (300, "Invalid 'To' address: 'x'.", Outcome.BOUNCED),
        (300, "Invalid metadata content.", Outcome.REFUSED),
        (406, "Found inactive addresses: x.", Outcome.REFUSED),
    ],
)
def test_postmark_answers_for_each_mail_of_a_batch(provider, code, words, outcome):
    server = provider("postmark")
    digest = digest_for(4)
    bad = Delivery.objects.order_by("pk")[1]
    server.script = postmark_says(bad.address, code, words)

    assert send(digest) == 3

    bad.refresh_from_db()
    assert (bad.state, bad.outcome) == ("failed", outcome)
    assert Suppression.objects.exists() == (outcome == Outcome.BOUNCED)


def test_mailjet_answers_for_each_mail_of_a_batch_with_400(provider):
    server = provider("mailjet")
    digest = digest_for(3)
    bad = Delivery.objects.order_by("pk")[1]
    error = {"ErrorCode": "mj-0013", "ErrorMessage": "not a valid address"}

    def script(request):
        said = [
            {"Status": "error", "Errors": [error]}
            if mail.to == bad.address
            else {"Status": "success", "To": [{"MessageID": int(mail.name)}]}
            for mail in request.mails
        ]
        return Said(400, {"Messages": said})

    server.script = script

    assert send(digest) == 2

    bad.refresh_from_db()
    assert (bad.state, bad.reply) == ("failed", "mj-0013 not a valid address")
    assert not Delivery.objects.exclude(pk=bad.pk).filter(provider_id="").exists()


def test_an_address_that_no_api_takes_fails_alone(provider):
    server = provider("mailgun")
    digest = digest_for(3)
    row = Delivery.objects.first()
    Delivery.objects.filter(pk=row.pk).update(address="读者@readers.test")

    assert send(digest) == 2

    row.refresh_from_db()
    assert row.state == DeliveryState.FAILED
    assert len(server.calls[0].to) == 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_answer_outlives_a_database_that_was_away(provider):
    server = provider("mailgun")
    digest = digest_for(2)
    backend = connection.connection.info.backend_pid
    server.script = lambda request: elsewhere(lambda: terminate(backend))

    assert send(digest) == 2

    assert set(states()) == {DeliveryState.SENT}
    assert len(server.calls) == 1
