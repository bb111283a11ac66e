import re
import stat
from email import message_from_bytes, policy
from email.message import EmailMessage

import dkim
import pytest
from django.core import mail

from newsletter import digests, signing
from tests.factories import DigestFactory, EditorFactory, PublicationFactory

from .sending import send

SENDER = "云边周报 <weekly@news.test>"
MESSAGE = (
    b"From: =?utf-8?b?5LqR?=\r\n <weekly@news.test>\r\n"
    b"To: reader@readers.test\r\nSubject: one\r\n\ttwo   three \r\n"
    b"Date: Wed, 25 Nov 2026 21:00:00 +0000\r\nMessage-ID: <1@news.test>\r\n"
    b"List-Unsubscribe: <https://news.test/u/k/>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"List-Id: <digest.news.test>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nHello.\r\n"
)
COVERED = (
    "from to subject date message-id reply-to mime-version content-type "
    "list-unsubscribe list-unsubscribe-post list-id"
)


@pytest.fixture
def key(settings, tmp_path) -> signing.Key:
    """A key in force."""
    settings.DKIM_KEY = f"{tmp_path}/keys/{{selector}}.pem"
    settings.DKIM_SELECTOR = "2026a"
    return signing.make_key("2026a")


def verified(message: bytes, key: signing.Key) -> bool:
    """What dkimpy says of the signature."""
    names = {b"2026a._domainkey.news.test.": key.record.encode()}
    return dkim.verify(message, dnsfunc=lambda name, timeout=5: names[name])


def signed(message: bytes = MESSAGE) -> bytes:
    return signing.signer_for(SENDER)(message) + message


@pytest.mark.parametrize(
    "message",
    [
        MESSAGE,
        MESSAGE + b"\r\n\r\n",
        MESSAGE.removesuffix(b"\r\n"),
        MESSAGE.partition(b"Hello")[0],
        MESSAGE.replace(b"Hello.", b"Two  blanks \r\n\r\n.dot"),
        MESSAGE.replace(b"List-Id: <digest.news.test>\r\n", b""),
    ],
    ids=["usual", "empty lines", "no line end", "no body", "odd lines", "no list"],
)
def test_signature_is_verified_by_other_code(key, message):
    assert verified(signed(message), key)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Hello.", b"Hello!"),
        (b"List-Unsubscribe: <https://news", b"List-Unsubscribe: <https://evil"),
        (b"MIME-Version", b"From: evil@evil.test\r\nMIME-Version"),
        (b"MIME-Version", b"Reply-To: evil@evil.test\r\nMIME-Version"),
        (b"MIME-Version", b"Subject: evil\r\nMIME-Version"),
    ],
    ids=["body", "link", "second From", "added Reply-To", "second Subject"],
)
def test_what_was_changed_or_added_on_the_way_breaks_the_signature(key, before, after):
    assert not verified(signed().replace(before, after, 1), key)


def test_header_folded_anew_by_a_relay_still_fits(key):
    refolded = signed().replace(
        b"Subject: one\r\n\ttwo   three", b"Subject: one two three"
    )

    assert verified(refolded, key)


def test_signature_covers_what_makes_a_mail_and_what_unsubscribes(key):
    tags = message_from_bytes(signed(), policy=policy.default)["DKIM-Signature"]

    names = re.sub(r"\s", "", re.search(r"h=([^;]*);", tags)[1]).split(":")
    assert list(dict.fromkeys(names)) == COVERED.split()
    assert names.count("from") == 2


def test_signature_lines_are_short(key):
    lines = signed().removesuffix(MESSAGE).split(b"\r\n")

    assert max(map(len, lines)) <= 78


def test_nothing_is_signed_where_the_relay_does(settings):
    settings.DKIM_SELECTOR = ""

    assert signing.signer_for(SENDER) is None


@pytest.mark.parametrize(
    ("domain", "sender", "signs_for"),
    [
        ("", "a@sub.news.test", "sub.news.test"),
        ("news.test", "a@sub.news.test", "news.test"),
        ("news.test", "a@News.Test", "news.test"),
        ("news.test", "a@evilnews.test", None),
        ("", "a@例え.test", "xn--r8jz45g.test"),
    ],
)
def test_domain_that_vouches_is_the_senders_or_above_it(
    key, settings, domain, sender, signs_for
):
    settings.DKIM_DOMAIN = domain

    signer = signing.signer_for(sender)

    assert (signer.domain if signer else None) == signs_for


def test_missing_key_lets_no_mail_go_unsigned(settings, tmp_path):
    settings.DKIM_KEY = f"{tmp_path}/none.pem"
    settings.DKIM_SELECTOR = "x"

    with pytest.raises(signing.KeyUnusable, match="No such file"):
        signing.signer_for(SENDER)


def test_file_without_a_key_is_told(settings, tmp_path):
    (tmp_path / "x.pem").write_text("nothing")
    settings.DKIM_KEY, settings.DKIM_SELECTOR = f"{tmp_path}/x.pem", "x"

    with pytest.raises(signing.KeyUnusable, match="no private key"):
        signing.signer_for(SENDER)


@pytest.mark.parametrize("selector", ["", "-a", "a.b", "../a", "a_b", "a" * 64])
def test_impossible_selector_makes_no_key(settings, tmp_path, selector):
    settings.DKIM_KEY = f"{tmp_path}/{{selector}}.pem"

    with pytest.raises(signing.KeyUnusable, match="selector"):
        signing.make_key(selector)


def test_private_key_is_for_its_owner_only(key):
    path = signing.key_path("2026a")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_key_that_is_there_is_not_overwritten(key):
    before = signing.key_path("2026a").read_bytes()

    with pytest.raises(FileExistsError):
        signing.make_key("2026a")

    assert signing.key_path("2026a").read_bytes() == before


def test_record_is_published_in_strings_of_255_octets(key):
    record = key.record

    strings = re.findall('"([^"]*)"', signing.zone_line("2026a._domainkey.a", record))

    assert "".join(strings) == record
    assert max(map(len, strings)) <= 255
    assert len(strings) == 2


@pytest.mark.django_db
def test_digest_arrives_signed(key, mail_server):
    headers = {"From": SENDER}
    digest = DigestFactory(sending=True, readers=1, headers=headers, sender=SENDER)

    send(digest)

    (received,) = mail_server.accepted
    assert verified(received.content, key)


@pytest.mark.django_db
def test_test_mail_arrives_signed(key, mail_server):
    PublicationFactory(sender_email="weekly@news.test")

    digests.send_trial(digest=DigestFactory(), by=EditorFactory())

    (received,) = mail_server.accepted
    assert verified(received.content, key)


def test_djangos_own_mail_is_signed_as_it_arrives(key, settings, mail_server):
    settings.EMAIL_BACKEND = "newsletter.signing.SigningEmailBackend"

    mail.EmailMessage("题目", "正文。\n", SENDER, ["reader@readers.test"]).send()

    (received,) = mail_server.accepted
    assert verified(received.content, key)
    assert isinstance(received.message, EmailMessage)
