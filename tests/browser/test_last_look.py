"""From publishing to the last mailbox, with every second thought an editor may have."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from editorial import workflow
from editorial.models import Issue
from editorial.states import IssueState, ItemState
from tests.factories import (
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    SubscriberFactory,
)

from .people import Person, Post

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EDITOR = "lin@newsroom.test"


@pytest.fixture
def issue(launch) -> Issue:
    """Approved, with three readers waiting for it."""
    PublicationFactory(digest_after=30)
    SubscriberFactory.create_batch(3)
    editor = EditorFactory(email=EDITOR, name="林晚")
    issue = IssueFactory(number="7", state=IssueState.REVIEW, lead_editor=editor)
    ItemFactory(issue=issue, state=ItemState.APPROVED)
    return workflow.approve_issue(issue=issue, by=editor)


@pytest.mark.parametrize("width", [390, 1280])
def test_editor_publishes_holds_tests_and_sends(
    width, visit, launch, issue, mail_server
):
    launch.worker()
    editor, post = Person(visit(width=width)), Post(mail_server)
    sign_in(editor, issue)

    publish(editor)
    hold(editor, issue)
    send_untested(editor)
    send_a_test_mail(editor, post)
    slow_down(editor, issue)
    send(editor)

    mailed = [mail.recipients[0] for mail in mail_server.accepted]
    assert sum(address.endswith("@readers.test") for address in mailed) == 3


def sign_in(editor: Person, issue: Issue) -> None:
    client = Client()
    client.force_login(issue.lead_editor)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session}
    editor.visitor.context.add_cookies([{**cookie, "url": settings.PUBLIC_URL}])


def publish(editor: Person) -> None:
    editor.opens("/desk/issues/7/")
    editor.follows("Publish")
    editor.presses("Publish now")
    words = "Published. The digest goes by itself in %(n)d minute, unless somebody holds it."
    editor.sees(words, n=30)


def hold(editor: Person, issue: Issue) -> None:
    editor.opens(reverse("readers:digest", args=[issue.slug]))
    editor.sees("Starts by itself")
    expect(editor.page.locator("[data-until]")).to_contain_text(":")
    editor.presses("Hold it")
    editor.sees("Held. It waits until somebody sends it.")


def send_untested(editor: Person) -> None:
    """The question opens over the page, and sends nothing without test or tick."""
    editor.follows("Send the digest")
    editor.sees_heading("Send to %(number)s reader?", number=3)
    editor.presses("Send to %(number)s reader", number=3)
    editor.sees("Send a test mail of this text first, or tick that it goes without.")


def send_a_test_mail(editor: Person, post: Post) -> None:
    editor.presses("Send me a test mail")
    editor.sees("A test mail is on its way to %(address)s.", address=EDITOR)
    assert post.letter(EDITOR)


def slow_down(editor: Person, issue: Issue) -> None:
    editor.opens(reverse("readers:digest", args=[issue.slug]))
    editor.page.get_by_text(editor.words("How fast it goes")).click()
    editor.field("Mails a second, at most").fill("50")
    editor.presses("Change the speed")
    editor.sees("The new speed holds from the next mails on.")


def send(editor: Person) -> None:
    editor.follows("Send the digest")
    editor.sees_heading("Send to %(number)s reader?", number=3)
    editor.presses("Send to %(number)s reader", number=3)
    editor.sees("Done")
    expect(editor.page.locator("progress")).to_have_attribute("value", "3")
