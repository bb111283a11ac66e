"""Mending what readers have: edit, look at the change, one press; nothing typed is lost."""

import pytest

from editorial import workflow
from editorial.models import IssueRevision
from editorial.states import ItemState
from tests.factories import EditorFactory, UserFactory

from .rows import item_in, open_issue, published, url
from .rows import words as written

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = EditorFactory(language="en")
    client.force_login(user)
    return user


@pytest.fixture
def issue(editor):
    return published(open_issue(), editor)


@pytest.fixture
def page(issue):
    return url("issue_correct_item", issue.slug, issue.items.get().pk)


def sent(issue, **changes):
    item = issue.items.get()
    words = {name: getattr(item, name) for name in ("headline", "commentary", "url")}
    kept = {"kind": "typo", "version": item.version, "note": "", "press": "look"}
    return {**words, "label": "", "credit": item.credit_id or "", **kept, **changes}


def test_page_lists_every_text_of_the_issue(client, issue, page):
    shown = client.get(url("issue_correct", issue.slug)).content.decode()

    assert page in shown
    assert url("issue_correct_texts", issue.slug) in shown


def test_board_and_item_lead_to_it(client, issue, page):
    board = client.get(url("issue", issue.slug)).content.decode()
    item = client.get(issue.items.get().get_absolute_url()).content.decode()

    assert url("issue_correct", issue.slug) in board
    assert page in item


def test_looking_shows_the_change_and_writes_nothing(client, issue, page):
    answer = client.post(page, sent(issue, commentary="Mended words."))

    assert "<ins>Mended" in answer.content.decode()
    assert "Nobody is mailed" in answer.content.decode()
    assert IssueRevision.objects.count() == 1
    assert "Mended" not in client.get(issue.get_absolute_url()).content.decode()


def test_press_fixes_the_typo(client, issue, page):
    words = sent(issue, commentary="Mended words.", press="publish")

    assert client.post(page, words).status_code == 302

    assert issue.items.get().commentary == "Mended words."
    assert IssueRevision.objects.order_by("ordinal").last().reason == "typo_fixed"


def test_press_publishes_the_correction(client, issue, page):
    words = sent(issue, url="https://right.example/", note="Wrong link.")

    client.post(page, {**words, "kind": "correction", "press": "publish"})

    shown = client.get(issue.get_absolute_url()).content.decode()
    assert "https://right.example/" in shown
    assert "Wrong link." in shown


def test_more_than_a_typo_is_offered_as_a_correction_with_its_text(client, issue, page):
    answer = client.post(page, sent(issue, url="https://right.example/"))

    shown = answer.content.decode()
    assert answer.status_code == 400
    assert "Publish it as a correction" in shown
    assert 'value="https://right.example/"' in shown
    assert 'value="correction"' in shown.partition("checked")[0].rpartition("<input")[2]


def test_going_back_keeps_what_was_typed(client, issue, page):
    words = sent(issue, commentary="Half mended.", press="edit")

    shown = client.post(page, words).content.decode()

    assert "Half mended." in shown
    assert IssueRevision.objects.count() == 1


def test_correction_without_a_note_says_so_and_keeps_the_text(client, issue, page):
    words = sent(issue, headline="Another headline", kind="correction")

    answer = client.post(page, words)

    assert answer.status_code == 400
    assert "Tell readers what was wrong." in answer.content.decode()
    assert "Another headline" in answer.content.decode()


def test_unchanged_text_is_not_looked_at(client, issue, page):
    answer = client.post(page, sent(issue))

    assert "No word is changed yet." in answer.content.decode()


@pytest.mark.parametrize("press", ["look", "publish"])
def test_second_of_two_editors_sees_both_texts(press, client, issue, page, editor):
    words = sent(issue, commentary="My words.", press=press)
    item = issue.items.get()
    workflow.fix_typo(
        issue=issue, item=item, version=item.version, by=editor, commentary="Theirs."
    )

    answer = client.post(page, words)

    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs." in shown
    assert "My words." in shown
    assert IssueRevision.objects.count() == 2


