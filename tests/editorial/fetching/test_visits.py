"""Many links at once, each for itself."""

import asyncio
import gc
import logging
import threading

import pytest

from editorial.fetching import visits
from editorial.fetching.client import Limits
from editorial.fetching.manners import Manners, ProcessPace
from editorial.fetching.verdicts import Reason, Verdict

from . import rude
from .world import page


def test_a_mixed_bag_is_judged_link_by_link(world):
    world.add("a.test", {"/": page(), "/busy": page("", 503)})

    results = world.check_all(
        ["http://a.test/", "http://a.test/none", "http://a.test/busy", "ftp://a.test/"]
    )

    assert {url: result.verdict for url, result in results.items()} == {
        "http://a.test/": Verdict.OK,
        "http://a.test/none": Verdict.BROKEN,
        "http://a.test/busy": Verdict.UNSURE,
        "ftp://a.test/": Verdict.BROKEN,
    }


def test_no_links_are_no_work(world, canary):
    assert world.check_all([]) == {}
    assert canary.hits == 0


def test_a_link_given_twice_is_visited_once(world):
    world.add("a.test")

    world.check_all(["http://a.test/x"] * 3)

    assert world.asked("a.test") == ["/x"]


def test_batches_are_told_as_they_come(world):
    world.add("a.test")
    urls = [f"http://a.test/{n}" for n in range(5)]

    batches = list(world.check_in_batches(urls, size=2))

    assert max(map(len, batches)) == 2
    assert {url for batch in batches for url in batch} == set(urls)


def test_a_batch_does_not_wait_for_a_slow_host(world):
    world.add("calm.test")
    world.add("rude.test", rude.silence)
    urls = ["http://rude.test/", "http://calm.test/"]

    batches = world.check_in_batches(urls, seconds=0.05)

    assert set(next(batches)) == {"http://calm.test/"}
    batches.close()


def test_between_batches_there_is_no_event_loop(world):
    world.add("a.test")

    for _ in world.check_in_batches(["http://a.test/"]):
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()


def test_visits_end_when_nobody_listens_any_more(world):
    world.add("calm.test")
    world.add("rude.test", rude.silence)
    urls = ["http://rude.test/", "http://calm.test/"]
    batches = world.check_in_batches(urls, seconds=0)
    next(batches)

    batches.close()

    assert "link-visits" not in [thread.name for thread in threading.enumerate()]


def test_a_question_to_a_host_ends_with_the_visits_that_asked_it(world, caplog):
    lost = page("<title>Page not found</title><h1>Page not found</h1>")

    async def say_nothing_of_others(path, writer):
        if path in {"/lost", "/robots.txt"}:
            writer.write(lost if path == "/lost" else page("", 404))
        else:
            await rude.silence(path, writer)

    world.add("a.test", say_nothing_of_others)

    told = list(world.check_in_batches(["http://a.test/lost"], budget=0.5))
    gc.collect()

    assert told == []
    assert len(world.asked("a.test")) == 3
    assert [record.getMessage() for record in caplog.records] == []


def test_trouble_with_the_run_itself_reaches_the_caller(world):
    network = world.network
    network.tls_context = lambda: 1 / 0

    with pytest.raises(ZeroDivisionError):
        list(world.check_in_batches(["http://a.test/"], network=network))


def test_rude_hosts_do_not_keep_others_from_being_visited(world):
    world.add("rude.test", rude.silence)
    world.add("calm.test")
    urls = [f"http://rude.test/{n}" for n in range(20)]
    calm = [f"http://calm.test/{n}" for n in range(20)]

    batches = world.check_in_batches(
        urls + calm,
        limits=Limits(seconds=0.1, pause_seconds=0),
        manners=Manners(pace=ProcessPace(gap=0), per_host=4, at_once=8),
        size=1,
    )

    order = [url for batch in batches for url in batch]
    assert set(order[:20]) == set(calm)


def test_links_that_had_to_wait_get_their_whole_time(world):
    world.add("slow.test", rude.dripping_head)

    results = world.check_all(
        [f"http://slow.test/{n}" for n in range(3)],
        limits=Limits(seconds=0.1, pause_seconds=0),
        manners=Manners(pace=ProcessPace(gap=0), per_host=1),
    )

    assert set(world.asked("slow.test")) == {"/0", "/1", "/2"}
    assert {r.reason for r in results.values()} == {Reason.UNREACHABLE_FROM_HERE}


def test_what_the_budget_does_not_cover_is_left_for_later(world):
    world.add("rude.test", rude.silence)
    world.add("calm.test")

    results = world.check_all(["http://rude.test/", "http://calm.test/"], budget=0.5)

    assert set(results) == {"http://calm.test/"}


def test_a_host_that_asks_for_a_pause_gets_it(world):
    world.add("busy.test", page("", 429, {"Retry-After": "60"}))
    manners = Manners(pace=ProcessPace(gap=0), per_host=1)

    results = world.check_all(
        [f"http://busy.test/{n}" for n in range(5)], manners=manners
    )

    assert len(world.asked("busy.test")) == 1
    assert {r.reason for r in results.values()} == {Reason.RATE_LIMITED}
    assert all(50 < r.retry_after <= 60 for r in results.values())


def test_an_error_of_our_own_costs_one_link_only(world, monkeypatch, caplog):
    world.add("a.test")
    read_page = visits.read_page

    def stumble(response):
        if response.url.endswith("/bad"):
            raise ZeroDivisionError
        return read_page(response)

    monkeypatch.setattr(visits, "read_page", stumble)
    with caplog.at_level(logging.ERROR):
        results = world.check_all(["http://a.test/bad", "http://a.test/good"])

    assert set(results) == {"http://a.test/good"}
    assert "http://a.test/bad" in caplog.text


def test_one_name_is_looked_up_once_for_all_its_links(world):
    world.add("a.test")
    network, asked = world.network, []
    look_up = network.look_up

    async def count(host):
        asked.append(host)
        await asyncio.sleep(0.01)
        return await look_up(host)

    network.look_up = count
    world.check_all([f"http://a.test/{n}" for n in range(10)], network=network)

    assert asked == ["a.test"]


def test_a_name_server_that_never_answers_is_given_up(world):
    network = world.network

    async def wait_for_ever(host):
        await asyncio.sleep(60)

    network.look_up = wait_for_ever
    urls = [f"http://a.test/{n}" for n in range(3)]
    limits = Limits(look_up_seconds=0.05, pause_seconds=0)

    results = world.check_all(urls, network=network, limits=limits)

    assert {r.detail for r in results.values()} == {"dns_timeout"}
    assert {r.verdict for r in results.values()} == {Verdict.UNSURE}
