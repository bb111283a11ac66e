"""HTTP/1.1 as it comes: whole, in pieces, with what may stand around an answer."""

import asyncio
import gc
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.fetching import exchanges, seam
from editorial.fetching.client import Policy
from editorial.fetching.exchanges import Connections, Exchange
from editorial.fetching.guard import parse_target
from editorial.fetching.look_ups import CheckedResolver
from editorial.fetching.outcomes import ProtocolFailed, Unreachable
from editorial.fetching.verdicts import Reason, Verdict
from editorial.fetching.visits import check_urls

from .world import moved, page

GREETING = b"Content-Length: 5\r\n\r\nhello"
QUESTION = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"


def read(*pieces, size=1000, whole=False, hang_up=False):
    exchange = Exchange(size=size, whole=whole)
    for piece in pieces:
        exchange.feed(piece)
    if hang_up:
        exchange.hang_up(None)
    return exchange


def told(exchange):
    return (
        *(exchange.status, exchange.headers, exchange.set_cookies),
        *(exchange.body.getvalue(), exchange.is_complete, exchange.is_over),
        *(exchange.leaves_open, exchange.error),
    )


ANSWERS = {
    "with its length": b"HTTP/1.1 200 OK\r\n" + GREETING,
    "in chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2;why=not\r\nhe\r\n3 \r\nllo\r\n0\r\nX-Behind: it\r\n\r\n"
    ),
    "after hints": (
        b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\nSet-Cookie: no=1\r\n\r\n"
        b"HTTP/1.1 200 OK\r\n" + GREETING
    ),
    "with bare ends of lines": (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"),
    "for ever open": b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + GREETING,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_read_to_its_end(answer):
    exchange = read(answer)

    assert (exchange.status, exchange.body.getvalue()) == (200, b"hello")
    assert exchange.is_complete
    assert exchange.leaves_open
    assert "x-behind" not in exchange.headers
    assert (exchange.headers.get("link"), exchange.set_cookies) == (None, [])


@given(answer=st.sampled_from(list(ANSWERS.values())), data=st.data())
def test_how_an_answer_is_cut_into_pieces_makes_no_difference(answer, data):
    place = st.integers(min_value=0, max_value=len(answer))
    places = sorted(data.draw(st.lists(place, max_size=6)))
    ends = zip([0, *places], [*places, len(answer)], strict=True)
    pieces = [answer[start:end] for start, end in ends if end > start]

    assert told(read(*pieces)) == told(read(answer))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + GREETING,
        b"HTTP/1.0 200 OK\r\n" + GREETING,
        b"HTTP/1.1 200 OK\r\n" + GREETING + b"HTTP/1.1 200 OK\r\n" + GREETING,
        b"HTTP/1.1 200 OK\r\n" + GREETING + b"and more",
        b"HTTP/1.1 101 Changing\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\x00\x01",
    ],
)
def test_a_connection_is_not_used_again(answer):
    exchange = read(answer)

    assert exchange.is_complete
    assert exchange.body.getvalue() in {b"hello", b""}
    assert not exchange.leaves_open


@pytest.mark.parametrize("hint", [b"hint", b"x" * 2000])
def test_what_a_hint_has_for_a_body_is_not_the_answers(hint):
    head = b"HTTP/1.1 110 Odd\r\nContent-Length: %d\r\n\r\n" % len(hint)
    exchange = read(head, hint, b"HTTP/1.1 200 OK\r\n" + GREETING)

    assert (exchange.status, exchange.body.getvalue()) == (200, b"hello")
    assert exchange.is_complete


def test_a_hint_whose_body_has_no_end_is_no_answer():
    exchange = read(b"HTTP/1.1 110 Odd\r\nContent-Length: 999999999\r\n\r\n")
    fed = 0
    while not exchange.is_over:
        exchange.feed(b"x" * 65_536)
        fed += 65_536

    assert isinstance(exchange.error, ProtocolFailed)
    assert fed <= exchanges.MAX_HEAD_BYTES + 65_536


def test_what_comes_behind_the_answer_later_ends_the_connection_too():
    exchange = read(b"HTTP/1.1 200 OK\r\n" + GREETING)
    exchange.feed(b"!")

    assert (exchange.body.getvalue(), exchange.leaves_open) == (b"hello", False)


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_end_with_their_head(status):
    exchange = read(b"HTTP/1.1 %d So\r\nContent-Length: 7\r\n\r\n" % status)

    assert (exchange.status, exchange.is_complete) == (status, True)


