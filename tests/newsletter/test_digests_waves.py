"""Many mails share two commits: what holds for one of them must hold for a wave."""

import pytest

from newsletter.digests import letter, shift
from newsletter.models import Delivery, Digest, Subscriber
from newsletter.states import DeliveryState, DigestState, Outcome, PauseReason
from tests.factories import DigestFactory
from tests.mailserver import Cut, Stall
from tests.newsletter.sending import answer, elsewhere, send, states

pytestmark = pytest.mark.django_db

CONNECTIONS = 4


@pytest.fixture(autouse=True)
def _few_connections(settings):
    settings.EMAIL_CONNECTIONS = CONNECTIONS


def addresses() -> list[str]:
    return list(Subscriber.objects.order_by("pk").values_list("address", flat=True))


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_no_more_dots_are_on_their_way_than_there_are_connections(mail_server):
    digest = DigestFactory(sending=True, readers=30)
    seen = []

    def count(step, address):
        if step == "dot":
            elsewhere(lambda: seen.append(states().count("sending")))

    mail_server.script = count

    assert send(digest) == 30
    assert 1 < max(seen) <= CONNECTIONS


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_answer_is_on_the_disk_before_another_mail_begins(mail_server, settings):
    settings.EMAIL_CONNECTIONS = 1
    digest = DigestFactory(sending=True, readers=3)
    seen = []

    def look(step, address):
        if step == "mail":
            elsewhere(lambda: seen.append(states()))

    mail_server.script = look
    send(digest)

    assert seen == [
        ["claimed", "claimed", "claimed"],
        ["sent", "claimed", "claimed"],
        ["sent", "sent", "claimed"],
    ]


def test_silent_server_holds_up_its_own_connection_only(mail_server):
    digest = DigestFactory(sending=True, readers=30)
    slow = addresses()[7]
    mail_server.script = answer("dot", Stall(2), to=slow)

    assert send(digest) == 30

    came, taken = (
        [mail.recipients[0] for mail in mails].index(slow)
        for mails in (mail_server.received, mail_server.accepted)
    )
    assert taken > came + CONNECTIONS  # others went past it


def test_cut_after_one_dot_of_a_wave_makes_one_uncertain(mail_server):
    digest = DigestFactory(sending=True, readers=12)
    mail_server.script = answer("dot", Cut(), to=addresses()[9])

    assert send(digest) == 11

    row = Delivery.objects.get(state=DeliveryState.UNKNOWN)
    assert row.address == addresses()[9]


def test_relay_that_takes_two_connections_is_sent_all_over_two(mail_server):
    digest = DigestFactory(sending=True, readers=20)
    mail_server.script = lambda step, address: (
        "421 4.7.0 too many connections"
        if step == "connect" and mail_server.connections > 2
        else None
    )

    assert send(digest) == 20

    assert digest.backoffs == 0
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_copy_that_cannot_be_written_fails_at_once_and_alone(mail_server, monkeypatch):
    digest = DigestFactory(sending=True, readers=3)
    poison = addresses()[1]

    def break_at(copy):
        if copy.to == poison:
            raise ValueError("no such slot")
        return copy.unsubscribe_url

    monkeypatch.setitem(letter.SLOTS, letter.UNSUBSCRIBE_MARKER, break_at)

    assert send(digest) == 2

    row = Delivery.objects.get(state=DeliveryState.FAILED)
    assert (row.address, row.outcome) == (poison, Outcome.UNWRITTEN)
    assert "no such slot" in row.reply


def refuse_to_sign(message: bytes) -> bytes:
    raise ValueError("not a key")


@pytest.mark.parametrize(
    "signer", [lambda sender: refuse_to_sign, lambda sender: refuse_to_sign(b"")]
)
def test_key_that_does_not_sign_pauses_and_touches_nobody(
    mail_server, monkeypatch, signer
):
    digest = DigestFactory(sending=True, readers=3)
    monkeypatch.setattr(letter.signing, "signer_for", signer)

    send(digest)

    assert (digest.state, digest.pause_reason) == (
        DigestState.PAUSED,
        PauseReason.RENDERING,
    )
    assert "not a key" in digest.pause_detail
    assert states() == ["pending"] * 3


@pytest.mark.django_db(transaction=True)
def test_wave_that_a_pause_overtakes_is_not_sent(mail_server):
    digest = DigestFactory(sending=True, readers=3)

    def pause(step, address):
        if step == "data":
            Digest.objects.filter(pk=digest.pk).update(state=DigestState.PAUSED)

    mail_server.script = lambda step, address: elsewhere(lambda: pause(step, address))

    assert send(digest) == 0

    assert states() == ["pending"] * 3
    assert mail_server.received == []


def test_worker_told_to_stop_waits_only_so_long_for_an_answer(mail_server, monkeypatch):
    monkeypatch.setattr(shift, "LAST_ANSWERS", 0.1)
    digest = DigestFactory(sending=True, readers=1)
    mail_server.script = answer("dot", Stall(30))

    send(digest, stopping=lambda: bool(mail_server.received))

    assert states() == ["unknown"]
