"""What one conversation saves and survives."""

import asyncio

import pytest

from newsletter.postbox import Cut, Phase, Refused
from newsletter.postbox.line import Line, new_runner
from tests import mailserver
from tests.mailserver import MailServer
from tests.newsletter.test_postbox import deliver, postbox, recipients, send


def pipelining() -> MailServer:
    server = MailServer()
    server.offers = ["PIPELINING"]
    return server


def test_envelope_goes_out_at_once_where_the_server_allows_it():
    with pipelining() as server, postbox(server) as box:
        for n in range(3):
            send(box, to=f"r{n}@a.test")

    assert recipients(server) == ["r0@a.test", "r1@a.test", "r2@a.test"]
    assert server.connections == 1


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_first_no_of_a_pipelined_envelope_is_the_answer(step):
    with pipelining() as server, postbox(server) as box:
        server.script = lambda asked, _: "550 5.7.1 no" if asked == step else None
        with pytest.raises(Refused) as refusal:
            deliver(box)
        server.script = lambda asked, _: None
        send(box)

    assert (refusal.value.phase, refusal.value.reply.enhanced) == (step, "5.7.1")
    assert recipients(server) == ["reader@a.test"]


@pytest.mark.parametrize("hang_up", [mailserver.Cut(), "421 4.4.2 idle for too long"])
def test_server_that_hung_up_on_an_idle_connection_is_called_again(hang_up):
    with MailServer() as server, postbox(server) as box:
        send(box)
        answers = [hang_up]
        server.script = lambda step, _: (
            answers.pop() if step == "mail" and answers else None
        )
        send(box)

    assert len(server.accepted) == 2
    assert server.connections == 2


def test_new_connection_that_breaks_at_once_is_not_tried_again():
    with MailServer() as server, postbox(server) as box:
        server.script = lambda step, _: mailserver.Cut() if step == "mail" else None
        with pytest.raises(Cut) as cut:
            send(box)

    assert cut.value.phase == Phase.MAIL
    assert server.connections == 1


@pytest.mark.parametrize("method", ["PLAIN", "LOGIN"])
def test_each_way_of_logging_in_that_is_offered_lets_us_in(method):
    with MailServer() as server:
        server.methods = [method]
        with postbox(server, user="desk", password="right") as box:
            send(box)

    assert recipients(server) == ["reader@a.test"]


def test_server_that_floods_an_idle_connection_loses_it():
    async def listen(address):
        line = await Line.connect(*address, None)
        while not line.has_ended:
            await asyncio.sleep(0)

    with mailserver.saying([b"x" * 4_000_000]) as server, new_runner() as loop:
        loop.run(asyncio.wait_for(listen(server.address), 10))
