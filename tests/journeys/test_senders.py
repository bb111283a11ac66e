"""Senders that sleep, that are taken down by one row, that are stopped by people or by
the relay: everybody still gets one copy."""

import os
import signal
from collections import Counter
from threading import Event

import pytest
from django.db.models.functions import Now

from newsletter import digests
from newsletter.models import Delivery, Digest, Suppression
from newsletter.states import DeliveryState, DigestState, Outcome, PauseReason
from scripts.processes import wait_until
from tests.factories import EditorFactory
from tests.journeys.sending import (
    copies,
    everybody,
    frozen_digest,
    is_done,
    is_settled,
    let_the_leases_of_the_dead_run_out,
    start_worker,
    uncertain,
)
from tests.mailserver import Cut, Stall

pytestmark = [pytest.mark.slow, pytest.mark.engines]


@pytest.fixture
def editor():
    return EditorFactory()


POISON = "r7@readers.test"


def poison(mail_server) -> Event:
    """Set whenever a sender has begun with that one; it then waits to be killed."""
    begun = Event()

    def meet(step, address):
        if step == "rcpt" and address == POISON:
            begun.set()
            return Stall(90)
        return None

    mail_server.script = meet
    return begun


def test_row_that_takes_its_sender_down_every_time_takes_nobody_along(
    launch, mail_server, editor
):
    frozen_digest(readers=40, editor=editor)
    begun = poison(mail_server)
    for _ in range(5):
        worker = start_worker(launch, DIGEST_SENDERS="1")
        assert wait_until(begun.is_set, seconds=60)
        launch.kill(worker)
        begun.clear()
        let_the_leases_of_the_dead_run_out()
    start_worker(launch)

    assert wait_until(lambda: is_settled() and is_done(), seconds=60)
    row = Delivery.objects.get(address=POISON)
    assert (row.state, row.outcome) == (DeliveryState.FAILED, Outcome.CRASHED)
    assert set(copies(mail_server.accepted)) | uncertain() == everybody() - {POISON}
    assert set(copies(mail_server.accepted).values()) == {1}


def stop_at(mail_server, step, sleeper) -> Event:
    """Let the first worker sleep at this step of a mail; set once it does.

    There it waits for the network, with no transaction open.
    """
    asleep = Event()

    def sleep(asked, address):
        if asked == step and len(mail_server.received) > 60 and not asleep.is_set():
            os.killpg(sleeper.pid, signal.SIGSTOP)
            asleep.set()

    mail_server.script = sleep
    return asleep


@pytest.mark.parametrize("step", ["rcpt", "dot"])
def test_sender_that_slept_through_its_lease_sends_nothing_twice(
    launch, mail_server, editor, step
):
    frozen_digest(readers=300, editor=editor)
    sleeper = start_worker(launch, DIGEST_SENDERS="1", EMAIL_DOT_TIMEOUT="90")
    asleep = stop_at(mail_server, step, sleeper)
    assert wait_until(asleep.is_set, seconds=60)
    let_the_leases_of_the_dead_run_out()
    start_worker(launch)
    assert wait_until(lambda: is_settled() and is_done(), seconds=60)

    os.killpg(sleeper.pid, signal.SIGCONT)
    sleeper.send_signal(signal.SIGTERM)
    sleeper.wait(60)

    assert copies(mail_server.received) == Counter(everybody())
    assert uncertain() == set()  # its late answers found their rows


def test_pause_stops_what_is_sent_and_resuming_sends_the_rest(
    launch, mail_server, editor
):
    digest = frozen_digest(readers=1_500, editor=editor)
    start_worker(launch)
    assert wait_until(lambda: len(mail_server.received) > 200, seconds=60)

    digest.refresh_from_db()
    digests.pause_digest(digest=digest, by=editor)
    no_lease = Delivery.objects.filter(lease_until=None)
    assert wait_until(lambda: no_lease.count() == 1_500, seconds=60)
    sent = len(mail_server.received)
    digests.sweep()
    start_worker(launch)  # another that finds nothing to do

    assert len(mail_server.received) == sent < 1_500
    digests.resume_digest(digest=digest, by=editor)
    assert wait_until(is_done, seconds=60)
    assert copies(mail_server.received) == Counter(everybody())


GONE = {f"r{n}@readers.test" for n in range(3, 900, 30)}  # 3 %
BUSY = {f"r{n}@readers.test" for n in range(1, 1_000, 10)}  # 10 %


class Relay:
    """550 for some, 451 once for others; from message 500 all have to log in again,
    and the password is no longer good."""

    def __init__(self) -> None:
        self.locks_out, self.messages = True, 0
        self.locked_out = self.taken_since = 0
        self.asked: Counter[str] = Counter()

    def __call__(self, step, address):
        self.messages += step == "mail"
        if self.locks_out and self.messages >= 500:
            if step == "mail":
                return Cut()
            if step == "login":
                self.locked_out += 1
                return "535 5.7.8 authentication failed"
        if step == "rcpt":
            self.asked[address] += 1
            if address in GONE:
                return "550 5.1.1 no such user"
            if address in BUSY and self.asked[address] == 1:
                return "451 4.7.1 come back later"
        if step == "dot" and self.locks_out and self.locked_out:
            self.taken_since += 1
        return None


def test_relay_that_bounces_defers_and_locks_us_out(launch, mail_server, editor):
    frozen_digest(readers=1_000, editor=editor)
    relay = mail_server.script = Relay()
    url = mail_server.url.replace("://", "://desk:word@")
    start_worker(launch, DIGEST_SENDERS="1", EMAIL_CONNECTIONS="32", EMAIL_URL=url)
    assert wait_until(lambda: Digest.objects.get().pause_reason != "", seconds=60)
    paused = Digest.objects.get()
    assert (paused.state, paused.pause_reason) == (
        DigestState.PAUSED,
        PauseReason.RELAY,
    )
    assert 0 < relay.locked_out <= 5
    assert relay.taken_since == 0

    relay.locks_out = False
    digests.resume_digest(digest=paused, by=editor)
    late = Delivery.objects.filter(state=DeliveryState.RETRY)
    assert wait_until(lambda: late.filter(code=451).count() == len(BUSY), seconds=60)
    late.update(next_attempt_at=Now())  # a minute later
    digests.sweep()

    assert wait_until(is_done, seconds=60)
    told = Counter([editor.email])  # of the pause
    assert copies(mail_server.received) - told == Counter(everybody() - GONE)
    assert {relay.asked[address] for address in GONE} == {1}
    assert Suppression.objects.count() == len(GONE)
