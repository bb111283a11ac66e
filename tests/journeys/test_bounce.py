"""A mail that comes back: from the relay's report to a reader who is left in peace."""

import pytest

from editorial import doorbell
from newsletter import digests
from newsletter.models import Digest, MailEvent, Subscriber, Suppression
from newsletter.states import DigestState
from scripts.processes import wait_until
from tests.factories import (
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
)
from tests.imapserver import ImapServer
from tests.mailserver import Mail
from tests.newsletter.returned import SAMPLES

pytestmark = [pytest.mark.engines, pytest.mark.slow]

BOUNCES = "bounces@masthead.test"


@pytest.fixture
def mailbox(launch):
    """A worker that looks for bounces in a mailbox of its own."""
    PublicationFactory()
    with ImapServer() as imap:
        launch.worker(BOUNCE_ADDRESS=BOUNCES, BOUNCE_MAILBOX=imap.url)
        yield imap


def send_an_issue() -> None:
    digest = DigestFactory()
    digests.start_digest(digest=digest, by=EditorFactory())
    assert wait_until(
        lambda: Digest.objects.get(pk=digest.pk).state == DigestState.DONE, seconds=60
    )


def give_back(mailbox: ImapServer, mail: Mail) -> None:
    """As a relay does it: to the envelope's sender, with the headers of the mail."""
    report = SAMPLES.joinpath("postfix.eml").read_text("utf-8")
    report = report.replace("bounce@masthead.test", mail.sender)
    report = report.replace("@ID@", str(mail.message["X-Delivery-ID"]))
    mailbox.put(report.replace("\n", "\r\n").encode())
    doorbell.ring("newsletter.look_into_mailbox")


def test_a_reader_whose_mailbox_is_gone_gets_no_further_mail(mailbox, mail_server):
    gone = SubscriberFactory(address="reader@readers.test")
    SubscriberFactory.create_batch(2)
    send_an_issue()
    (mail,) = mail_server.sent_to(gone.address)
    assert mail.sender.startswith("bounces+")

    give_back(mailbox, mail)

    assert wait_until(lambda: Suppression.objects.exists(), seconds=30)
    assert MailEvent.objects.get().delivery.subscriber == gone
    assert gone not in Subscriber.objects.mailable()
    send_an_issue()
    assert len(mail_server.sent_to(gone.address)) == 1
    assert len(mail_server.accepted) == 3 + 2
    assert wait_until(lambda: not mailbox.contents("INBOX"), seconds=30)
