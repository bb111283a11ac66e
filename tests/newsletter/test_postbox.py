import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from newsletter.postbox import Cut, Phase, Postbox, Refused, Relay, Reply
from tests import mailserver
from tests.mailserver import MailServer, Stall

MESSAGE = b"Subject: hello\r\n\r\nwords\r\n"


@contextmanager
def answering(step: str = "", answer: mailserver.Answer = None) -> Iterator[MailServer]:
    """A server that gives this answer at this step."""
    with MailServer() as server:
        server.script = lambda asked, address: answer if asked == step else None
        yield server


def postbox(server: MailServer, **changes) -> Postbox:
    host, port = server.address
    options = {"timeout": 1.0, "dot_timeout": 0.5, **changes}
    return Postbox(Relay(host=host, port=port, **options))


def deliver(box: Postbox, message: bytes = MESSAGE, to: str = "reader@a.test") -> None:
    box.deliver_body(sender="desk@news.test", recipient=to, message=message)


def send(box: Postbox, message: bytes = MESSAGE, to: str = "reader@a.test") -> Reply:
    deliver(box, message, to)
    return box.dot()


def recipients(server: MailServer) -> list[str]:
    return [mail.recipients[0] for mail in server.accepted]


def test_message_is_sent_only_by_its_dot():
    with answering() as server, postbox(server) as box:
        deliver(box)
        time.sleep(0.05)
        before = list(server.received)

        reply = box.dot()

    assert before == []
    assert reply == Reply(250, "2.0.0 kept")
    assert [(mail.sender, mail.content) for mail in server.accepted] == [
        ("desk@news.test", MESSAGE)
    ]


def test_dropped_body_is_never_sent():
    with answering() as server, postbox(server) as box:
        deliver(box)
        box.drop()
        time.sleep(0.1)

    assert server.received == []


def test_leaving_inside_a_body_does_not_send_it():
    with answering() as server:
        with postbox(server) as box:
            deliver(box)
        time.sleep(0.1)

    assert server.received == []


def test_dot_without_a_body_is_our_own_mistake():
    with answering() as server, postbox(server) as box, pytest.raises(RuntimeError):
        box.dot()


def test_one_connection_carries_many_messages():
    with answering() as server, postbox(server) as box:
        for n in range(3):
            send(box, to=f"r{n}@a.test")

    assert recipients(server) == ["r0@a.test", "r1@a.test", "r2@a.test"]
    assert server.connections == 1


def test_connection_goes_on_after_a_refused_recipient():
    with MailServer() as server, postbox(server) as box:
        server.script = lambda step, address: (
            "550 5.1.1 no such user"
            if (step, address[:4]) == ("rcpt", "gone")
            else None
        )
        with pytest.raises(Refused) as refusal:
            send(box, to="gone@a.test")
        send(box)

    assert (refusal.value.phase, refusal.value.reply.enhanced) == (Phase.RCPT, "5.1.1")
    assert recipients(server) == ["reader@a.test"]
    assert server.connections == 1


@pytest.mark.parametrize("step", ["connect", "mail", "rcpt", "data", "dot"])
def test_hang_up_is_reported_with_its_phase(step):
    with answering(step, mailserver.Cut()) as server, postbox(server) as box:
        with pytest.raises(Cut) as cut:
            send(box)

        assert cut.value.phase == Phase(step)
        assert not box.is_open


def test_silence_after_the_dot_is_a_cut_when_its_time_is_over():
    with answering("dot", Stall(5)) as server, postbox(server) as box:
        deliver(box)
        started = time.monotonic()

        with pytest.raises(Cut) as cut:
            box.dot()

    assert cut.value.phase == Phase.DOT
    assert 0.4 < time.monotonic() - started < 2


def test_421_ends_the_connection():
    answer = "421 4.3.2 shutting down"
    with answering("rcpt", answer) as server, postbox(server) as box:
        with pytest.raises(Refused) as refusal:
            deliver(box)

        assert refusal.value.reply.code == 421
        assert not box.is_open


