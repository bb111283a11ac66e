"""A withdrawal and a press at the same moment: no mail of an issue that is gone."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from editorial import workflow
from newsletter import digests
from newsletter.models import Digest
from newsletter.states import DigestState
from tests.factories import DigestFactory, EditorFactory, SubscriberFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


def withdraw(digest, editor, begun):
    try:
        with transaction.atomic():
            workflow.withdraw_issue(issue=digest.issue, by=editor, note="a mistake")
            begun.set()
            time.sleep(0.3)  # the press arrives before this commits
    finally:
        connection.close()


def press(deed, digest, editor, begun):
    begun.wait(timeout=30)
    try:
        deed(digest=Digest.objects.get(pk=digest.pk), by=editor)
    except ValidationError as refused:
        return refused.code
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("deed", "state"),
    [
        (digests.start_digest, DigestState.HELD),
        (digests.resume_digest, DigestState.PAUSED),
        (digests.resend, DigestState.DONE),
    ],
)
def test_no_press_slips_past_a_withdrawal(deed, state):
    SubscriberFactory()
    digest, editor = DigestFactory(sending=True, state=state), EditorFactory()
    begun = Event()

    with ThreadPoolExecutor(2) as pool:
        going = pool.submit(withdraw, digest, editor, begun)
        pressed = pool.submit(press, deed, digest, editor, begun)

    going.result()
    assert pressed.result() == "not_published"
    assert Digest.objects.get().state == state
