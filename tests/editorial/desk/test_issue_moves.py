"""Each step of an issue asks first; the press does it, once, for those who may."""

from datetime import timedelta

import pytest
from django.utils import timezone

from editorial import workflow
from editorial.states import IssueState, ItemState
from tests.factories import EditorFactory, UserFactory

from .rows import (
    approved,
    item_in,
    open_issue,
    proofed,
    published,
    tomorrow,
    url,
)

pytestmark = pytest.mark.django_db


def as_it_is(issue, by):
    return issue


def withdrawn(issue, by):
    return workflow.withdraw_issue(issue=published(issue, by), by=by, note="why")


def scheduled(issue, by):
    return workflow.schedule_issue(
        issue=approved(issue, by), by=by, publish_at=moment_tomorrow()
    )


def moment_tomorrow():
    return timezone.now() + timedelta(days=1)


# press, what comes before, what is sent, the state after
STEPS = [
    ("close", as_it_is, {"unfinished": "wait"}, IssueState.REVIEW),
    ("extend", as_it_is, {"deadline_at": tomorrow()}, IssueState.DRAFT),
    ("reopen", proofed, {}, IssueState.DRAFT),
    ("unapprove", approved, {}, IssueState.REVIEW),
    ("schedule", approved, {"publish_at": tomorrow()}, IssueState.APPROVED),
    ("unschedule", scheduled, {}, IssueState.APPROVED),
    ("publish", approved, {}, IssueState.PUBLISHED),
    ("withdraw", published, {"note": "why"}, IssueState.WITHDRAWN),
    ("restore", withdrawn, {}, IssueState.PUBLISHED),
]
ASKING = {"close", "extend", "schedule", "publish", "withdraw", "restore"}


@pytest.mark.parametrize(("name", "before", "sent", "after"), STEPS)
def test_editor_takes_the_step(client, name, before, sent, after):
    editor = EditorFactory()
    issue = before(open_issue(), editor)
    client.force_login(editor)

    response = client.post(url(f"issue_{name}", issue.slug), sent)

    issue.refresh_from_db()
    assert response.status_code == 302
    assert issue.state == after


@pytest.mark.parametrize(("name", "before", "sent", "_after"), STEPS)
def test_author_may_not(client, name, before, sent, _after):
    issue = before(open_issue(), EditorFactory())
    state = issue.state
    client.force_login(UserFactory())

    response = client.post(url(f"issue_{name}", issue.slug), sent)

    issue.refresh_from_db()
    assert response.status_code == 403
    assert issue.state == state


@pytest.mark.parametrize(
    ("name", "before", "sent", "_after"),
    [s for s in STEPS if s[0] not in {"extend", "schedule", "unschedule", "publish"}],
)
def test_pressed_twice_the_second_is_told(client, name, before, sent, _after):
    editor = EditorFactory()
    issue = before(open_issue(), editor)
    client.force_login(editor)
    client.post(url(f"issue_{name}", issue.slug), sent)

    response = client.post(url(f"issue_{name}", issue.slug), sent)

    assert response.status_code == 409
    assert "Somebody was faster" in response.content.decode()


@pytest.mark.parametrize(("name", "before", "_sent", "_after"), STEPS)
def test_opening_a_step_changes_nothing(client, name, before, _sent, _after):
    editor = EditorFactory()
    issue = before(open_issue(), editor)
    client.force_login(editor)

    response = client.get(url(f"issue_{name}", issue.slug))

    version = issue.version
    issue.refresh_from_db()
    assert response.status_code == (200 if name in ASKING else 405)
    assert issue.version == version


def test_publishing_twice_publishes_once(client):
    editor = EditorFactory()
    issue = approved(open_issue(), editor)
    client.force_login(editor)

    for _press in range(2):
        assert client.post(url("issue_publish", issue.slug)).status_code == 302

    assert issue.revisions.count() == 1


def test_closing_sends_unfinished_items_to_the_backlog(client):
    issue = open_issue()
    item = item_in(issue)
    client.force_login(EditorFactory())

    client.post(url("issue_close", issue.slug), {"unfinished": "drop"})

    item.refresh_from_db()
    assert item.issue is None


def test_closing_asks_what_becomes_of_the_unfinished(client):
    issue = open_issue()
    item_in(issue, headline="没写完的一条")
    client.force_login(EditorFactory())

    page = client.get(url("issue_close", issue.slug)).content.decode()

    assert "没写完的一条" in page
    assert 'name="unfinished"' in page


def approve_form(client, issue):
    form = client.get(url("issue_approve", issue.slug)).context["form"]
    return {"version": 1, "content_hash": form.initial["content_hash"], "note": ""}