def test_nobody_listening_is_a_cut_while_connecting():
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        nobody = Relay(host="127.0.0.1", port=occupied.getsockname()[1], timeout=1)

        with pytest.raises(Cut) as cut:
            deliver(Postbox(nobody))

    assert cut.value.phase == Phase.CONNECT


def test_refused_greeting_is_an_answer_and_not_a_cut():
    with (
        answering("connect", "554 5.7.1 not you") as server,
        pytest.raises(Refused) as refusal,
    ):
        postbox(server).open()

    assert (refusal.value.phase, refusal.value.reply.code) == (Phase.CONNECT, 554)


def test_wrong_password_is_refused_at_login():
    with (
        answering("login", "535 5.7.8 bad credentials") as server,
        pytest.raises(Refused) as refusal,
    ):
        postbox(server, user="desk", password="wrong").open()

    assert (refusal.value.phase, refusal.value.reply.code) == (Phase.LOGIN, 535)


def test_starttls_that_is_not_offered_never_becomes_clear_text():
    steps = []
    with MailServer() as server, postbox(server, starttls=True) as box:
        server.script = lambda step, address: steps.append(step)
        with pytest.raises(Refused) as refusal:
            send(box)

    assert refusal.value.reply.code == 534
    assert steps == ["connect"]


@pytest.mark.parametrize(
    "smuggled",
    [
        b"a\r\n.\r\nMAIL FROM:<evil@a.test>\r\n",
        b"a\n.\nMAIL FROM:<evil@a.test>\n",
        b"a\r.\rMAIL FROM:<evil@a.test>\r",
        b"a\n.\r\nMAIL FROM:<evil@a.test>\r\n",
        b"a\r\n.\rMAIL FROM:<evil@a.test>\r\n",
    ],
)
def test_no_text_can_end_its_message_early(smuggled):
    with answering() as server, postbox(server) as box:
        send(box, b"Subject: x\r\n\r\n" + smuggled)

    (mail,) = server.accepted
    assert mail.content == b"Subject: x\r\n\r\na\r\n.\r\nMAIL FROM:<evil@a.test>\r\n"


def test_message_beyond_seven_bits_does_not_leave():
    with (
        answering() as server,
        postbox(server) as box,
        pytest.raises(ValueError, match="7 bits"),
    ):
        deliver(box, "Subject: 周刊\r\n\r\n".encode())

    assert server.connections == 0


def test_international_domain_travels_in_ascii():
    with answering() as server, postbox(server) as box:
        send(box, to="reader@例え.test")

    assert recipients(server) == ["reader@xn--r8jz45g.test"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("a@b.test>\r\nRCPT TO:<c@d.test", "5.1.3"),
        ("no-at-sign", "5.1.3"),
        ("a b@c.test", "5.1.3"),
        ("读者@a.test", "5.6.7"),
        (f"a@{'x' * 80}.例.test", "5.1.2"),
    ],
)
def test_address_unfit_for_the_wire_is_refused_before_it(address, status):
    with (
        answering() as server,
        postbox(server) as box,
        pytest.raises(Refused) as refusal,
    ):
        deliver(box, to=address)

    assert (refusal.value.phase, refusal.value.reply.enhanced) == (Phase.RCPT, status)
    assert server.connections == 0


def test_unfit_sender_is_no_readers_fault():
    box = Postbox(Relay(host="127.0.0.1", port=1))

    with pytest.raises(Refused) as refusal:
        box.deliver_body(sender="desk", recipient="reader@a.test", message=MESSAGE)

    assert refusal.value.phase == Phase.MAIL


def test_small_packets_do_not_wait_for_each_other():
    with answering() as server, postbox(server) as box:
        box.open()
        raw = box._wire._line._transport.get_extra_info("socket")
        option = raw.getsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, struct.calcsize("i")
        )

    assert int.from_bytes(option, "little") == 1
