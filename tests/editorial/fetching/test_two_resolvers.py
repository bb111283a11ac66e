"""No such domain is what two resolvers say: real name servers on loopback, both ways."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.resolver
import pytest

from editorial.fetching import network
from editorial.fetching.network import know_no_such_host
from editorial.fetching.outcomes import Unreachable
from editorial.fetching.verdicts import Reason, Verdict
from tests.nameserver import BROKEN, SILENT, NameServer

from .world import PUBLIC

HOST = "a.test"
KNOWN = {(HOST, "A"): [PUBLIC]}
NOBODY = {("other.test", "A"): [PUBLIC]}
TROUBLE, SILENCE = {(HOST, "A"): BROKEN}, {(HOST, "A"): SILENT}
GONE = (Verdict.BROKEN, Reason.NO_SUCH_HOST)
UNSURE = (Verdict.UNSURE, Reason.UNREACHABLE_FROM_HERE)


def place_of(server: NameServer) -> dns.nameserver.Nameserver:
    host, port = server.address.split(":")
    return dns.nameserver.Do53Nameserver(host, int(port))


class TwoResolvers:
    """The world's network, its names asked of two real name servers."""

    def __init__(self, world, first: NameServer, second: NameServer) -> None:
        seam = world.network
        self.dial, self.open_socket = seam.dial, seam.open_socket
        self.tls_context = seam.tls_context
        self._first, self._second = place_of(first), place_of(second)

    async def look_up(self, host):
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.lifetime = [self._first], 0.5
        try:
            answer = await resolver.resolve(f"{host}.", "A")
        except dns.resolver.NXDOMAIN as error:
            raise Unreachable("dns_no_such_host") from error
        except dns.exception.DNSException as error:
            raise Unreachable("dns_trouble") from error
        return [row.address for row in answer]

    async def is_missing(self, host):
        return await know_no_such_host(host, [self._second])


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    monkeypatch.setattr(network, "NAME_SERVER_SECONDS", 0.5)


@contextmanager
def resolvers(first, second) -> Iterator[tuple[NameServer, NameServer]]:
    with NameServer(first) as one, NameServer(second) as other:
        yield one, other


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (NOBODY, NOBODY, GONE),
        (NOBODY, KNOWN, UNSURE),
        (NOBODY, TROUBLE, UNSURE),
        (NOBODY, SILENCE, UNSURE),
        (TROUBLE, NOBODY, UNSURE),
        (SILENCE, NOBODY, UNSURE),
        (KNOWN, NOBODY, (Verdict.OK, Reason.ALIVE)),
    ],
)
def test_a_domain_is_gone_only_where_both_say_so(world, first, second, expected):
    world.add(HOST)

    with resolvers(first, second) as servers:
        found = world.check(f"http://{HOST}/", network=TwoResolvers(world, *servers))

    assert (found.verdict, found.reason) == expected


@pytest.mark.parametrize("first", [KNOWN, TROUBLE, SILENCE])
def test_the_second_is_asked_only_where_the_first_knows_of_no_such_name(world, first):
    world.add(HOST)

    with resolvers(first, NOBODY) as (one, other):
        world.check(f"http://{HOST}/", network=TwoResolvers(world, one, other))

    assert one.asked
    assert other.asked == []


@pytest.mark.parametrize(("records", "missing"), [(NOBODY, True), (KNOWN, False)])
def test_an_answer_too_long_for_one_datagram_comes_over_tcp(records, missing):
    with NameServer(records, truncates=True) as server:
        found = asyncio.run(know_no_such_host(HOST, [place_of(server)]))

    assert found is missing
    assert server.asked_over_tcp == 1


@pytest.mark.parametrize("first", [TROUBLE, SILENCE])
def test_where_one_of_the_second_fails_the_next_is_asked(first, monkeypatch):
    monkeypatch.setattr(network, "NAME_SERVER_SECONDS", 5)
    with resolvers(first, NOBODY) as servers:
        places = [place_of(server) for server in servers]

        assert asyncio.run(know_no_such_host(HOST, places))


def test_a_name_without_an_address_exists():
    with NameServer({(HOST, "TXT"): ['"v=spf1 -all"']}) as server:
        assert not asyncio.run(know_no_such_host(HOST, [place_of(server)]))
