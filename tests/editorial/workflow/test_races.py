"""Presses and saves at the same moment, on real engines (RELIABILITY P4, P7)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from editorial import workflow
from editorial.models import Issue, IssueRevision, Item, Transition
from editorial.states import (
    IllegalTransition,
    IssueState,
    ItemState,
    NotReady,
    StaleVersion,
)
from newsletter.models import Digest
from tests.factories import EditorFactory, IssueFactory, ItemFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


def at_once(count, deed):
    """Run `deed(n)` in `count` threads that start together; their results."""
    barrier = Barrier(count)

    def run(n):
        barrier.wait(timeout=30)
        try:
            return deed(n)
        except (IllegalTransition, NotReady, StaleVersion) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_an_issue_published_by_a_hundred_presses_is_published_once():
    issue = IssueFactory(state=IssueState.REVIEW)
    ItemFactory(issue=issue, state=ItemState.APPROVED)
    editor = EditorFactory()
    workflow.approve_issue(issue=issue, by=editor)

    def press(_n):
        for _ in range(5):
            workflow.publish_issue(issue=Issue.objects.get(pk=issue.pk), by=editor)

    at_once(20, press)

    assert IssueRevision.objects.count() == 1
    assert Digest.objects.count() == 1
    assert Transition.objects.filter(issue=issue, verb="published").count() == 1


def test_of_many_saves_of_one_version_exactly_one_wins():
    item = ItemFactory()
    author = item.submitted_by

    results = at_once(
        12,
        lambda n: workflow.edit_item(
            item=Item.objects.get(pk=item.pk), by=author, version=1, headline=f"{n}"
        ),
    )

    won = [result for result in results if isinstance(result, Item)]
    item.refresh_from_db()
    assert len(won) == 1
    assert (item.version, item.headline) == (2, won[0].headline)


def test_writers_who_read_again_after_a_refusal_lose_no_save():
    item = ItemFactory(commentary="")
    author = item.submitted_by

    def write(n):
        for _ in range(20):
            while True:
                fresh = Item.objects.get(pk=item.pk)
                try:
                    workflow.edit_item(
                        item=fresh,
                        by=author,
                        version=fresh.version,
                        commentary=fresh.commentary + str(n),
                    )
                    break
                except StaleVersion:
                    continue

    at_once(10, write)

    item.refresh_from_db()
    assert sorted(item.commentary) == sorted("0123456789" * 20)
    assert item.version == 201


def test_an_edit_during_the_approval_of_the_issue_never_goes_live_unseen():
    issue = IssueFactory(state=IssueState.REVIEW)
    item = ItemFactory(issue=issue, state=ItemState.APPROVED)
    editor = EditorFactory()

    def press(n):
        if n % 2:
            return workflow.approve_issue(issue=issue, by=editor)
        return workflow.edit_item(
            item=Item.objects.get(pk=item.pk),
            by=item.submitted_by,
            version=1,
            headline="改过",
        )

    at_once(2, press)

    issue.refresh_from_db()
    item.refresh_from_db()
    unapproved = item.state != ItemState.APPROVED
    assert not (issue.state == IssueState.APPROVED and unapproved)
