"""Many workers at the same links: each visit once, whichever database."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from editorial import links
from editorial.links import visiting
from editorial.models import Check, Link, VerdictChange

from .rows import GONE, written_link

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]

WORKERS = 4


def at_once(deed):
    """What WORKERS threads get that do the same at the same moment."""
    barrier = threading.Barrier(WORKERS)

    def run(_number):
        barrier.wait(timeout=10)
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(WORKERS)))


def links_due(count):
    found = [written_link(f"https://h{n}.example/") for n in range(count)]
    Link.objects.update(next_check_at=timezone.now())
    return found


def test_sweeping_workers_share_what_is_due():
    due = links_due(30)

    claimed = at_once(lambda: visiting._claim(Link.objects.due(timezone.now())[:10]))

    taken = [link.pk for part in claimed for link in part]
    assert len(taken) == len(set(taken))
    assert set(taken) <= {link.pk for link in due}
    assert taken


def test_the_same_links_asked_for_twice_are_visited_by_one():
    keys = [link.pk for link in links_due(10)]
    wanted = Link.objects.free(timezone.now()).filter(pk__in=keys)

    claimed = at_once(lambda: visiting._claim(wanted.all()))

    assert sorted(link.pk for part in claimed for link in part) == sorted(keys)


def test_two_results_of_one_link_are_both_kept_and_told_as_one_change():
    [link] = links_due(1)

    at_once(lambda: links.store({link: GONE}))

    assert Check.objects.count() == WORKERS
    assert VerdictChange.objects.count() == 1


def test_links_of_one_host_are_stored_by_many_without_waiting_in_a_ring():
    found = {written_link(f"https://one.example/{n}"): GONE for n in range(8)}
    mirrored = dict(reversed(found.items()))

    stored = at_once(lambda: links.store(found) + links.store(mirrored))

    assert stored == [2 * len(found)] * WORKERS
