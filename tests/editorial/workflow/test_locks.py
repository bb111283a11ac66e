"""Two moves between two issues wait for one another in one order only."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from editorial import workflow
from editorial.workflow.moves import lock_in_order
from tests.factories import EditorFactory, IssueFactory, ItemFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


def lock_both(older, newer, begun):
    """What a move out of the older issue locks, as slowly as possible."""
    try:
        with transaction.atomic():
            lock_in_order(older)
            begun.set()
            time.sleep(0.3)  # the other has begun to close
            lock_in_order(older, newer)
    finally:
        connection.close()


def close_into(older, newer, editor, begun):
    begun.wait(timeout=30)
    try:
        workflow.close_issue(
            issue=newer, by=editor, unfinished="next", next_issue=older
        )
    finally:
        connection.close()


def test_closing_into_an_older_issue_does_not_deadlock_with_a_move_out_of_it():
    older, newer, editor = IssueFactory(), IssueFactory(), EditorFactory()
    item = ItemFactory(issue=newer)
    begun = Event()

    with ThreadPoolExecutor(2) as pool:
        moving = pool.submit(lock_both, older, newer, begun)
        closing = pool.submit(close_into, older, newer, editor, begun)

    moving.result()
    closing.result()
    item.refresh_from_db()
    assert item.issue == older
