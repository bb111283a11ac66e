"""The harness itself: a task goes through a real broker to a real worker and back."""

import json
from urllib.request import urlopen

import pytest
from django.core.mail import send_mail

from editorial import doorbell
from newsletter import health
from scripts.processes import wait_until

pytestmark = [pytest.mark.engines, pytest.mark.slow]


def test_worker_carries_out_a_canary_task(launch):
    launch.worker()

    assert health.worker_answers(seconds=30)


def test_nobody_answers_when_no_worker_runs(launch):
    assert not health.worker_answers(seconds=0.5)


def test_stopped_worker_answers_no_more(launch):
    worker = launch.worker()
    launch.kill(worker)

    assert not health.worker_answers(seconds=1)


def test_ticks_of_beat_come_out_at_a_worker(launch):
    launch.worker()
    launch.beat()

    assert wait_until(lambda: health.beat_ticked(within=60), seconds=60)


def test_doorbell_wakes_a_worker_on_commit(launch):
    launch.worker()

    doorbell.ring("newsletter.heartbeat")

    assert wait_until(lambda: health.beat_ticked(within=60), seconds=30)


def test_web_process_is_ready_on_the_tests_engines(launch):
    address = launch.web()

    with urlopen(f"{address}/readyz") as response:
        parts = json.load(response)

    assert parts == {"database": True, "migrations": True, "broker": True}


def test_mail_leaves_by_real_smtp(mail_server):
    send_mail("Friday's issue", "It is out.", "desk@example.com", ["a@example.com"])

    [mail] = mail_server.wait_for(1)
    assert mail.recipients == ("a@example.com",)
    assert mail.message["Subject"] == "Friday's issue"