def test_issues_own_texts_are_mended_too(client, issue):
    page = url("issue_correct_texts", issue.slug)
    issue.refresh_from_db()
    words = {"kind": "typo", "version": issue.version, "title": "The title"}

    client.post(page, {**words, "dek": "A dek", "press": "publish"})

    issue.refresh_from_db()
    assert issue.title == issue.live_revision.outline.title == "The title"


def test_history_shows_the_team_what_each_revision_changed(client, issue, editor):
    item = issue.items.get()
    workflow.correct_issue(
        issue=issue,
        item=item,
        version=item.version,
        by=editor,
        note="Wrong name.",
        headline="Another headline",
    )

    shown = client.get(url("issue_history", issue.slug)).content.decode()

    assert "published a correction" in shown
    assert "Wrong name." in shown
    assert "<ins>Another" in shown


def test_withdrawn_issue_is_refused(client, issue, page, editor):
    workflow.withdraw_issue(issue=issue, by=editor, note="why")

    for door in (page, url("issue_correct", issue.slug)):
        answer = client.get(door)
        assert answer.status_code == 409
        assert "Readers do not see this issue" in answer.content.decode()
    assert client.post(page, {"press": "publish"}).status_code == 409


@pytest.mark.parametrize("press", ["look", "publish"])
def test_what_was_typed_is_shown_where_the_issue_was_withdrawn(
    press, client, issue, page, editor
):
    words = sent(issue, commentary="Half an hour's work.", note="A note.", press=press)
    workflow.withdraw_issue(issue=issue, by=editor, note="why")

    answer = client.post(page, {**words, "kind": "correction"})

    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "It was withdrawn meanwhile" in shown
    assert "Half an hour&#x27;s work.</textarea>" in shown
    assert "A note.</textarea>" in shown
    assert issue.items.get().headline not in shown.partition("<main")[2]


def test_own_texts_typed_for_a_withdrawn_issue_are_shown_too(client, issue, editor):
    page = url("issue_correct_texts", issue.slug)
    words = {"kind": "typo", "version": issue.version, "title": "Mended title"}
    workflow.withdraw_issue(issue=issue, by=editor, note="why")

    answer = client.post(page, {**words, "dek": issue.dek, "press": "look"})

    assert answer.status_code == 409
    assert "Mended title</textarea>" in answer.content.decode()


def test_changed_link_is_shown_whole(client, issue, page):
    issue.items.update(url="https://wrong.example/")
    words = sent(issue, url="https://right.example/", kind="correction", note="So.")

    shown = client.post(page, words).content.decode()

    assert (
        "<del>https://wrong.example/</del> <ins>https://right.example/</ins>" in shown
    )


def test_edit_address_of_a_published_item_leads_editors_to_its_correction(
    client, issue, page
):
    answer = client.get(url("item_edit", issue.items.get().pk))

    assert (answer.status_code, answer["Location"]) == (302, page)


def test_text_typed_while_the_issue_was_published_is_shown(client, issue, page):
    item = issue.items.get()

    answer = client.post(url("item_edit", item.pk), written(commentary="Too late."))

    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "It was published meanwhile" in shown
    assert "Too late.</textarea>" in shown
    assert page in shown


def test_text_typed_while_the_item_was_rejected_is_shown(client):
    item = item_in(open_issue(), ItemState.REJECTED)
    client.force_login(item.submitted_by)

    answer = client.post(url("item_edit", item.pk), written(commentary="Too late."))

    assert answer.status_code == 409
    assert "Too late.</textarea>" in answer.content.decode()


def test_author_of_a_published_item_is_told_who_mends_it(client, issue):
    item = issue.items.get()
    client.force_login(item.submitted_by)

    answer = client.get(url("item_edit", item.pk))

    assert answer.status_code == 403
    assert "It is published: an editor can fix or correct it." in (
        answer.content.decode()
    )


def test_author_is_refused_and_not_offered_it(client, issue, page):
    client.force_login(UserFactory(language="en"))

    assert client.get(page).status_code == 403
    board = client.get(url("issue", issue.slug)).content.decode()
    assert url("issue_correct", issue.slug) not in board
