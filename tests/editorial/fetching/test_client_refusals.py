"""Nothing inside is ever reached: the canary counts every connect and look-up."""

import asyncio
import socket
import urllib.request

import pytest

from editorial.fetching.client import Client, Policy
from editorial.fetching.connections import Connections
from editorial.fetching.guard import Target
from editorial.fetching.look_ups import CheckedResolver
from editorial.fetching.manners import Manners
from editorial.fetching.network import Internet, NotDialled
from editorial.fetching.outcomes import Refusal, Refused
from editorial.fetching.verdicts import Reason, Verdict
from editorial.fetching.visits import check_urls

from .variants import INSIDE_HOSTS, generate
from .world import OWN_HOST, PUBLIC, World, moved, page


class Rebinding:
    """A name server that answers differently every time it is asked."""

    def __init__(self, world: World, host: str, answers: list[list[str]]) -> None:
        self._network = world.network
        self.dial, self.open_socket = self._network.dial, self._network.open_socket
        self.tls_context = self._network.tls_context
        self._host, self._answers = host, answers
        self.asked = 0

    async def look_up(self, host):
        if host != self._host:
            return await self._network.look_up(host)
        self.asked += 1
        return self._answers[min(self.asked, len(self._answers)) - 1]


@pytest.fixture
def inside(world):
    """The port of a listener on loopback that must never be reached."""
    _, port = world.add("canary.test", page("secret"))
    return port


def check_for_real(urls, port=80):
    """Through the real network, with the listener's port allowed."""
    return check_urls(urls, network=Internet(), policy=Policy(extra_ports={port}))


def test_the_canary_hears_an_unguarded_client(world, inside, canary):
    urllib.request.urlopen(f"http://127.0.0.1:{inside}/")

    assert canary.connects == [("127.0.0.1", inside)]
    assert world.asked("canary.test") == ["/"]


def test_spellings_of_inside_hosts_are_refused_before_any_packet(inside, canary):
    urls = [f"http://{host}:{inside}/" for host in INSIDE_HOSTS]

    results = check_for_real(urls, inside)

    assert {r.reason for r in results.values()} == {Reason.REFUSED_INSIDE}
    assert {r.verdict for r in results.values()} == {Verdict.BROKEN}
    assert canary.hits == 0


def test_generated_spellings_are_refused_before_any_packet(canary):
    urls = list(generate(seed=7, count=10_000))

    results = check_for_real(urls)

    assert set(results) == set(urls)
    assert not any(r.verdict is Verdict.OK for r in results.values())
    assert canary.hits == 0


@pytest.mark.parametrize(
    ("url", "verdict", "reason"),
    [
        ("http://127.0.0.1\\@a.test/", Verdict.BROKEN, Reason.MALFORMED),
        ("http://user:pw@a.test/", Verdict.BROKEN, Reason.MALFORMED),
        ("http://a.test@127.0.0.1/", Verdict.BROKEN, Reason.MALFORMED),
        ("http://１２７．0．0．1/", Verdict.BROKEN, Reason.MALFORMED),
        ("file:///etc/passwd", Verdict.BROKEN, Reason.MALFORMED),
        ("javascript:alert(1)", Verdict.BROKEN, Reason.MALFORMED),
        ("http:/a.test", Verdict.BROKEN, Reason.MALFORMED),
        ("http://a.test:22/", Verdict.UNCHECKED, Reason.PORT),
        ("http://a.test:6379/", Verdict.UNCHECKED, Reason.PORT),
        ("http://a.test:99999/", Verdict.UNCHECKED, Reason.PORT),
        (f"http://{OWN_HOST}/issues/3/", Verdict.UNCHECKED, Reason.OWN_SITE),
    ],
)
def test_refused_urls_keep_their_reason(world, canary, url, verdict, reason):
    world.add("a.test")

    result = world.check(url)

    assert (result.verdict, result.reason) == (verdict, reason)
    assert canary.hits == 0


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        [PUBLIC, "127.0.0.1"],
        [PUBLIC, "2606:2800::1", "fd00::1"],
        ["169.254.169.254", PUBLIC],
    ],
)
def test_names_with_a_private_address_are_refused(world, canary, addresses):
    world.add("rogue.test", addresses=addresses)

    result = world.check("http://rogue.test/")

    assert (result.verdict, result.reason) == (Verdict.BROKEN, Reason.REFUSED_INSIDE)
    assert canary.hits == 0


def test_a_refused_name_does_not_tell_where_it_leads(world):
    world.add("rogue.test", addresses=["10.77.66.55"])

    result = world.check("http://rogue.test/")

    assert "10.77" not in repr(result)
    assert result.chain_as_data() == [{"url": "http://rogue.test/", "status": None}]


def test_a_name_is_looked_up_once_even_if_its_answer_would_change(world, canary):
    world.add("rebind.test", {"/": moved("/two"), "/two": page()})
    network = Rebinding(world, "rebind.test", [[PUBLIC], ["127.0.0.1"]])

    result = world.check("http://rebind.test/", network=network)

    assert result.verdict is Verdict.OK
    assert network.asked == 1
    assert set(canary.connects) <= world.listeners


def test_a_name_that_turned_private_is_refused_in_the_next_run(world, canary):
    world.add("rebind.test")
    network = Rebinding(world, "rebind.test", [[PUBLIC], ["127.0.0.1"]])
    world.check("http://rebind.test/", network=network)
    before = canary.hits

    result = world.check("http://rebind.test/", network=network)

    assert result.reason is Reason.REFUSED_INSIDE
    assert canary.hits == before


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "::ffff:7f00:1"])
def test_no_socket_is_made_for_a_private_address(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    info = (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 80))

    with pytest.raises(NotDialled):
        Internet().open_socket(info)


def test_a_target_that_skips_the_guard_stops_at_the_socket(inside, canary):
    async def ask_without_the_guard():
        network = Internet()
        resolver = CheckedResolver(network, seconds=1)
        target = Target("http", "127.0.0.1", inside, "/", "", is_address=True)
        await Connections(network, resolver).ask(target, b"GET / HTTP/1.1", size=1)

    with pytest.raises(Refused) as caught:
        asyncio.run(ask_without_the_guard())

    assert caught.value.reason_code is Refusal.INSIDE
    assert canary.connects == []


def test_the_seam_never_dials_a_public_address(world, canary):
    async def fetch_a_literal():
        manners = Manners()  # no broker, which the canary would hear
        async with Client(
            network=world.network, policy=Policy(), manners=manners
        ) as client:
            await client.fetch(f"http://{PUBLIC}/")

    with pytest.raises(Refused):
        asyncio.run(fetch_a_literal())

    assert canary.hits == 0