def test_issue_is_approved_as_it_was_read(client):
    editor = EditorFactory()
    issue = proofed(open_issue(), editor)
    client.force_login(editor)

    client.post(url("issue_approve", issue.slug), approve_form(client, issue))

    issue.refresh_from_db()
    assert issue.state == IssueState.APPROVED


def test_words_changed_since_are_not_approved_unread(client):
    editor = EditorFactory()
    issue = proofed(open_issue(), editor)
    client.force_login(editor)
    seen = approve_form(client, issue)
    workflow.edit_issue(issue=issue, by=editor, version=issue.version, dek="changed")

    response = client.post(url("issue_approve", issue.slug), seen)

    issue.refresh_from_db()
    assert response.status_code == 409
    assert issue.state == IssueState.REVIEW


def test_issue_with_open_items_is_not_ready(client):
    editor = EditorFactory()
    issue = proofed(open_issue(), editor)
    item_in(issue, ItemState.SUBMITTED)
    client.force_login(editor)

    response = client.post(
        url("issue_approve", issue.slug), approve_form(client, issue)
    )

    page = response.content.decode()
    assert response.status_code == 409
    assert "Not ready yet" in page
    assert "1 item is not approved yet." in page


@pytest.mark.parametrize("when", ["", "tomorrow", "2001-01-01T00:00"])
def test_schedule_needs_a_moment_to_come(client, when):
    editor = EditorFactory()
    issue = approved(open_issue(), editor)
    client.force_login(editor)

    response = client.post(url("issue_schedule", issue.slug), {"publish_at": when})

    assert response.status_code == 400
    assert response.context["form"].errors["publish_at"]


def test_moments_are_the_publications_clock(client):
    editor = EditorFactory()
    issue = open_issue()
    client.force_login(editor)

    client.post(url("issue_extend", issue.slug), {"deadline_at": "2031-05-02T12:00"})

    issue.refresh_from_db()
    assert f"{issue.deadline_at:%Y-%m-%d %H:%M %Z}" == "2031-05-02 04:00 UTC"


def test_a_copy_deadline_is_moved_to_the_future_only(client):
    issue = open_issue()
    client.force_login(EditorFactory())

    response = client.post(
        url("issue_extend", issue.slug), {"deadline_at": "2020-01-01T10:00"}
    )

    issue.refresh_from_db()
    assert response.status_code == 400
    assert response.context["form"].errors["deadline_at"]
    assert issue.deadline_at is None


def test_own_drafts_are_submitted_at_once_and_nobody_elses(client):
    me, issue = EditorFactory(), open_issue()
    own = [item_in(issue, submitted_by=me) for _ in range(2)]
    other = item_in(issue)
    client.force_login(me)

    board = client.get(url("issue", issue.slug))
    client.post(url("issue_submit", issue.slug))

    assert "Submit your 2 drafts" in board.text
    assert set(issue.items.waiting()) == set(own)
    other.refresh_from_db()
    assert other.state == ItemState.DRAFT


def test_a_draft_that_cannot_be_submitted_keeps_all_and_says_why(client):
    me, issue = EditorFactory(), open_issue()
    item_in(issue, submitted_by=me)
    item_in(issue, submitted_by=me, headline="")
    client.force_login(me)

    response = client.post(url("issue_submit", issue.slug), follow=True)

    assert "headline" in response.text
    assert not issue.items.waiting()


def test_withdrawing_needs_a_reason(client):
    editor = EditorFactory()
    issue = published(open_issue(), editor)
    client.force_login(editor)

    response = client.post(url("issue_withdraw", issue.slug), {"note": " "})

    issue.refresh_from_db()
    assert response.status_code == 400
    assert response.context["form"].errors["note"]
    assert issue.state == IssueState.PUBLISHED


def test_publish_question_states_what_happens(client):
    editor = EditorFactory()
    issue = approved(open_issue(), editor)
    client.force_login(editor)

    page = client.get(url("issue_publish", issue.slug)).content.decode()

    assert "http://testserver/issues/23/" in page
    assert "nothing is mailed before somebody presses Send" in page


def test_link_check_shows_how_far_it_is(client):
    editor = EditorFactory()
    issue = open_issue()
    item = item_in(issue)
    workflow.edit_item(item=item, by=editor, version=1, url="https://127.0.0.1/x")
    client.force_login(editor)

    response = client.post(url("issue_check_links", issue.slug), follow=True)

    assert "0 of 1 checked" in response.content.decode()


def test_authors_do_not_start_checks_of_an_issue(client):
    issue = open_issue()
    client.force_login(UserFactory())

    assert client.post(url("issue_check_links", issue.slug)).status_code == 403
