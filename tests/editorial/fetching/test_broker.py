"""Politeness across workers: two paces of one broker stand for two machines."""

import asyncio
import secrets
import socket
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from editorial.fetching.broker import BrokerPace
from editorial.fetching.manners import Manners, ProcessPace
from editorial.fetching.outcomes import HostBusy


@pytest.fixture
def host():
    return f"{secrets.token_hex(8)}.test"


def together(work, *, count=2, url="", **options):
    """What `work` comes to with so many paces of one broker."""

    async def run():
        alone = ProcessPace(gap=options.get("gap", 0.05))
        paces = [
            BrokerPace(url or settings.REDIS_URL, alone=alone, **options)
            for _ in range(count)
        ]
        try:
            return await work(*paces)
        finally:
            for pace in paces:
                await pace.close()

    return asyncio.run(run())


async def wait_at(pace, host, *, patience=60, count=1):
    """Seconds until the host may be asked."""
    _seat, wait = await pace.take_seat(host, patience=patience, count=count)
    return wait


def test_requests_of_all_workers_are_a_gap_apart(host):
    async def ask(one, other):
        return [await wait_at(pace, host) for pace in (one, other, one)]

    first, second, third = together(ask, gap=10)

    assert first == 0
    assert 9 < second <= 10
    assert 19 < third <= 20


def test_a_row_of_slots_is_taken_together(host):
    async def ask(one, other):
        await wait_at(one, host, patience=60, count=3)
        return await wait_at(other, host)

    assert 29 < together(ask, gap=10) <= 30


def test_the_impatient_take_no_slot(host):
    async def ask(one, other):
        await wait_at(one, host)
        return [await wait_at(other, host, patience=1) for _ in range(2)]

    assert all(9 < wait <= 10 for wait in together(ask, gap=10))


def test_a_rest_is_kept_by_all_workers(host):
    async def ask(one, other):
        await one.rest(host, 30)
        await one.rest(host, 5)
        return await wait_at(other, host)

    assert 29 < together(ask, gap=0) <= 30


def test_seats_are_shared_by_all_workers(host):
    async def sit(one, other):
        seats = [await pace.take_seat(host, patience=60) for pace in (one, other, one)]
        await one.leave_seat(host, seats[0][0])
        return [*seats, await one.take_seat(host, patience=60)]

    first, second, third, after = together(sit, seats=2)

    assert all([first, second, after])
    assert third is None


def test_a_seat_that_was_left_is_soon_another_workers(host):
    async def sit(one, other):
        name, _wait = await one.take_seat(host, patience=60)
        taken = await other.take_seat(host, patience=60)
        await one.leave_seat(host, name)
        await asyncio.sleep(0.3)
        return taken, await other.take_seat(host, patience=60)

    taken, later = together(sit, seats=1)

    assert taken is None
    assert later


def test_a_run_that_ends_leaves_its_seats(host):
    async def sit(one, other):
        name, _wait = await one.take_seat(host, patience=60)
        await one.leave_seat(host, name)
        await one.close()
        return await other.take_seat(host, patience=60)

    assert together(sit, seats=1)


def test_seats_of_a_killed_worker_run_out(host):
    async def sit(one, other):
        await one.take_seat(host, patience=60)
        taken = await other.take_seat(host, patience=60)
        await asyncio.sleep(0.1)
        return taken, await other.take_seat(host, patience=60)

    taken, later = together(sit, seats=1, lease=0.05)

    assert taken is None
    assert later


def test_no_more_requests_than_allowed_run_at_once_on_all_machines(host):
    running, most = set(), 0

    async def ask_all(*paces):
        manners = [Manners(pace=pace, per_host=4, patience=30) for pace in paces]

        async def ask(number):
            nonlocal most
            async with manners[number % 3].turn(host):
                running.add(number)
                most = max(most, len(running))
                await asyncio.sleep(0.002)
                running.remove(number)

        await asyncio.gather(*(ask(number) for number in range(60)))

    together(ask_all, count=3, gap=0, seats=2)

    assert most == 2


def test_who_finds_no_seat_in_time_is_told_so(host):
    async def ask(one, other):
        await one.take_seat(host, patience=60)
        async with Manners(pace=other, patience=0.05).turn(host):
            pass

    with pytest.raises(HostBusy):
        together(ask, seats=1)


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_without_a_broker_each_process_is_polite_by_itself(host):
    async def ask(one, other):
        assert await one.take_seat(host, patience=60)
        await one.rest(host, 17)
        return await wait_at(other, host)

    wait = together(ask, url=f"redis://127.0.0.1:{closed_port()}/0", gap=10)

    assert 16 < wait <= 17


def test_a_broker_that_never_answers_is_waited_for_once(host):
    async def ask(one, _other):
        for _ in range(50):
            await wait_at(one, host, patience=600)

    with socket.create_server(("127.0.0.1", 0)) as mute:
        together(ask, url=f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        mute.setblocking(False)
        mute.accept()
        with pytest.raises(BlockingIOError):
            mute.accept()


async def copy(source, target):
    while data := await source.read(65_536):
        target.write(data)
    target.close()


def test_many_askers_share_one_connection():
    connections = 0
    broker = urlsplit(settings.REDIS_URL)

    async def relay(reader, writer):
        nonlocal connections
        connections += 1
        there = await asyncio.open_connection(broker.hostname, broker.port)
        await asyncio.gather(copy(reader, there[1]), copy(there[0], writer))

    async def ask_all():
        async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            pace = BrokerPace(f"redis://127.0.0.1:{port}{broker.path}")
            seats = await asyncio.gather(
                *(pace.take_seat(f"{n}.x", patience=9) for n in range(99))
            )
            await pace.close()
            return seats

    assert all(asyncio.run(ask_all()))
    assert connections == 1
