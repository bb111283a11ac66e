"""Each press on an item: the call, who may, and what a second press is told."""

import pytest

from editorial import links
from editorial.models import Item
from editorial.states import ItemState
from tests.editorial.links.rows import ALIVE, visit
from tests.factories import EditorFactory, ItemFactory, SectionFactory, UserFactory

from .rows import author, item_in, open_issue, url

pytestmark = pytest.mark.django_db

# press, the state it starts from, what is sent, the state after
PRESSES = [
    ("item_submit", "draft", {"version": 1}, "submitted"),
    ("item_take_back", "submitted", {}, "draft"),
    ("item_approve", "submitted", {"version": 1}, "approved"),
    ("item_changes", "submitted", {"version": 1, "note": "why"}, "changes_requested"),
    ("item_reject", "submitted", {"version": 1, "note": "why"}, "rejected"),
    ("item_reopen", "rejected", {}, "draft"),
]


@pytest.mark.parametrize(("name", "before", "sent", "after"), PRESSES)
def test_editor_presses(client, name, before, sent, after):
    item = item_in(open_issue(), before)
    client.force_login(EditorFactory())

    response = client.post(url(name, item.pk), sent)

    item.refresh_from_db()
    assert response.status_code == 302
    assert item.state == after


@pytest.mark.parametrize(("name", "before", "sent", "_after"), PRESSES)
def test_another_author_may_not(client, name, before, sent, _after):
    item = item_in(open_issue(), before)
    client.force_login(UserFactory())

    response = client.post(url(name, item.pk), sent)

    item.refresh_from_db()
    assert response.status_code == 403
    assert item.state == before


@pytest.mark.parametrize(("name", "before", "sent", "after"), PRESSES)
def test_pressed_twice_the_second_is_told(client, name, before, sent, after):
    item = item_in(open_issue(), before)
    client.force_login(EditorFactory())
    client.post(url(name, item.pk), sent)

    response = client.post(url(name, item.pk), sent)

    item.refresh_from_db()
    assert response.status_code == 409
    assert "Somebody was faster" in response.content.decode()
    assert item.state == after


@pytest.mark.parametrize(("name", "_b", "_s", "_a"), PRESSES)
def test_opening_a_press_changes_nothing(client, name, _b, _s, _a):
    item = item_in(open_issue())
    client.force_login(EditorFactory())

    assert client.get(url(name, item.pk)).status_code == 405


@pytest.mark.parametrize("name", ["item_approve", "item_changes", "item_reject"])
def test_what_was_edited_meanwhile_is_not_judged_unread(client, name):
    item = item_in(open_issue(), "submitted", version=2)
    client.force_login(EditorFactory())

    response = client.post(url(name, item.pk), {"version": 1, "note": "why"})

    item.refresh_from_db()
    assert response.status_code == 409
    assert item.state == ItemState.SUBMITTED


@pytest.mark.parametrize("name", ["item_changes", "item_reject"])
def test_sending_back_needs_a_reason(client, name):
    item = item_in(open_issue(), "submitted")
    client.force_login(EditorFactory())

    response = client.post(url(name, item.pk), {"version": 1, "note": " "})

    item.refresh_from_db()
    assert response.status_code == 400
    assert response.context["note_form"].errors["note"]
    assert item.state == ItemState.SUBMITTED


def test_a_reason_far_too_long_is_kept_for_cutting(client):
    item = item_in(open_issue(), "submitted")
    client.force_login(EditorFactory())
    note = "字" * 2001

    response = client.post(url("item_reject", item.pk), {"version": 1, "note": note})

    assert response.status_code == 400
    assert response.context["note_form"]["note"].value() == note


@pytest.mark.parametrize("name", ["item_submit", "item_move", "item_place"])
def test_a_mangled_press_changes_nothing(client, name):
    item = item_in(open_issue())
    client.force_login(EditorFactory())

    sent = {"version": "x", "position": "x", "issue": "x"}
    response = client.post(url(name, item.pk), sent)

    assert response.status_code == 400
    assert "This press did not arrive whole" in response.content.decode()


def test_nobody_approves_their_own(client):
    editor = EditorFactory()
    EditorFactory()
    item = item_in(open_issue(), "submitted", submitted_by=editor)
    client.force_login(editor)

    response = client.post(url("item_approve", item.pk), {"version": 1})

    assert response.status_code == 403