def test_a_body_of_unknown_length_ends_with_the_connection():
    exchange = read(b"HTTP/1.1 200 OK\r\n\r\nhel", b"lo")

    assert not exchange.is_over
    exchange.hang_up(None)
    assert (exchange.body.getvalue(), exchange.is_complete) == (b"hello", True)


@pytest.mark.parametrize(
    ("head", "error"),
    [
        (b"Content-Length: 9", None),
        (b"Transfer-Encoding: chunked", None),
        (b"X: nothing said", ConnectionResetError()),
    ],
)
def test_a_body_that_breaks_off_is_incomplete(head, error):
    exchange = read(b"HTTP/1.1 404 No\r\n" + head + b"\r\n\r\n")
    exchange.hang_up(error)

    assert (exchange.status, exchange.is_over, exchange.error) == (404, True, None)
    assert not exchange.is_complete


def test_no_more_is_kept_than_was_asked_for():
    exchange = read(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b"x" * 50, size=7)

    assert (exchange.body.getvalue(), exchange.is_over) == (b"x" * 7, True)
    assert not exchange.is_complete
    assert not exchange.leaves_open


def test_what_is_wanted_whole_is_not_begun_when_it_says_it_is_larger():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"

    assert read(head, size=98, whole=True).is_over
    assert not read(head, size=98).is_over
    assert not read(head, size=99, whole=True).is_over


def test_of_fields_of_one_name_the_last_counts_but_cookies_are_all_kept():
    fields = b"X-A: 1\r\nx-a: 2 \r\nSet-Cookie: a=1\r\nSet-Cookie: b=\xe5\x91\xa8\r\n"
    exchange = read(b"HTTP/1.1 200 OK\r\n" + fields + GREETING)

    assert exchange.headers["x-a"] == "2"
    assert exchange.set_cookies == ["a=1", "b=周"]


@pytest.mark.parametrize(
    "fields",
    [
        b"X-Long: " + b"x" * (exchanges.MAX_FIELD_BYTES + 1) + b"\r\n",
        b"".join(b"X-%d: x\r\n" % n for n in range(exchanges.MAX_FIELDS + 1)),
    ],
    ids=["one is too long", "they are too many"],
)
def test_more_fields_than_anybody_needs_are_no_answer(fields):
    exchange = read(b"HTTP/1.1 200 OK\r\n" + fields + GREETING)

    assert isinstance(exchange.error, ProtocolFailed)
    assert exchange.status == 0


@pytest.mark.parametrize("answer", [b"HTTP/1.1 000 No\r\n" + GREETING, b"HTTP/9.9 x"])
def test_a_status_that_is_none_is_no_answer(answer):
    assert isinstance(read(answer).error, ProtocolFailed)


def test_a_head_without_end_is_given_up():
    exchange = read(b"HTTP/1.1 200 ")
    fed = 0
    while not exchange.is_over:
        exchange.feed(b"x" * 65_536)
        fed += 65_536

    assert isinstance(exchange.error, ProtocolFailed)
    assert fed <= exchanges.MAX_HEAD_BYTES + 65_536


@pytest.mark.parametrize("behind", [b"X: " + b"x" * 65_536, b"X: y\r\n" * 10_000])
def test_fields_behind_a_body_without_end_only_leave_it_incomplete(behind):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\n"
    exchange = read(head)
    for _ in range(9):
        exchange.feed(behind)

    assert (exchange.status, exchange.is_over, exchange.error) == (200, True, None)
    assert (exchange.body.getvalue(), exchange.is_complete) == (b"he", False)


def test_an_exchange_that_is_over_is_let_go_of_without_a_collector():
    gc.collect()
    gc.disable()
    try:
        before = len([o for o in gc.get_objects() if isinstance(o, Exchange)])
        read(b"HTTP/1.1 200 OK\r\n" + GREETING)
        read(b"\x00")
        read(b"HTTP/1.1 200", hang_up=True)
        after = len([o for o in gc.get_objects() if isinstance(o, Exchange)])
    finally:
        gc.enable()

    assert after == before


# --- connections ----------------------------------------------------------------------


