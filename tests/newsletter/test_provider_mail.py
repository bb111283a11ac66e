"""What leaves through a provider besides digests: test mails, confirmations."""

import pytest
from django.core.mail import get_connection
from django.urls import reverse

from editorial import people
from editorial.models import Invitation
from newsletter import digests, subscriptions
from newsletter.models import Confirmation, Trial
from newsletter.postbox import WireError
from tests.factories import DigestFactory, EditorFactory, PublicationFactory
from tests.providerserver import Cut, Said

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    PublicationFactory(language="en")
    return EditorFactory(email="rowan@masthead.test", language="en", name="Rowan")


@pytest.mark.parametrize("name", ["mailgun", "postmark", "resend", "brevo"])
def test_a_test_mail_goes_the_way_the_digest_will(provider, editor, name):
    server = provider(name)

    trial = digests.send_trial(digest=DigestFactory(), by=editor)

    (mail,) = server.accepted
    assert (trial.accepted, mail.to) == (1, "rowan@masthead.test")
    assert "Hello Rowan," in mail.text
    assert "List-Unsubscribe" not in mail.headers


def test_why_a_provider_took_no_test_mail_is_told(provider, editor):
    provider("mailgun").script = lambda request: Said(401, {"message": "Forbidden"})

    with pytest.raises(WireError, match="401 Forbidden"):
        digests.send_trial(digest=DigestFactory(), by=editor)

    assert Trial.objects.get().accepted == 0


def test_the_control_room_names_the_way_mail_leaves(
    client, editor, provider, mail_server
):
    client.force_login(editor)
    url = reverse("readers:digest", args=[DigestFactory().issue.slug])
    assert "127.0.0.1 (mail server)" in client.get(url).content.decode()

    provider("mailgun")

    assert "Mailgun (mail provider)" in client.get(url).content.decode()


def ask() -> Confirmation:
    PublicationFactory()
    subscriptions.request_subscription(address="reader@readers.test", client="")
    return Confirmation.objects.get()


def test_a_confirmation_leaves_through_the_provider(provider):
    server = provider("postmark")
    ask()

    assert subscriptions.send_owed_confirmations() == 1

    assert server.accepted[0].to == "reader@readers.test"
    assert "MessageStream" not in server.calls[0].data


@pytest.mark.parametrize(
    ("said", "failed", "words"),
    [
        (Said(401, {"ErrorCode": 10, "Message": "Bad token"}), False, "401"),
        (Said(429), False, "429"),
        (
            Said(422, {"ErrorCode": 406, "Message": "Found inactive addresses: reader@"
                       "readers.test. Inactive recipients are …"}),
            True, "AnymailRecipientsRefused",
        ),
        (Said(500), False, ""),
        (Cut(), False, ""),
    ],
)  # fmt: skip
def test_a_confirmation_that_is_refused_is_told_from_one_that_may_have_left(
    provider, said, failed, words
):
    provider("postmark").script = lambda request: said
    ask()

    assert subscriptions.send_owed_confirmations() == 0

    confirmation = Confirmation.objects.get()
    assert (confirmation.failed_at is not None) == failed
    assert words in confirmation.error
    assert "@" not in confirmation.error
    assert bool(confirmation.error) == bool(words)


WORDS = "Found inactive addresses: {}. Inactive recipients are ones that …"


def inactive(address: str) -> Said:
    return Said(422, {"ErrorCode": 406, "Message": WORDS.format(address)})


def test_an_invitation_that_the_provider_refuses_was_never_made(provider, editor):
    provider("postmark").script = lambda request: inactive("new@team.test")

    with pytest.raises(people.MailRefused):
        people.invite_by_mail(by=editor, email="new@team.test")

    assert not Invitation.objects.exists()


def test_a_code_that_the_provider_refuses_is_told_on_the_page(client, provider, editor):
    provider("postmark").script = lambda request: inactive(editor.email)

    page = client.post(reverse("account_login"), {"login": editor.email}, follow=True)

    assert page.status_code == 200
    assert "could not be sent" in page.content.decode()


def test_django_s_own_connection_is_the_provider_s(provider):
    provider("sendgrid")

    assert type(get_connection()).__module__ == "anymail.backends.sendgrid"
