"""What has the focus is in sight: no bar of ours lies over it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from editorial import workflow
from editorial.models import Issue
from editorial.states import ItemState
from tests.factories import EditorFactory, ItemFactory, PublicationFactory, UserFactory

from .conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_STOPS = 80
# The bars of the page that lie over what has the focus. A long text may be higher than
# the room there is; the browser shows the line with the caret.
COVERED = """() => {
  const has = document.activeElement, place = has.getBoundingClientRect();
  if (has === document.body || has.matches("textarea")) return [];
  const bars = [...document.querySelectorAll(".bar, .tabs, .todo")];
  return bars.filter((bar) => {
    const over = bar.getBoundingClientRect();
    const lies = !["static", ""].includes(getComputedStyle(bar).position);
    const beside = over.right <= place.left || over.left >= place.right;
    const apart = over.bottom <= place.top || over.top >= place.bottom;
    return lies && !bar.contains(has) && !beside && !apart;
  }).map((bar) => `.${bar.className} over ${has.outerHTML.slice(0, 120)}`);
}"""


@pytest.fixture
def issue(launch) -> Issue:
    PublicationFactory()
    UserFactory.create_batch(24)  # to tick in a test group
    editor = EditorFactory()
    issue = workflow.create_issue(by=editor, number="7")
    Issue.objects.update(lead_editor=editor)
    ItemFactory.create_batch(6, issue=issue, state=ItemState.DRAFT, url="")
    issue.refresh_from_db()
    return issue


@pytest.mark.parametrize("height", [844, 420], ids=["phone", "phone with a keyboard"])
def test_no_bar_covers_what_has_the_focus(height, issue, visit):
    visitor = visit(width=390)
    visitor.page.set_viewport_size({"width": 390, "height": height})
    visitor.page.emulate_media(reduced_motion="reduce")
    sign_in(visitor, issue)
    item = issue.items.first()

    covered = []
    for path in (
        reverse("desk:issue", args=[issue.slug]),
        reverse("desk:issue_edit", args=[issue.slug]),
        reverse("desk:item_edit", args=[item.pk]),
        reverse("readers:trial_groups"),
    ):
        visitor.open(path)
        covered += [*walk(visitor, "Tab"), *walk(visitor, "Shift+Tab")]

    assert not covered, "\n".join(covered)


def walk(visitor: Visitor, key: str) -> list[str]:
    found = []
    for _stop in range(MOST_STOPS):
        visitor.page.keyboard.press(key)
        found += visitor.page.evaluate(COVERED)
    return found


def sign_in(visitor: Visitor, issue: Issue) -> None:
    client = Client()
    client.force_login(issue.lead_editor)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session}
    visitor.context.add_cookies([{**cookie, "url": settings.PUBLIC_URL}])
