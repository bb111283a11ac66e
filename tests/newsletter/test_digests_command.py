from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from newsletter.models import Delivery
from newsletter.states import DeliveryState, DigestState
from tests.factories import (
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    PublishedIssueFactory,
    SubscriberFactory,
    UserFactory,
)
from tests.mailserver import Cut
from tests.newsletter.sending import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def digest():
    PublicationFactory()
    EditorFactory(email="desk@masthead.test", name="墨封")
    SubscriberFactory.create_batch(2)
    return DigestFactory(issue__number="23")


def send(*options: str, by: str = "desk@masthead.test") -> str:
    out = StringIO()
    call_command("send_digest", "23", "--by", by, *options, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("by", ["desk@masthead.test", "DESK@masthead.test", "墨封"])
def test_command_starts_the_digest_and_leaves_the_sending_to_a_worker(digest, by):
    assert "on its way" in send(by=by)

    digest.refresh_from_db()
    assert digest.state == DigestState.FREEZING


def test_waiting_command_sends_by_itself(digest, mail_server):
    said = send("--wait")

    assert "2 sent" in said
    assert len(mail_server.accepted) == 2


def test_waiting_command_goes_on_with_what_was_begun(digest, mail_server):
    send()

    assert "2 sent" in send("--wait")


def test_second_start_is_refused(digest):
    send()

    with pytest.raises(CommandError, match="started before; now: Preparing"):
        send()


def test_uncertain_deliveries_are_no_success(digest, mail_server):
    mail_server.script = answer("dot", Cut())

    with pytest.raises(CommandError, match="2 unknown"):
        send("--wait")


def test_server_that_refuses_is_told_in_its_own_words(digest, mail_server):
    mail_server.script = answer("mail", "530 5.7.0 log in first")

    with pytest.raises(CommandError, match="log in first"):
        send("--wait")

    states = set(Delivery.objects.values_list("state", flat=True))
    assert states == {DeliveryState.PENDING}


def test_author_may_not_send(digest):
    UserFactory(email="author@masthead.test")

    with pytest.raises(CommandError, match="may not"):
        send(by="author@masthead.test")


def test_unknown_user_and_issue_without_a_digest_are_named(digest):
    with pytest.raises(CommandError, match="--by nobody"):
        send(by="nobody")
    PublishedIssueFactory(number="7", imported=True)
    with pytest.raises(CommandError, match="Issue 7 has no digest"):
        call_command("send_digest", "7", "--by", "desk@masthead.test")