def ask(network, *urls, pause=0.0, **options):
    """The exchanges with these URLs, one after the other."""

    async def ask_all():
        resolver = CheckedResolver(network, seconds=5)
        connections = Connections(network, resolver, **options)
        answers = []
        for url in urls:
            target = parse_target(url)
            connection, answer = await connections.ask(target, QUESTION, size=1000)
            await connection.read_rest()
            connections.give_back(target, connection)
            answers.append(answer)
            await asyncio.sleep(pause)
        await connections.close()
        return answers

    return asyncio.run(ask_all())


def test_one_connection_serves_for_one_question_after_the_other(world):
    world.add("a.test")

    answers = ask(world.network, *["http://a.test/"] * 3)

    assert [answer.is_complete for answer in answers] == [True] * 3
    assert world.connections == 1


def test_a_connection_that_ended_meanwhile_costs_no_answer(world):
    async def serve_once(path, writer):
        writer.write(page())  # which promises to stay
        await writer.drain()
        writer.close()

    world.add("a.test", serve_once)

    answers = ask(world.network, *["http://a.test/"] * 3)

    assert [answer.status for answer in answers] == [200] * 3
    assert len(world.asked("a.test")) == 3


def test_who_always_hangs_up_is_asked_twice_at_most(world):
    async def serve_the_first(path, writer):
        if len(world.requests) == 1:
            writer.write(page())
        else:
            writer.transport.abort()

    world.add("a.test", serve_the_first)

    with pytest.raises(Unreachable) as caught:
        ask(world.network, *["http://a.test/"] * 2)

    assert caught.value.detail == "reset"
    assert len(world.asked("a.test")) == 3  # over the old connection and a new one


def test_a_connection_that_nobody_uses_is_closed(world):
    for name in ("a.test", "b.test"):
        world.add(name)
    urls = ["http://a.test/", "http://b.test/", "http://b.test/", "http://a.test/"]

    ask(world.network, *urls, pause=0.05, idle_seconds=0.01)

    assert world.connections == 4


def test_the_next_address_is_tried_where_one_takes_no_connection(world):
    world.add("a.test")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()
    alive = world.hosts["a.test"]["dial"]

    class TwoAddresses:
        look_up = staticmethod(lambda host: asyncio.sleep(0, ["8.8.4.4", "8.8.8.8"]))
        tls_context = world.network.tls_context

        def dial(self, host, address, port):
            return closed if address == "8.8.4.4" else alive

        def open_socket(self, info):
            return socket.socket(*info[:3])

    [answer] = ask(TwoAddresses(), "http://a.test/")

    assert answer.status == 200


def test_an_address_of_version_6_is_named_in_brackets():
    heads = []

    async def converse(reader, writer):
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(page())
        writer.close()

    async def check():
        server = await asyncio.start_server(converse, "::1", 0)
        url = f"http://[::1]:{server.sockets[0].getsockname()[1]}/a?b"
        async with server:
            return url, await asyncio.to_thread(visit, url)

    def visit(url):
        with seam.opened("::1/128"):
            return check_urls([url])[url]

    try:
        url, found = asyncio.run(check())
    except OSError:
        pytest.skip("no loopback of version 6 here")

    assert found.verdict is Verdict.OK
    host = url.removeprefix("http://").removesuffix("/a?b")
    assert heads[0].startswith(f"GET /a?b HTTP/1.1\r\nHost: {host}\r\n".encode())


def test_a_cookie_cannot_add_a_line_to_the_next_question(world):
    odd = moved("/end").replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=\x01b\xff\r\n\r\n")
    world.add("a.test", {"/": odd, "/end": page()})

    found = world.check("http://a.test/")

    assert found.reason in {Reason.MOVED_FOR_NOW, Reason.PROTOCOL}
    assert all("cookie" not in headers for _, _, headers in world.requests)


@pytest.mark.parametrize("odd", ["x\r\nX-Injected: y", "+https://周刊.test/"])
def test_our_own_name_stands_on_one_line_in_plain_letters(world, odd):
    world.add("a.test")

    found = world.check("http://a.test/", policy=Policy(user_agent=odd))

    [(_, _, headers)] = world.requests
    assert found.verdict is Verdict.OK
    assert headers["user-agent"].isascii()
    assert "x-injected" not in headers
