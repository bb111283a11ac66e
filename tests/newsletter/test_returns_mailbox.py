"""The mailbox that mail comes back to, on a real IMAP server."""

import ssl

import pytest
import trustme

from newsletter import returns
from newsletter.models import MailEvent, Stray
from tests.factories import DeliveryFactory
from tests.imapserver import ImapServer
from tests.newsletter.returned import returned

pytestmark = pytest.mark.django_db

HELLO = b"From: a@b.test\r\nSubject: Hello\r\n\r\nHi."


@pytest.fixture
def server(settings):
    with ImapServer() as imap:
        settings.BOUNCE_MAILBOX = imap.url
        settings.BOUNCE_MAILBOX_DONE = "Masthead"
        yield imap


def test_without_a_mailbox_nobody_looks(settings):
    settings.BOUNCE_MAILBOX = ""

    assert returns.look_into_mailbox() is None


def test_what_is_understood_counts_and_is_moved(server):
    raw = returned("postfix", DeliveryFactory())
    server.put(raw)

    look = returns.look_into_mailbox()

    assert (look.taken, look.left, look.error) == (1, 0, "")
    assert MailEvent.objects.count() == 1
    assert server.contents("INBOX") == []
    assert server.contents("Masthead") == [raw]


@pytest.mark.parametrize("extensions", ["MOVE", ""])
def test_looking_twice_takes_nothing_twice(server, extensions):
    server.extensions = extensions
    server.put(returned("postfix", DeliveryFactory()))

    looks = [returns.look_into_mailbox() for _ in range(2)]

    assert [look.taken for look in looks] == [1, 0]
    assert len(server.contents("Masthead")) == 1
    assert server.contents("INBOX") == []


def test_a_report_taken_but_not_moved_is_moved_the_next_time(server):
    raw = returned("postfix", DeliveryFactory())
    returns.take_mail(raw)
    server.put(raw)

    returns.look_into_mailbox()

    assert MailEvent.objects.count() == 1
    assert server.contents("INBOX") == []


def test_what_is_not_understood_stays_and_is_listed_once(server):
    server.put(HELLO)
    server.put(returned("postfix", DeliveryFactory()))

    looks = [returns.look_into_mailbox() for _ in range(2)]

    assert [look.left for look in looks] == [1, 1]
    assert server.contents("INBOX") == [HELLO]
    assert [stray.subject for stray in Stray.objects.all()] == ["Hello"]
    assert server.commands.count("UID FETCH") == 2


def test_what_somebody_took_away_is_listed_no_more(server):
    server.put(HELLO)
    returns.look_into_mailbox()

    server.folders["INBOX"].clear()
    returns.look_into_mailbox()

    assert not Stray.objects.exists()


def test_a_forged_report_is_moved_and_changes_nothing(server):
    server.put(returned("postfix"))

    returns.look_into_mailbox()

    assert not MailEvent.objects.exists()
    assert len(server.contents("Masthead")) == 1


def test_a_mail_that_breaks_a_parser_holds_up_no_other(server):
    server.put(b"Content-Type: multipart/report; boundary\x00=\xff\r\nTo: \xff\r\n\r\n")
    server.put(returned("postfix", DeliveryFactory()))

    look = returns.look_into_mailbox()

    assert (look.taken, look.left) == (1, 1)


def test_a_wrong_password_is_told_on_the_page(server, settings):
    settings.BOUNCE_MAILBOX = server.url.replace("se%20cret", "other")

    look = returns.look_into_mailbox()

    assert "wrong password" in look.error
    assert returns.last_look() == look


def test_a_server_that_is_away_is_told_on_the_page(settings):
    settings.BOUNCE_MAILBOX = "imap://u:p@127.0.0.1:1/INBOX"

    assert "refused" in returns.look_into_mailbox().error


def test_a_certificate_that_nobody_signed_is_refused(settings):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with ImapServer(context) as imap:
        settings.BOUNCE_MAILBOX = imap.url

        assert "certificate" in returns.look_into_mailbox().error.lower()


def test_a_signed_certificate_is_believed(settings, monkeypatch, tmp_path):
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with ImapServer(context) as imap:
        settings.BOUNCE_MAILBOX = imap.url
        imap.put(returned("postfix", DeliveryFactory()))

        assert returns.look_into_mailbox().taken == 1
