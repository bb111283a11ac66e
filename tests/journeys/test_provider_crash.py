"""Digests through a provider's API, with real workers, real HTTP and real kills."""

from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from newsletter import digests
from newsletter.models import Delivery, Digest
from scripts.processes import wait_until
from tests.factories import EditorFactory
from tests.journeys.test_crash import (
    everybody,
    frozen_digest,
    is_done,
    is_settled,
    let_the_leases_of_the_dead_run_out,
    uncertain,
)
from tests.newsletter.sending import all_at_once
from tests.providerserver import Stall

pytestmark = pytest.mark.slow

SENDERS, BATCH = 2, 20


@pytest.fixture
def editor():
    return EditorFactory()


def start_worker(launch, url: str):
    env = {"EMAIL_URL": f"{url}&batch={BATCH}", "DIGEST_SENDERS": str(SENDERS)}
    worker = launch.worker(concurrency=SENDERS + 1, **env)
    digests.sweep()
    return worker


def copies(mails) -> Counter:
    return Counter(mail.to for mail in mails)


@pytest.mark.engines
@pytest.mark.parametrize("name", ["mailgun", "postmark"])
def test_worker_killed_while_calls_are_out_loses_nobody_and_doubles_nobody(
    launch, provider, settings, editor, name
):
    settings.DIGEST_SENDERS = SENDERS
    server = provider(name)
    digest = frozen_digest(readers=400, editor=editor)
    server.script = lambda request: Stall(0.2)
    for kill in range(1, 4):
        worker = start_worker(launch, server.url(name))
        assert wait_until(lambda: len(server.calls) > 4 * kill, seconds=60)  # noqa: B023
        launch.kill(worker)
        let_the_leases_of_the_dead_run_out()
    start_worker(launch, server.url(name))
    assert wait_until(lambda: is_settled() and is_done(), seconds=60)

    tried = Counter(to for call in server.calls for to in call.to)
    assert set(tried.values()) == {1}  # nobody twice
    assert set(copies(server.accepted)) | uncertain() == everybody()  # 0 lost
    assert 0 < len(uncertain()) <= 3 * SENDERS * BATCH

    digests.resend(digest=Digest.objects.get(pk=digest.pk), by=editor)
    assert wait_until(lambda: is_settled() and is_done(), seconds=60)

    assert set(copies(server.accepted)) == everybody()
    assert max(copies(server.accepted).values()) <= 2


def test_worker_told_to_stop_waits_for_its_call(launch, provider, editor):
    server = provider("mailgun")
    server.script = lambda request: Stall(0.5)
    frozen_digest(readers=100, editor=editor)
    worker = start_worker(launch, server.url("mailgun"))
    assert wait_until(lambda: len(server.calls) > 1, seconds=60)

    worker.terminate()
    worker.wait(30)

    assert uncertain() == set()
    assert not Delivery.objects.exclude(lease_until=None).exists()


def test_fifty_presses_at_once_send_one_digest(launch, provider, editor):
    server = provider("sendgrid")
    digest = frozen_digest(readers=60, editor=editor)
    Digest.objects.update(state="held", prepared_at=None, expected_count=None)
    Delivery.objects.all().delete()
    digest.refresh_from_db()
    client = Client()
    client.force_login(editor)
    url = reverse("readers:start", args=[digest.issue.slug])
    seen = {"version": digest.version, "revision": digest.issue.live_revision_id}
    start_worker(launch, server.url("sendgrid"))

    all_at_once(50, lambda: client.post(url, {**seen, "untested": "on"}))

    assert wait_until(is_done, seconds=60)
    assert copies(server.accepted) == Counter(everybody())
