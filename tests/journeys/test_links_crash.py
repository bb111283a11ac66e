"""A worker killed with -9 in the middle of a sweep loses no check.

A real worker, real HTTP hosts on loopback behind public names. What would take three
minutes in life, a claim that runs out, is aged by UPDATE once its holder is dead. Its
places at each host run out by themselves, so the sweep is rung for as beat would.
"""

import asyncio
import json
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from editorial import doorbell, links
from editorial.models import Check, Link
from scripts.processes import wait_until
from tests.editorial.fetching.world import World, page
from tests.factories import IssueFactory, ItemFactory

pytestmark = [pytest.mark.engines, pytest.mark.slow]

HOSTS, PER_HOST = 8, 15
THINKING = 0.4  # seconds a host takes to answer, so that some are always in flight


@pytest.fixture
def world():
    async def think(_path, writer):
        await asyncio.sleep(THINKING)
        writer.write(page())

    world = World()
    for n in range(HOSTS):
        world.add(f"h{n}.example", think)
    yield world
    world.close()


@pytest.fixture
def due():
    """Links of one item on every host, all due; how many."""
    urls = [f"http://h{h}.example/{n}" for h in range(HOSTS) for n in range(PER_HOST)]
    item = ItemFactory(issue=IssueFactory(), commentary="\n".join(urls))
    links.register_links(item)
    return Link.objects.update(next_check_at=timezone.now())


def asked(world: World) -> Counter:
    """How often each link was asked for."""
    ours = set(Link.objects.values_list("url", flat=True))
    urls = (f"http://{host}{path}" for host, path, _headers in world.requests)
    return Counter(url for url in urls if url in ours)


def checked() -> set[str]:
    return set(Check.objects.values_list("link__url", flat=True))


def start_sweep(launch, world: World):
    worker = launch.worker(FETCHING_SEAM=json.dumps(world.data))
    doorbell.ring("editorial.check_due_links")
    return worker


def swept(due: int) -> bool:
    """Whether every link was visited; rings for the next sweep where not."""
    if len(checked()) == due:
        return True
    doorbell.ring("editorial.check_due_links")
    return False


def test_worker_killed_in_a_sweep_loses_no_check_and_repeats_only_what_was_in_flight(
    launch, world, due
):
    worker = start_sweep(launch, world)
    assert wait_until(lambda: len(checked()) > due // 4, seconds=60)
    launch.kill(worker)
    in_flight = set(asked(world)) - checked()
    assert 0 < len(in_flight) < due

    Link.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    start_sweep(launch, world)
    assert wait_until(lambda: swept(due), seconds=90, pause=3)

    repeated = {url for url, times in asked(world).items() if times > 1}
    assert repeated <= in_flight
    assert max(asked(world).values()) <= 2
    assert Check.objects.count() == due
    assert set(Link.objects.values_list("verdict", flat=True)) == {"ok"}
