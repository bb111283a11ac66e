"""Politeness towards each host, and fairness between hosts."""

import asyncio

import pytest

from editorial.fetching.manners import Manners, ProcessPace
from editorial.fetching.outcomes import HostResting


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def reserve(pace, host="a.test", patience=60.0):
    return asyncio.run(pace.take_seat(host, patience=patience))[1]


def test_requests_to_one_host_are_a_gap_apart(clock):
    pace = ProcessPace(gap=2.0, clock=clock)

    assert [reserve(pace) for _ in range(3)] == [0.0, 2.0, 4.0]


def test_hosts_do_not_wait_for_each_other(clock):
    pace = ProcessPace(gap=2.0, clock=clock)
    reserve(pace, "a.test")

    assert reserve(pace, "b.test") == 0.0


def test_a_gap_passes_by_itself(clock):
    pace = ProcessPace(gap=2.0, clock=clock)
    reserve(pace)
    clock.now += 5

    assert reserve(pace) == 0.0


def test_the_impatient_take_no_slot(clock):
    pace = ProcessPace(gap=2.0, clock=clock)
    reserve(pace)

    assert [reserve(pace, patience=1.0) for _ in range(2)] == [2.0, 2.0]


def test_a_host_rests_as_long_as_it_asked(clock):
    pace = ProcessPace(gap=0, clock=clock)
    asyncio.run(pace.rest("a.test", 30))
    clock.now += 10

    assert reserve(pace) == 20.0


def test_a_shorter_rest_does_not_end_a_longer_one(clock):
    pace = ProcessPace(gap=0, clock=clock)
    asyncio.run(pace.rest("a.test", 30))
    asyncio.run(pace.rest("a.test", 5))

    assert reserve(pace) == 30.0


def test_hosts_that_are_free_again_are_forgotten(clock, monkeypatch):
    monkeypatch.setattr("editorial.fetching.manners.MAX_REMEMBERED_HOSTS", 10)
    pace = ProcessPace(gap=1.0, clock=clock)
    for number in range(100):
        reserve(pace, f"host{number}.test")
        clock.now += 2

    assert len(pace._free_at) <= 11


def test_a_turn_at_a_resting_host_is_refused(clock):
    pace = ProcessPace(gap=0, clock=clock)

    async def rest_and_ask():
        manners = Manners(pace=pace, patience=1.0)
        await manners.rest("a.test", 30)
        async with manners.turn("a.test"):
            pass

    with pytest.raises(HostResting) as caught:
        asyncio.run(rest_and_ask())

    assert caught.value.seconds == 30


@pytest.mark.parametrize(("per_host", "at_once", "expected"), [(2, 9, 2), (9, 3, 3)])
def test_no_more_requests_than_allowed_run_at_once(per_host, at_once, expected):
    running, most = set(), 0

    async def ask(manners, number):
        nonlocal most
        async with manners.turn("a.test"):
            running.add(number)
            most = max(most, len(running))
            await asyncio.sleep(0.001)
            running.remove(number)

    async def ask_all():
        pace = ProcessPace(gap=0)
        manners = Manners(pace=pace, per_host=per_host, at_once=at_once)
        await asyncio.gather(*(ask(manners, number) for number in range(20)))

    asyncio.run(ask_all())

    assert most == expected


def test_waiting_at_a_slow_host_takes_no_place_from_others():
    async def run():
        manners = Manners(pace=ProcessPace(gap=0), per_host=1, at_once=2)
        stay = asyncio.Event()

        async def linger():
            async with manners.turn("slow.test"):
                await stay.wait()

        lingering = [asyncio.create_task(linger()) for _ in range(10)]
        await asyncio.sleep(0)
        async with asyncio.timeout(5), manners.turn("quick.test"):
            stay.set()
        await asyncio.gather(*lingering)

    asyncio.run(run())
