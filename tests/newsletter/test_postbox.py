import socket
import struct
import time

import pytest

from newsletter.postbox import Cut, Phase, Postbox, Refused, Relay, Reply
from tests.mailsink import HANG_UP, MailSink, Stall

MESSAGE = b"Subject: hello\r\n\r\nwords\r\n"


def relay_to(sink: MailSink, **changes) -> Relay:
    options = {"timeout": 1.0, "dot_timeout": 0.5, **changes}
    return Relay(host="127.0.0.1", port=sink.port, **options)


def deliver(box: Postbox, message: bytes = MESSAGE, to: str = "reader@a.test") -> None:
    box.deliver_body(sender="desk@news.test", recipient=to, message=message)


def send(box: Postbox, message: bytes = MESSAGE, to: str = "reader@a.test") -> Reply:
    deliver(box, message, to)
    return box.dot()


def answering(verb: str, answer: object):
    return lambda asked, recipient: answer if asked == verb else None


def test_message_is_sent_only_by_its_dot():
    with MailSink() as sink, Postbox(relay_to(sink)) as box:
        deliver(box)
        time.sleep(0.05)
        before = list(sink.taken)

        reply = box.dot()

    assert before == []
    assert reply == Reply(250, "2.0.0 taken")
    assert [(t.sender, t.recipient) for t in sink.taken] == [
        ("desk@news.test", "reader@a.test")
    ]


def test_dropped_body_is_never_sent():
    with MailSink() as sink, Postbox(relay_to(sink)) as box:
        deliver(box)
        box.drop()
        time.sleep(0.1)

    assert sink.taken == []


def test_leaving_inside_a_body_says_no_goodbye_that_would_become_text():
    with MailSink() as sink:
        with Postbox(relay_to(sink)) as box:
            deliver(box)
        time.sleep(0.1)

    assert sink.taken == []
    assert "QUIT" not in sink.dialogue


def test_one_connection_carries_many_messages():
    with MailSink() as sink, Postbox(relay_to(sink)) as box:
        for n in range(3):
            send(box, to=f"r{n}@a.test")

    assert sink.recipients == ["r0@a.test", "r1@a.test", "r2@a.test"]
    assert sink.connections == 1


def test_connection_goes_on_after_a_refused_recipient():
    def answer(verb, recipient):
        if verb == "RCPT" and recipient.startswith("gone"):
            return "550 5.1.1 no such user"
        return None

    with MailSink(answer) as sink, Postbox(relay_to(sink)) as box:
        with pytest.raises(Refused) as refusal:
            deliver(box, to="gone@a.test")
        send(box)

    assert (refusal.value.phase, refusal.value.reply.enhanced) == (Phase.RCPT, "5.1.1")
    assert sink.recipients == ["reader@a.test"]
    assert sink.connections == 1


@pytest.mark.parametrize("verb", ["CONNECT", "MAIL", "RCPT", "DATA", "DOT"])
def test_hang_up_is_reported_with_its_phase(verb):
    with MailSink(answering(verb, HANG_UP)) as sink, Postbox(relay_to(sink)) as box:
        with pytest.raises(Cut) as cut:
            send(box)

        assert cut.value.phase == Phase(verb.lower())
        assert not box.is_open


def test_silence_after_the_dot_is_a_cut_after_the_dot_time_out():
    with MailSink(answering("DOT", Stall(5))) as sink, Postbox(relay_to(sink)) as box:
        deliver(box)
        started = time.monotonic()

        with pytest.raises(Cut) as cut:
            box.dot()

    assert cut.value.phase == Phase.DOT
    assert 0.4 < time.monotonic() - started < 2


def test_421_ends_the_connection():
    answer = answering("RCPT", "421 4.3.2 shutting down")
    with MailSink(answer) as sink, Postbox(relay_to(sink)) as box:
        with pytest.raises(Refused) as refusal:
            deliver(box)

        assert refusal.value.reply.code == 421
        assert not box.is_open


def test_nobody_listening_is_a_cut_while_connecting():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = Relay(host="127.0.0.1", port=taken.getsockname()[1], timeout=1)

        with pytest.raises(Cut) as cut:
            deliver(Postbox(nobody))

    assert cut.value.phase == Phase.CONNECT


def test_refused_greeting_is_an_answer_and_not_a_cut():
    answer = answering("CONNECT", "554 5.7.1 not you")
    with MailSink(answer) as sink, pytest.raises(Refused) as refusal:
        Postbox(relay_to(sink)).open()

    assert (refusal.value.phase, refusal.value.reply.code) == (Phase.CONNECT, 554)


def test_wrong_password_is_refused_at_login():
    answer = answering("AUTH", "535 5.7.8 bad credentials")
    with MailSink(answer) as sink, pytest.raises(Refused) as refusal:
        Postbox(relay_to(sink, user="desk", password="wrong")).open()

    assert (refusal.value.phase, refusal.value.reply.code) == (Phase.LOGIN, 535)


def test_starttls_that_is_not_offered_never_becomes_clear_text():
    with (
        MailSink() as sink,
        Postbox(relay_to(sink, starttls=True)) as box,
        pytest.raises(Refused) as refusal,
    ):
        deliver(box)

    assert refusal.value.reply.code == 534
    assert not any(line.startswith("MAIL") for line in sink.dialogue)


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
    with MailSink() as sink, Postbox(relay_to(sink)) as box:
        send(box, b"Subject: x\r\n\r\n" + smuggled)

    (taken,) = sink.taken
    assert taken.raw == b"Subject: x\r\n\r\na\r\n.\r\nMAIL FROM:<evil@a.test>\r\n"


def test_message_beyond_seven_bits_does_not_leave():
    with (
        MailSink() as sink,
        Postbox(relay_to(sink)) as box,
        pytest.raises(ValueError, match="7 bits"),
    ):
        deliver(box, "Subject: 周刊\r\n\r\n".encode())

    assert sink.connections == 0


def test_international_domain_travels_in_ascii():
    with MailSink() as sink, Postbox(relay_to(sink)) as box:
        send(box, to="reader@例え.test")

    assert sink.recipients == ["reader@xn--r8jz45g.test"]


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
        MailSink() as sink,
        Postbox(relay_to(sink)) as box,
        pytest.raises(Refused) as refusal,
    ):
        deliver(box, to=address)

    assert (refusal.value.phase, refusal.value.reply.enhanced) == (Phase.RCPT, status)
    assert sink.connections == 0


def test_small_packets_do_not_wait_for_each_other():
    with MailSink() as sink, Postbox(relay_to(sink)) as box:
        box.open()
        option = box._connection.sock.getsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, struct.calcsize("i")
        )

    assert int.from_bytes(option, "little") == 1
