"""Connections: used again, given up, and to the next address."""

import asyncio
import socket
import ssl

import pytest
import trustme

from editorial.fetching.client import Client, Policy
from editorial.fetching.connections import Connections
from editorial.fetching.guard import parse_target
from editorial.fetching.look_ups import CheckedResolver
from editorial.fetching.manners import Manners, ProcessPace
from editorial.fetching.outcomes import TlsFailed, Unreachable

from . import rude
from .world import page

QUESTION = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"


class TwoAddresses:
    """A network whose names have two addresses, each with its own listener."""

    look_up = staticmethod(lambda host: asyncio.sleep(0, ["8.8.4.4", "8.8.8.8"]))
    open_socket = staticmethod(lambda info: socket.socket(*info[:3]))

    def __init__(self, network, first, second):
        self.tls_context = network.tls_context
        self._listeners = {"8.8.4.4": first, "8.8.8.8": second}

    def dial(self, host, address, port):
        return self._listeners[address]


class Remembering:
    """A network that remembers the sockets it made, and trusts whom one is told to."""

    def __init__(self, network, context=None):
        self.look_up, self.dial = network.look_up, network.dial
        self.tls_context = (lambda: context) if context else network.tls_context
        self.sockets = []
        self._open_socket = network.open_socket

    def open_socket(self, info):
        self.sockets.append(self._open_socket(info))
        return self.sockets[-1]


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


def test_an_answer_that_nobody_asked_for_is_nobodys(world):
    async def answer_twice(path, writer):
        writer.write(page())
        await writer.drain()
        writer.write(page("late", 500))

    async def ask_again():
        connections = Connections(network, CheckedResolver(network, seconds=5))
        target = parse_target("http://a.test/")
        for _ in range(2):
            connection, answer = await connections.ask(target, QUESTION, size=1000)
            await connection.read_rest()
            connections.give_back(target, connection)
            while connection.is_open:  # until the second one is there
                await asyncio.sleep(0)
        await connections.close()
        return answer.status

    world.add("a.test", answer_twice)
    network = world.network

    assert asyncio.run(asyncio.wait_for(ask_again(), 10)) == 200
    assert world.connections == 2


@pytest.mark.parametrize(
    "server", [rude.silence, rude.dripping_head, rude.dripping_body, rude.huge_body]
)
def test_a_visit_that_is_cancelled_leaves_no_socket(world, server):
    async def cancel():
        manners = Manners(pace=ProcessPace(gap=0))
        async with Client(network=network, policy=Policy(), manners=manners) as client:
            visit = asyncio.create_task(client.fetch("http://a.test/", max_bytes=10**9))
            while not world.requests:
                await asyncio.sleep(0)
            visit.cancel()
            await asyncio.wait([visit])
        return visit.cancelled(), [made.fileno() for made in network.sockets]

    world.add("a.test", server)
    network = Remembering(world.network)

    assert asyncio.run(cancel()) == (True, [-1])


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

    [answer] = ask(TwoAddresses(world.network, closed, alive), "http://a.test/")

    assert answer.status == 200


# --- TLS ------------------------------------------------------------------------------


@pytest.fixture
def authority():
    return trustme.CA()


def serving(authority, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


class GivingUp(ssl.SSLObject):
    """Cancels the visit of this name as soon as TLS is agreed."""

    def do_handshake(self):
        super().do_handshake()  # raises as long as there is more to read
        [asking] = [task for task in asyncio.all_tasks() if task.get_name() == "visit"]
        asking.cancel()


def test_who_gives_up_as_tls_is_agreed_leaves_no_socket(world, authority):
    async def give_up():
        connections = Connections(network, CheckedResolver(network, seconds=5))
        question = connections.ask(parse_target("https://a.test/"), QUESTION, size=9)
        asking = asyncio.create_task(question, name="visit")
        await asyncio.wait([asking])
        await connections.close()
        return asking.cancelled(), [made.fileno() for made in network.sockets]

    world.add("a.test", tls=serving(authority, "a.test"))
    network = Remembering(world.network, trusting(authority))
    network.tls_context().sslobject_class = GivingUp

    assert asyncio.run(give_up()) == (True, [-1])


def test_the_next_address_is_tried_where_tls_fails_at_one(world, authority):
    wrong = world.add("b.test", tls=serving(authority, "b.test"))
    right = world.add("a.test", tls=serving(authority, "a.test"))
    trusted = Remembering(world.network, trusting(authority))

    [answer] = ask(TwoAddresses(trusted, wrong, right), "https://a.test/")

    assert answer.status == 200


def test_a_certificate_that_is_wrong_at_all_addresses_is_refused(world, authority):
    wrong = [world.add(name, tls=serving(authority, name)) for name in ("b", "c")]
    trusted = Remembering(world.network, trusting(authority))

    with pytest.raises(TlsFailed) as caught:
        ask(TwoAddresses(trusted, *wrong), "https://a.test/")

    assert caught.value.detail == "wrong_host"


def test_a_wrong_certificate_is_told_though_the_other_address_is_dead(world, authority):
    wrong = world.add("b.test", tls=serving(authority, "b.test"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()
    trusted = Remembering(world.network, trusting(authority))

    with pytest.raises(TlsFailed) as caught:
        ask(TwoAddresses(trusted, wrong, closed), "https://a.test/")

    assert caught.value.detail == "wrong_host"
