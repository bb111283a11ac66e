"""Every reader once, whatever breaks: real workers, real SMTP, real kills.

What would take minutes in life (a lease that runs out) is aged by UPDATE, after the
sender that held it is dead.
"""

import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from newsletter import digests
from newsletter.models import Delivery, Digest, Subscriber
from newsletter.states import DeliveryState
from scripts.processes import wait_until
from tests.conftest import ON_SQLITE
from tests.factories import (
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
)
from tests.journeys.sending import (
    CONNECTIONS,
    SENDERS,
    copies,
    everybody,
    frozen_digest,
    is_done,
    is_settled,
    let_the_leases_of_the_dead_run_out,
    start_worker,
    uncertain,
)
from tests.launching import empty_broker
from tests.mailserver import Cut, Script, Stall

pytestmark = pytest.mark.slow

# Ten, as RELIABILITY S7 has it; the second run of the suite is short of time.
STOPS = 4 if ON_SQLITE else 10


@pytest.fixture(autouse=True)
def _many_senders(settings):
    settings.DIGEST_SENDERS = SENDERS


@pytest.fixture
def editor():
    return EditorFactory()


@pytest.mark.engines
def test_worker_killed_five_times_loses_nobody_and_doubles_nobody(
    launch, mail_server, editor
):
    digest = frozen_digest(readers=2_000, editor=editor)
    for kill in range(1, 6):
        worker = start_worker(launch)
        assert wait_until(lambda: len(mail_server.received) > 250 * kill, seconds=60)  # noqa: B023
        launch.kill(worker)
        let_the_leases_of_the_dead_run_out()
    start_worker(launch)
    assert wait_until(lambda: is_settled() and is_done(), seconds=60)

    held = uncertain()
    assert set(copies(mail_server.accepted)) | held == everybody()  # 0 lost
    assert set(copies(mail_server.received).values()) == {1}  # nobody twice
    assert len(held) <= 5 * SENDERS * CONNECTIONS

    digests.resend(digest=Digest.objects.get(pk=digest.pk), by=editor)
    assert wait_until(lambda: is_settled() and is_done(), seconds=30)

    assert set(copies(mail_server.accepted)) == everybody()
    assert max(copies(mail_server.received).values()) <= 2


@pytest.mark.engines
def test_worker_told_to_stop_again_and_again_leaves_nothing_uncertain(
    launch, mail_server, editor
):
    frozen_digest(readers=1_000, editor=editor)
    for stop in range(1, STOPS + 1):
        worker = start_worker(launch)
        assert wait_until(lambda: len(mail_server.received) > 60 * stop, seconds=60)  # noqa: B023
        told_at = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
        assert time.monotonic() - told_at < 30
        assert not Delivery.objects.exclude(lease_until=None).exists()
    start_worker(launch)

    assert wait_until(is_done, seconds=60)
    assert copies(mail_server.received) == Counter(everybody())
    assert uncertain() == set()


STALLED = {f"r{n}@readers.test" for n in range(0, 3)}
DROPPED = {f"r{n}@readers.test" for n in range(3, 6)}
CUT_EARLY = {f"r{n}@readers.test" for n in range(6, 8)}


def misbehaviour() -> Script:
    """Stalls or drops some after the dot for ever, cuts some before it once."""
    cut_before = set()

    def misbehave(step, address):
        if step == "dot" and address in STALLED:
            return Stall(90)
        if step == "dot" and address in DROPPED:
            return Cut()
        if step == "rcpt" and address in CUT_EARLY - cut_before:
            cut_before.add(address)
            return Cut()
        return None

    return misbehave


@pytest.mark.engines
def test_server_that_stalls_or_drops_after_the_dot_gets_nothing_twice(
    launch, mail_server, editor
):
    digest = frozen_digest(readers=12, editor=editor)
    mail_server.script = misbehaviour()
    start_worker(launch, EMAIL_DOT_TIMEOUT="1")
    assert wait_until(lambda: len(mail_server.accepted) == 4, seconds=40)
    Delivery.objects.update(next_attempt_at=Now())  # half a minute later
    digests.sweep()

    assert wait_until(is_done, seconds=40)
    assert uncertain() == STALLED | DROPPED
    assert copies(mail_server.received) == Counter(everybody())
    assert digests.tally(digest.pk)[DeliveryState.SENT] == 6


def test_digest_that_nobody_rang_for_is_found_by_the_sweep(launch, mail_server, editor):
    PublicationFactory()
    SubscriberFactory.create_batch(3)
    digests.start_digest(digest=DigestFactory(), by=editor)
    empty_broker()
    launch.worker()
    launch.beat()

    assert wait_until(is_done, seconds=60)
    assert copies(mail_server.received) == Counter(everybody())


@pytest.mark.engines
def test_fifty_presses_two_beats_and_three_web_processes_send_one_digest(
    launch, mail_server, editor, client: Client
):
    PublicationFactory()
    SubscriberFactory.create_batch(30)
    digest = DigestFactory()
    client.force_login(editor)
    address = launch.web(workers=3)
    launch.worker(concurrency=SENDERS + 1, DIGEST_SENDERS=str(SENDERS))
    launch.beat()
    launch.beat()

    with ThreadPoolExecutor(50) as pool:
        presses = [pool.submit(press_send, address, client, digest) for _ in range(50)]

    answers = Counter(press.result() for press in presses)
    assert answers == {302: 1, 409: 49}
    assert wait_until(is_done, seconds=60)
    assert copies(mail_server.received) == Counter(everybody())
    assert Digest.objects.count() == 1


def press_send(address: str, client: Client, digest: Digest) -> int:
    path = reverse("readers:start", args=[digest.issue.slug])
    revision = digest.issue.live_revision_id
    seen = f"version={digest.version}&revision={revision}&untested=on"
    token = "t" * 32
    cookie = f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}"
    headers = {"Cookie": cookie, "X-CSRFToken": token, "Origin": address}
    return post(address, path, headers, seen)


def note_dots(mail_server) -> dict[str, float]:
    """When the dot of each address came; filled as they come."""
    dotted_at: dict[str, float] = {}

    def note(step, address):
        if step == "dot":
            dotted_at.setdefault(address, time.time())

    mail_server.script = note
    return dotted_at


@pytest.mark.engines
def test_five_hundred_who_leave_meanwhile_get_nothing_after_that(
    launch, mail_server, editor
):
    frozen_digest(readers=1_500, editor=editor)
    dotted_at = note_dots(mail_server)
    address = launch.web(workers=2)
    start_worker(launch)
    assert wait_until(lambda: len(mail_server.received) > 100, seconds=60)

    leavers = list(Subscriber.objects.order_by("-pk")[:500])
    with ThreadPoolExecutor(8) as pool:
        left = list(pool.map(lambda reader: leave(address, reader), leavers))

    assert wait_until(is_done, seconds=90)
    assert {answer for answer, _ in left} == {200}
    for reader, (_, left_at) in zip(leavers, left, strict=True):
        assert dotted_at.get(reader.address, 0) < left_at + 5
    assert Delivery.objects.filter(state=DeliveryState.SKIPPED).exists()
    assert set(copies(mail_server.received).values()) == {1}


def leave(address: str, reader: Subscriber) -> tuple[int, float]:
    path = reverse("site:one_click", args=[reader.key])
    return post(address, path, {}, "List-Unsubscribe=One-Click"), time.time()


def post(address: str, path: str, headers: dict[str, str], body: str = "") -> int:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", path, body, form | headers)
    status = connection.getresponse().status
    connection.close()
    return status
