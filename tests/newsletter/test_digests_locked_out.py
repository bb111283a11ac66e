"""A relay that shuts us out hears it from a few connections, not from all of them."""

import pytest

from newsletter.models import Delivery
from newsletter.postbox import gate
from newsletter.states import DigestState, PauseReason
from tests.factories import DigestFactory
from tests.mailserver import Cut, Stall
from tests.newsletter.sending import send, states

pytestmark = pytest.mark.django_db

CONNECTIONS, READERS, FROM_MESSAGE = 32, 400, 250
LOCKED_OUT = "535 5.7.8 authentication failed"
AT_MOST = 5


class Relay:
    """From that message on it says something else at a step, and then at logging in."""

    def __init__(self, step: str, words) -> None:
        self.step, self.words = step, words
        self.messages = 0
        self.refused = []

    def __call__(self, step, address):
        self.messages += step == "mail"
        if self.messages < FROM_MESSAGE:
            return None
        if step == "login" and self.refused:
            self.refused.append(step)
            return LOCKED_OUT
        if step == self.step:
            self.refused.append(step)
            return self.words
        return None


@pytest.fixture(autouse=True)
def _logs_in(settings, monkeypatch):
    settings.EMAIL_CONNECTIONS = CONNECTIONS
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "desk", "revoked"
    # However long this machine takes for an answer, its server is near.
    monkeypatch.setattr(gate, "NEAR", 60.0)
    monkeypatch.setattr(gate.EnvelopeGate, "_patience", 60.0)


def heard(relay: Relay, what: str) -> int:
    return relay.refused.count(what)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("mail", LOCKED_OUT),
        ("mail", "530 5.7.0 authentication required"),
        ("mail", "550 5.4.5 daily sending quota exceeded"),
        ("rcpt", LOCKED_OUT),
    ],
)
def test_no_to_everybody_is_heard_by_few_of_the_open_connections(
    mail_server, step, words
):
    digest = DigestFactory(sending=True, readers=READERS)
    relay = mail_server.script = Relay(step, words)

    sent = send(digest)

    assert 0 < heard(relay, step) <= AT_MOST
    assert (digest.state, digest.pause_reason) == (
        DigestState.PAUSED,
        PauseReason.RELAY,
    )
    assert states().count("sent") == sent < FROM_MESSAGE
    assert states().count("pending") == READERS - sent


@pytest.mark.parametrize("hangs_up", [Cut(), "421 4.7.0 log in again"])
def test_revoked_password_is_tried_by_one_when_all_have_to_log_in_again(
    mail_server, hangs_up
):
    digest = DigestFactory(sending=True, readers=READERS)
    relay = mail_server.script = Relay("mail", hangs_up)

    sent = send(digest)

    assert heard(relay, "login") == 1
    assert heard(relay, "mail") <= CONNECTIONS
    assert (digest.state, digest.pause_reason) == (
        DigestState.PAUSED,
        PauseReason.RELAY,
    )
    assert states().count("pending") == READERS - sent
    assert set(Delivery.objects.filter(state="pending").values_list("reaps")) == {(0,)}


def test_wrong_password_is_heard_once(mail_server):
    digest = DigestFactory(sending=True, readers=READERS)
    logins = []
    mail_server.script = lambda step, address: (
        logins.append(step) or LOCKED_OUT if step == "login" else None
    )

    assert send(digest) == 0

    assert logins == ["login"]
    assert states() == ["pending"] * READERS


def test_password_revoked_while_connections_are_opened_is_heard_by_few(mail_server):
    digest = DigestFactory(sending=True, readers=READERS)
    logins = []

    def revoke(step, address):
        if step == "login":
            logins.append(step)
            return LOCKED_OUT if len(logins) > 9 else None
        return None

    mail_server.script = revoke
    send(digest)

    assert 9 < len(logins) <= 9 + AT_MOST
    assert digest.pause_reason == PauseReason.RELAY
    assert mail_server.connections == len(logins)


def test_slow_answers_to_some_do_not_hold_up_the_others(mail_server, monkeypatch):
    monkeypatch.setattr(gate.EnvelopeGate, "_patience", gate.PATIENCE)
    digest = DigestFactory(sending=True, readers=100)
    rows = Delivery.objects.order_by("pk").values_list("address", flat=True)
    slow = set(rows[20:28])
    mail_server.script = lambda step, address: (
        Stall(3) if step == "rcpt" and address in slow else None
    )

    assert send(digest) == 100

    taken = [mail.recipients[0] for mail in mail_server.accepted]
    assert set(taken[-len(slow) :]) == slow
