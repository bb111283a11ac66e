"""One more visit, after a pause, for what may only have been a bad moment."""

import asyncio

import pytest

from editorial.fetching.client import MAX_SILENCES, Limits
from editorial.fetching.verdicts import Judgement, Reason, Verdict
from editorial.fetching.visits import seconds_until_again

from . import rude
from .world import page

BRIEF = Limits(seconds=0.2, pause_seconds=0)


def badly_once(first):
    """A server that answers its first request by `first`, every later one well."""
    asked = []

    async def serve(path, writer):
        asked.append(path)
        if len(asked) > 1:
            writer.write(page())
        else:
            await first(path, writer)

    return serve


def answering(answer):
    async def serve(path, writer):
        writer.write(answer)

    return serve


@pytest.mark.parametrize(
    "first",
    [
        answering(page("", 503)),
        answering(page("", 429, {"Retry-After": "0"})),
        rude.reset,
        rude.hang_up,
        rude.silence,
    ],
    ids=["503", "429", "reset", "hang up", "silence"],
)
def test_a_bad_moment_passes(world, first):
    world.add("a.test", badly_once(first))

    assert world.check("http://a.test/", limits=BRIEF).verdict is Verdict.OK


@pytest.mark.parametrize("status", [404, 403, 500, 502])
def test_what_is_no_bad_moment_is_visited_once(world, status):
    world.add("a.test", page("", status))

    world.check("http://a.test/")

    assert world.asked("a.test") == ["/"]


def test_there_is_no_third_visit(world):
    world.add("a.test", page("", 503))

    assert world.check("http://a.test/").reason is Reason.SERVER_ERROR
    assert world.asked("a.test") == ["/", "/"]


@pytest.mark.parametrize(
    ("reason", "details", "wait"),
    [
        (Reason.RATE_LIMITED, {"retry_after": 5, "status": 429}, 5),
        (Reason.RATE_LIMITED, {"retry_after": 1, "status": 429}, 2),
        (Reason.RATE_LIMITED, {"retry_after": 120, "status": 429}, None),
        (Reason.SERVER_ERROR, {"retry_after": 8, "status": 503}, 8),
        (Reason.SERVER_ERROR, {"retry_after": 600, "status": 503}, None),
        (Reason.SERVER_ERROR, {"status": 500}, None),
        (Reason.UNREACHABLE_FROM_HERE, {"detail": "timeout"}, 2),
        (Reason.UNREACHABLE_FROM_HERE, {"detail": "timeout", "elapsed_ms": 5000}, 0),
        (Reason.UNREACHABLE_FROM_HERE, {"detail": "reset", "elapsed_ms": 500}, 1.5),
        (Reason.UNREACHABLE_FROM_HERE, {"detail": "dns_timeout"}, None),
        (Reason.BLOCKED_BY_SITE, {"status": 403}, None),
    ],
)
def test_the_pause_is_the_sites_or_ours_but_never_long(reason, details, wait):
    judgement = Judgement(Verdict.UNSURE, reason, **details)

    assert seconds_until_again(judgement, pause=2) == wait


def test_a_longer_pause_is_told_and_not_waited_for(world):
    world.add("a.test", page("", 429, {"Retry-After": "120"}))

    result = world.check("http://a.test/")

    assert (result.reason, result.retry_after) == (Reason.RATE_LIMITED, 120)
    assert world.asked("a.test") == ["/"]


def test_a_host_that_never_says_a_word_is_given_up(world):
    world.add("mute.test", rude.silence)

    results = world.check_all(
        [f"http://mute.test/{n}" for n in range(40)], limits=BRIEF
    )

    assert {r.reason for r in results.values()} == {Reason.UNREACHABLE_FROM_HERE}
    assert len(world.asked("mute.test")) <= 3 * MAX_SILENCES


def test_a_host_that_answers_some_links_is_not_given_up(world):
    async def answer_some(path, writer):
        if int(path[1:]) % 2:
            await asyncio.sleep(60)
        writer.write(page())

    world.add("moody.test", answer_some)

    results = world.check_all(
        [f"http://moody.test/{n}" for n in range(20)], limits=BRIEF
    )

    assert sum(r.verdict is Verdict.OK for r in results.values()) == 10
