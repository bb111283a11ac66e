"""Redirects are followed by hand, with the whole guard before every hop."""

import pytest

from editorial.fetching.client import Limits
from editorial.fetching.verdicts import Reason, Verdict

from .world import moved, page


def test_a_page_that_moved_to_another_host_is_alive_there(world):
    world.add("old.test", moved("http://new.test/page", 301))
    world.add("new.test", {"/page": page()})

    result = world.check("http://old.test/")

    assert (result.verdict, result.reason) == (Verdict.OK, Reason.REDIRECTED)
    assert result.moved_to == result.final_url == "http://new.test/page"


@pytest.mark.parametrize(
    ("statuses", "offered"),
    [
        ([301, 308], "http://a.test/2"),
        ([301, 302], "http://a.test/1"),
        ([302, 301], ""),
        ([303], ""),
        ([307], ""),
    ],
)
def test_only_permanent_moves_offer_a_new_url(world, statuses, offered):
    world.add(
        "a.test",
        {f"/{place}": moved(f"/{place + 1}", s) for place, s in enumerate(statuses)}
        | {f"/{len(statuses)}": page()},
    )

    result = world.check("http://a.test/0")

    assert result.verdict is Verdict.OK
    assert result.reason is (Reason.REDIRECTED if offered else Reason.MOVED_FOR_NOW)
    assert result.moved_to == offered
    assert result.final_url == f"http://a.test/{len(statuses)}"
    assert [hop.status for hop in result.chain] == [*statuses, 200]


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "//[::1]/",
        "http://localhost/",
        "http://0x7f.1/",
        "http://rogue.test/",
    ],
)
def test_a_redirect_inside_is_refused_at_that_hop(world, canary, location):
    world.add("a.test", moved(location))
    world.add("rogue.test", addresses=["192.168.0.1"])

    result = world.check("http://a.test/")

    assert (result.verdict, result.reason) == (Verdict.BROKEN, Reason.REFUSED_INSIDE)
    assert [hop.status for hop in result.chain] == [302, None]
    assert canary.connects == [world.hosts["a.test"]["dial"]]


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "gopher://a.test/", "http://u:p@a.test/", "http://[broken"],
)
def test_a_redirect_to_no_web_address_is_refused(world, location):
    world.add("a.test", moved(location))

    result = world.check("http://a.test/")

    assert (result.verdict, result.reason) == (Verdict.BROKEN, Reason.MALFORMED)
    assert len(result.chain) == 2


def test_a_chain_that_turns_inside_is_stored_as_far_as_it_went(world, canary):
    world.add("one.test", moved("http://two.test/", 307))
    world.add("two.test", moved("http://10.0.0.1/admin", 307))

    result = world.check("http://one.test/")

    assert result.chain_as_data() == [
        {"url": "http://one.test/", "status": 307},
        {"url": "http://two.test/", "status": 307},
        {"url": "http://10.0.0.1/admin", "status": None},
    ]
    assert set(canary.connects) == world.listeners


def test_a_loop_is_broken(world):
    world.add("a.test", {"/": moved("/b"), "/b": moved("/#again")})

    result = world.check("http://a.test/")

    assert (result.verdict, result.reason) == (Verdict.BROKEN, Reason.LOOP)
    assert world.asked("a.test") == ["/", "/b"]


def test_five_redirects_are_followed(world):
    world.add(
        "a.test", {f"/{n}": moved(f"/{n + 1}") for n in range(5)} | {"/5": page()}
    )

    assert world.check("http://a.test/0").verdict is Verdict.OK


def test_the_sixth_redirect_is_not_followed(world):
    world.add("a.test", {f"/{n}": moved(f"/{n + 1}") for n in range(9)})

    result = world.check("http://a.test/0")

    assert result.reason is Reason.TOO_MANY_REDIRECTS
    assert world.asked("a.test") == [f"/{n}" for n in range(6)]


def test_the_fragment_survives_a_redirect(world):
    world.add("a.test", {"/": moved("/b"), "/b": page()})

    assert world.check("http://a.test/#part").final_url == "http://a.test/b#part"


def test_a_location_in_raw_bytes_is_asked_as_it_was_sent(world):
    chinese = "/周刊".encode().decode("latin-1")
    world.add("a.test", {"/": moved(chinese), "/%E5%91%A8%E5%88%8A": page()})

    assert world.check("http://a.test/").verdict is Verdict.OK


def test_a_redirect_without_a_place_is_an_odd_answer(world):
    world.add("a.test", page("", 302))

    assert world.check("http://a.test/").reason is Reason.ODD_ANSWER


def test_a_redirect_with_an_endless_body_is_followed_all_the_same(world):
    async def never_end(path, writer):
        if path == "/end":
            writer.write(page())
            return
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /end\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    world.add("a.test", never_end)

    result = world.check(
        "http://a.test/", limits=Limits(redirect_seconds=0.2, pause_seconds=0)
    )

    assert result.reason is Reason.MOVED_FOR_NOW
