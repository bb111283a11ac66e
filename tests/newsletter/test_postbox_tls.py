"""The same conversation when nobody else may read it."""

import ssl

import pytest
import trustme

from newsletter.postbox import Cut, Phase
from tests.mailserver import MailServer, saying
from tests.newsletter.test_postbox import deliver, postbox, recipients, send

AUTHORITY = trustme.CA()
LONG = b"Subject: x\r\n\r\n" + b"many words and more of them\r\n" * 10_000


@pytest.fixture(autouse=True)
def _trusted(monkeypatch, tmp_path):
    AUTHORITY.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


def certificate(authority: trustme.CA = AUTHORITY) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def offering_tls(context: ssl.SSLContext) -> MailServer:
    server = MailServer()
    server.tls = context
    return server


def test_whole_messages_travel_under_starttls_over_one_connection():
    with offering_tls(certificate()) as server:
        with postbox(server, starttls=True) as box:
            for to in ("a@a.test", "b@a.test"):
                send(box, LONG, to=to)

        assert recipients(server) == ["a@a.test", "b@a.test"]
        assert {mail.content for mail in server.accepted} == {LONG}


def test_dropped_body_is_not_sent_under_tls_either():
    with offering_tls(certificate()) as server:
        with postbox(server, starttls=True) as box:
            deliver(box, LONG)
            box.drop()
            send(box, to="b@a.test")

        assert recipients(server) == ["b@a.test"]
        assert server.connections == 2


def test_stranger_with_another_certificate_gets_nothing():
    with (
        offering_tls(certificate(trustme.CA())) as server,
        postbox(server, starttls=True) as box,
        pytest.raises(Cut) as cut,
    ):
        send(box)

    assert cut.value.phase == Phase.CONNECT
    assert server.received == []


def test_words_before_the_handshake_do_not_count_as_said_under_tls():
    said = b"220 go on\r\n250 2.0.0 all of it is yours\r\n"

    with (
        saying([b"220 x\r\n", b"250-x\r\n250 STARTTLS\r\n", said]) as server,
        pytest.raises(Cut, match="behind the answer") as cut,
    ):
        postbox(server, starttls=True).open()

    assert cut.value.phase == Phase.CONNECT


def test_relay_that_speaks_tls_from_the_first_byte_is_understood():
    said = [b"220 x\r\n", b"250 x\r\n", *[b"250 ok\r\n"] * 2, b"354 go on\r\n"]

    with saying(said, certificate()) as server:
        box = postbox(server, tls=True)
        deliver(box)
        box.drop()
