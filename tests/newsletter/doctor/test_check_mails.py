"""The check-up's test mail, from the press to the finding."""

from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.urls import reverse

from newsletter import returns
from newsletter.doctor import check_mails, examining, fitness
from newsletter.models import CheckMail, Stray
from tests.factories import EditorFactory, PublicationFactory, UserFactory
from tests.imapserver import ImapServer

pytestmark = pytest.mark.django_db

HELLO = "From: a@b.test\r\nSubject: Hello\r\n\r\nHi."


@pytest.fixture(autouse=True)
def publication(name_server, mail_server, settings):
    settings.PUBLIC_URL = "https://weekly.test"
    return PublicationFactory(sender_email="weekly@news.test", language="en")


@pytest.fixture
def editor(client):
    user = EditorFactory(language="en", email="lin@newsroom.test")
    client.force_login(user)
    return user


def source(mail_server) -> bytes:
    return mail_server.accepted[-1].content


def press(client, name: str, **data):
    return client.post(reverse(f"readers:{name}"), data)


def test_it_goes_out_as_a_digest_does(editor, mail_server):
    check_mails.send(by=editor)

    (mail,) = mail_server.accepted
    assert mail.recipients == ("lin@newsroom.test",)
    assert mail.message["List-Unsubscribe"].startswith("<https://weekly.test/u/")
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "weekly@news.test" in mail.message["From"]


def test_source_of_an_unsigned_mail_fails_and_holds_the_first_digest(
    client, editor, mail_server
):
    press(client, "check_mail")

    answer = press(client, "check_source", source=source(mail_server).decode())

    assert answer.status_code == 302
    assert "arrival" in fitness.failing_topics()
    page = client.get(reverse("readers:doctor")).content.decode()
    assert "Nobody signed it." in page


def test_what_arrived_answers_what_dns_leaves_open(editor, mail_server):
    examining.examine_here()
    before = {
        (one.topic, one.kind) for one in examining.findings_of(examining.latest())
    }
    check_mails.send(by=editor)

    check_mails.read(source(mail_server))

    found = {(one.topic, one.kind) for one in examining.findings_of(examining.latest())}
    assert before - found == {("dkim", "relay")}
    assert ("arrival", "unsigned") in found


@pytest.mark.parametrize("text", [HELLO, "", "x" * 100, "\0"])
def test_anything_else_is_refused_with_the_text_kept(client, editor, text):
    answer = press(client, "check_source", source=text)

    assert answer.status_code == 400
    assert not CheckMail.objects.read().exists()


def test_source_of_another_sender_is_out_of_date(editor, mail_server, publication):
    check_mails.send(by=editor)
    publication.sender_email = "weekly@other.test"
    publication.save()

    with pytest.raises(ValidationError, match="others by now"):
        check_mails.read(source(mail_server))


def test_findings_of_another_sender_do_not_count(editor, mail_server, publication):
    check_mails.send(by=editor)
    check_mails.read(source(mail_server))
    publication.sender_email = "weekly@other.test"
    publication.save()

    assert check_mails.findings() == []


def test_mail_server_that_refuses_is_quoted(client, editor, mail_server):
    mail_server.script = lambda step, _address: (
        "550 5.7.1 not from you" if step == "mail" else None
    )

    answer = press(client, "check_mail")

    assert answer.status_code == 502
    assert "5.7.1 not from you" in answer.content.decode()


def test_ten_an_hour_are_enough(client, editor):
    for _time in range(check_mails.AN_HOUR):
        check_mails.send(by=editor)

    assert press(client, "check_mail").status_code == 400
    assert CheckMail.objects.count() == check_mails.AN_HOUR


def test_authors_send_none():
    with pytest.raises(PermissionDenied):
        check_mails.send(by=UserFactory())


def test_a_copy_comes_back_by_itself_where_we_read_a_mailbox(
    editor, mail_server, settings
):
    with ImapServer() as imap:
        settings.BOUNCE_MAILBOX, settings.BOUNCE_ADDRESS = imap.url, "b@news.test"
        check_mails.send(by=editor)
        mails = {mail.recipients[0]: mail.content for mail in mail_server.accepted}
        imap.put(mails["b@news.test"])

        look = returns.look_into_mailbox()

    assert (look.taken, look.left) == (1, 0)
    assert CheckMail.objects.read().count() == 1
    assert not Stray.objects.exists()


def test_command_reads_a_source_from_a_file(editor, mail_server, tmp_path):
    check_mails.send(by=editor)
    (tmp_path / "mail.eml").write_bytes(source(mail_server))
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("mail_doctor", "--source", str(tmp_path / "mail.eml"), stdout=out)

    assert "The mail that arrived. Nobody signed it." in out.getvalue()