def test_review_run_goes_to_the_next_and_says_how_many_are_left(client):
    issue = open_issue()
    first, second = item_in(issue, "submitted"), item_in(issue, "submitted")
    client.force_login(EditorFactory())

    response = client.post(
        url("item_approve", first.pk), {"version": 1, "run": "1"}, follow=True
    )

    assert response.request["PATH_INFO"] == url("item", second.pk)
    assert "1 item is left to review." in response.content.decode()


def test_card_moves_up(client):
    issue = open_issue()
    first, second = item_in(issue, position=0), item_in(issue, position=1)
    client.force_login(EditorFactory())

    client.post(url("item_move", second.pk), {"position": 0})

    assert list(issue.items.order_by("position")) == [second, first]


def test_card_moves_to_the_end_of_another_section(client):
    issue = open_issue()
    other = SectionFactory()
    issue.issue_sections.create(section=other, position=1)
    there, item = item_in(issue, position=0), item_in(issue, position=1)
    Item.objects.filter(pk=there.pk).update(section=other)
    client.force_login(EditorFactory())

    client.post(url("item_move", item.pk), {"section": other.pk})

    assert list(issue.items.filter(section=other).order_by("position")) == [there, item]


def test_authors_do_not_move_cards(client):
    item = item_in(open_issue())
    client.force_login(item.submitted_by)

    assert client.post(url("item_move", item.pk), {"position": 0}).status_code == 403


def test_backlog_keeps_what_was_rejected_within_reach(client):
    open_issue()
    item = ItemFactory(state=ItemState.REJECTED, headline="改天再说")
    client.force_login(item.submitted_by)

    page = client.get(url("backlog")).content.decode()

    assert "1 rejected item" in page
    assert item.get_absolute_url() in page


def test_item_goes_to_the_backlog_and_back(client):
    me = author()
    issue = open_issue()
    item = item_in(issue, submitted_by=me)
    client.force_login(me)

    client.post(url("item_place", item.pk), {"issue": "", "section": item.section_id})
    assert Item.objects.get(pk=item.pk).issue is None
    client.post(url("item_place", item.pk), {"issue": issue.pk, "section": ""})

    assert Item.objects.get(pk=item.pk).issue == issue


def test_comment_is_shown_below_the_item(client):
    item = item_in(open_issue())
    client.force_login(UserFactory(name="有济"))

    client.post(url("item_comment", item.pk), {"text": "再补一句？"})

    page = client.get(url("item", item.pk)).content.decode()
    assert "有济" in page
    assert "再补一句？" in page


@pytest.mark.parametrize("text", ["", "字" * 4001])
def test_comment_of_nothing_or_too_much_is_refused(client, text):
    item = item_in(open_issue())
    client.force_login(UserFactory())

    response = client.post(url("item_comment", item.pk), {"text": text})

    assert response.status_code == 400
    assert not item.comments.exists()


def test_draft_is_deleted_only_after_the_question(client):
    me = author()
    item = item_in(open_issue(), submitted_by=me)
    client.force_login(me)

    assert client.get(url("item_delete", item.pk)).status_code == 200
    assert Item.objects.filter(pk=item.pk).exists()
    client.post(url("item_delete", item.pk))

    assert not Item.objects.filter(pk=item.pk).exists()


def test_check_again_rings_for_the_items_links(client):
    item = item_in(open_issue())
    client.force_login(UserFactory())

    response = client.post(url("item_check", item.pk), follow=True)

    assert response.status_code == 200


def test_check_again_says_what_was_visited_just_now(client):
    item = item_in(open_issue(), url="https://one.example/a")
    links.register_links(item)
    client.force_login(UserFactory())

    first = client.post(url("item_check", item.pk), follow=True).text
    visit(item.item_links.get().link, ALIVE)
    second = client.post(url("item_check", item.pk), follow=True).text

    assert "1 link is being checked" in first
    assert "is being checked" not in second
    assert "visited in the last ten minutes is not visited again yet" in second
    assert "At most every ten minutes." in second


def test_a_section_the_issue_has_not_is_refused_in_words(client):
    item = item_in(open_issue())
    client.force_login(EditorFactory())
    sent = {"section": SectionFactory(recurring=False).pk}

    response = client.post(url("item_move", item.pk), sent, follow=True)

    assert Item.objects.get().section == item.section
    assert response.context["messages"]
