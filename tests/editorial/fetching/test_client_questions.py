"""What stands in a question, and what cannot get into it."""

import asyncio

import pytest

from editorial.fetching import seam
from editorial.fetching.client import Policy
from editorial.fetching.verdicts import Reason, Verdict
from editorial.fetching.visits import check_urls

from .world import moved, page


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
