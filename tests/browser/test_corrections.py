"""An editor mends last night's issue, on a phone and at a desk; readers see the note."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
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

from .people import Person
from .test_accessibility import IN_THE_DARK, IN_THE_LIGHT, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def issue(launch) -> Issue:
    """Out since last night, with a typo and a wrong link."""
    PublicationFactory()
    SubscriberFactory.create_batch(2)
    editor = EditorFactory(name="林晚")
    issue = IssueFactory(number="7", state=IssueState.REVIEW, lead_editor=editor)
    ItemFactory(
        issue=issue,
        state=ItemState.APPROVED,
        headline="调度气更快了",
        url="https://wrong.example/",
    )
    approved = workflow.approve_issue(issue=issue, by=editor)
    return workflow.publish_issue(issue=approved, by=editor)


@pytest.mark.parametrize("width", [390, 1280])
def test_editor_fixes_a_typo_and_then_publishes_a_correction(
    width, visit, issue, mail_server
):
    editor = Person(visit(width=width))
    sign_in(editor, issue)

    fix_the_typo(editor)
    refuse_the_link_as_a_typo(editor)
    publish_the_correction(editor)

    reader = Person(visit(width=width))
    reader.opens("/issues/7/")
    reader.page.get_by_role("link", name=reader.words("With a correction")).click()
    expect(reader.page.locator("#correction-1")).to_contain_text("链接写错了")
    shuts_nobody_out(reader)
    assert not mail_server.accepted


def sign_in(editor: Person, issue: Issue) -> None:
    client = Client()
    client.force_login(issue.lead_editor)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session}
    editor.visitor.context.add_cookies([{**cookie, "url": settings.PUBLIC_URL}])


def fix_the_typo(editor: Person) -> None:
    """From the board, with the keyboard alone once the text is open."""
    editor.opens("/desk/issues/7/")
    editor.follows("Fix a typo or correct")
    shuts_nobody_out(editor)
    editor.page.get_by_role("link", name="调度气更快了").last.click()
    shuts_nobody_out(editor)
    editor.field("Headline").fill("调度器更快了")
    editor.field("Headline").press("Enter")
    editor.sees_heading("Fix this typo?")
    expect(editor.page.locator("ins")).to_have_text("器")
    shuts_nobody_out(editor)
    editor.page.get_by_role("button", name=editor.words("Fix the typo")).press("Enter")
    editor.sees("The typo is fixed. Nobody is mailed.")


def refuse_the_link_as_a_typo(editor: Person) -> None:
    editor.follows("Fix a typo or correct")
    editor.page.get_by_role("link", name="调度器更快了").last.click()
    editor.field("Link").fill("https://right.example/")
    editor.presses("Look at the change")
    editor.sees(
        "This is more than a typo. Publish it as a correction, with a note for readers;"
        " your text stands below."
    )
    shuts_nobody_out(editor)
    expect(editor.field("Link")).to_have_value("https://right.example/")


def publish_the_correction(editor: Person) -> None:
    editor.field("Note for readers").fill("链接写错了，应为 right.example。")
    editor.presses("Look at the change")
    editor.sees_heading("Publish this correction?")
    editor.presses("Back to the text")
    expect(editor.field("Link")).to_have_value("https://right.example/")
    editor.presses("Look at the change")
    editor.presses("Publish the correction")
    editor.sees("The correction is published. Nobody is mailed again.")


def shuts_nobody_out(person: Person) -> None:
    """Axe finds nothing, in the light or in the dark."""
    person.page.evaluate(AXE_SCRIPT)
    found = violations(person.page, IN_THE_LIGHT)
    person.page.emulate_media(color_scheme="dark")
    found += violations(person.page, IN_THE_DARK)
    person.page.emulate_media(color_scheme="light")
    assert not found, "\n".join(found)
