"""HTTP/1.1 as it comes: whole, in pieces, with what may stand around an answer."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.fetching import exchanges
from editorial.fetching.exchanges import Exchange
from editorial.fetching.outcomes import ProtocolFailed

GREETING = b"Content-Length: 5\r\n\r\nhello"


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
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 101 Changing\r\n\r\n",
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


@pytest.mark.parametrize(
    "begun",
    [
        b"HTTP/1.1 200 ",
        b"HTTP/1.1 110 Odd\r\nContent-Length: 999999999\r\n\r\n",
    ],
    ids=["a line", "what a hint has for a body"],
)
def test_what_has_no_end_before_the_answer_is_given_up(begun):
    exchange = read(begun)
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
        before = len([o for o in gc.get_objects() if type(o) is Exchange])
        read(b"HTTP/1.1 200 OK\r\n" + GREETING)
        read(b"\x00")
        read(b"HTTP/1.1 200", hang_up=True)
        after = len([o for o in gc.get_objects() if type(o) is Exchange])
    finally:
        gc.enable()

    assert after == before
