"""An issue's board, words, sections and names."""

from collections import Counter

import pytest
from django.urls import reverse

from editorial import capture, workflow
from editorial.content.importers.text import parse
from editorial.models import Issue
from editorial.states import ItemState
from newsletter import digests
from tests.factories import (
    AdminFactory,
    EditorFactory,
    ItemFactory,
    PublicationFactory,
    UserFactory,
)

from .rows import approved, item_in, open_issue, picture_file, published, url

pytestmark = pytest.mark.django_db


def test_new_issue_is_offered_the_next_number_day_and_deadline(client):
    PublicationFactory(language="en")
    client.force_login(EditorFactory())
    offered = client.get(url("issue_create")).context["form"].initial

    response = client.post(url("issue_create"), {"number": offered["number"]})

    assert response.status_code == 302
    assert Issue.objects.get().number == "1"
    assert offered["deadline_at"].date() <= offered["planned_on"]


@pytest.mark.parametrize("number", ["", " ", "23", "长" * 21, "2\n3"])
def test_bad_numbers_are_refused_beside_the_field(client, number):
    open_issue()
    client.force_login(EditorFactory())

    response = client.post(url("issue_create"), {"number": number, "title": "kept"})

    assert response.status_code == 400
    assert response.context["form"].errors["number"]
    assert response.context["form"]["title"].value() == "kept"
    assert Issue.objects.count() == 1


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30"])
def test_days_out_of_reach_are_refused(client, day):
    open_issue()
    client.force_login(EditorFactory())
    sent = {"number": "9", "planned_on": day, "deadline_at": f"{day}T23:59"}

    response = client.post(url("issue_create"), sent)

    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"planned_on", "deadline_at"}


def test_authors_create_no_issue(client):
    client.force_login(UserFactory())

    assert client.post(url("issue_create"), {"number": "9"}).status_code == 403


def test_board_shows_sections_cards_states_and_what_is_open(client):
    issue = open_issue()
    item_in(issue, ItemState.SUBMITTED, headline="等着审的一条")
    client.force_login(EditorFactory())

    page = client.get(url("issue", issue.slug)).content.decode()

    assert "News" in page
    assert "等着审的一条" in page
    assert "Review the next, 1 left" in page
    assert "1 item to review" in page


def closed_with_a_draft(issue, by):
    item_in(issue)
    workflow.close_issue(issue=issue, by=by)


@pytest.mark.parametrize(
    ("state", "press"),
    [
        ("collecting", "Close and proofread"),
        ("approved", "Publish"),
        ("unfinished", "Handle the next, 1 left"),
        ("published", "Send the digest"),
    ],
)
def test_board_leads_with_what_happens_next(client, state, press):
    editor = EditorFactory()
    issue = open_issue()
    made = {
        "unfinished": closed_with_a_draft,
        "approved": approved,
        "published": published,
    }.get(state)
    if made:
        made(issue, editor)
    client.force_login(editor)

    page = client.get(url("issue", issue.slug)).content.decode()

    assert press in page
    assert page.count('class="btn go"') <= 1


def test_published_issue_leads_to_its_held_digest_until_it_is_sent(client):
    editor = EditorFactory()
    issue = published(open_issue(), editor)
    client.force_login(editor)
    digest_page = reverse("readers:digest", args=[issue.slug])
    primary = f'<a class="btn go" href="{digest_page}">'

    held = client.get(url("issue", issue.slug)).content.decode()
    digests.cancel_digest(digest=issue.digest, by=editor)
    settled = client.get(url("issue", issue.slug)).content.decode()

    assert primary in held
    assert primary not in settled
    assert digest_page in settled


def test_author_of_a_published_issue_is_led_to_read_it(client):
    issue = published(open_issue(), EditorFactory())
    client.force_login(UserFactory())

    page = client.get(url("issue", issue.slug)).content.decode()

    assert "Read it" in page
    assert "Send the digest" not in page


def test_lead_editor_has_an_editors_presses_on_that_issue(client):
    lead = UserFactory()
    issue = open_issue(lead_editor=lead)
    client.force_login(lead)

    assert client.get(url("issue_edit", issue.slug)).status_code == 200


def test_editing_saves_words_and_cover(client):
    issue = open_issue()
    client.force_login(EditorFactory())
    sent = {"version": issue.version, "number": "23", "title": "新标题"}

    client.post(
        url("issue_edit", issue.slug),
        {**sent, "cover": picture_file(), "cover_alt": "一片云"},
    )

    issue.refresh_from_db()
    assert issue.title == "新标题"
    assert issue.cover.name.endswith(".png")


def test_stale_edit_keeps_both_and_writes_nothing(client):
    issue = open_issue()
    editor = EditorFactory()
    workflow.edit_issue(issue=issue, by=editor, version=1, title="她们的标题")
    client.force_login(editor)

    response = client.post(
        url("issue_edit", issue.slug), {"version": 1, "number": "23", "title": "我的"}
    )

    issue.refresh_from_db()
    page = response.content.decode()
    assert response.status_code == 409
    assert "她们的标题" in page
    assert "我的" in page
    assert issue.title == "她们的标题"


def test_credits_are_saved_by_role(client):
    issue = open_issue()
    client.force_login(EditorFactory())

    client.post(
        url("issue_credits", issue.slug), {"author": "墨封、衷源", "editor": "元毅"}
    )

    names = [(c.author.name, c.role) for c in issue.credits.all()]
    assert names == [("墨封", "author"), ("衷源", "author"), ("元毅", "editor")]


@pytest.mark.parametrize("names", ["see https://a.test/", "a\x0bb", "墨" * 61])
def test_what_is_no_name_is_refused(client, names):
    issue = open_issue()
    client.force_login(EditorFactory())

    response = client.post(url("issue_credits", issue.slug), {"author": names})

    assert response.status_code == 400
    assert not issue.credits.exists()


def test_section_for_this_issue_only_comes_and_goes(client):
    issue = open_issue()
    client.force_login(EditorFactory())

    client.post(url("issue_add_section", issue.slug), {"title": "特别策划"})
    place = issue.issue_sections.get(section__title="特别策划")
    assert not place.section.recurring
    client.post(url("issue_remove_section", issue.slug, place.section_id))

    assert not issue.issue_sections.filter(section__title="特别策划").exists()


@pytest.mark.parametrize("title", ["", "长" * 81, "two\nlines", "bell\x07"])
def test_bad_section_titles_are_refused(client, title):
    issue = open_issue()
    client.force_login(EditorFactory())

    response = client.post(url("issue_add_section", issue.slug), {"title": title})

    assert response.status_code == 400
    assert response.context["section_form"].errors["title"]


def test_section_with_items_stays(client):
    issue = open_issue()
    item = item_in(issue)
    client.force_login(EditorFactory())

    response = client.post(
        url("issue_remove_section", issue.slug, item.section_id), follow=True
    )

    assert "Move its items to another section first." in response.content.decode()
    assert issue.issue_sections.exists()


def test_sections_change_places(client):
    issue = open_issue()
    editor = EditorFactory()
    workflow.add_section(issue=issue, by=editor, title="Second")
    client.force_login(editor)
    places = client.get(url("issue_edit", issue.slug)).context["places"]

    client.post(
        url("issue_order_sections", issue.slug), {"order": places[0].order_down}
    )

    titles = [place.section.title for place in issue.issue_sections.all()]
    assert titles == ["Second", "News"]


@pytest.mark.parametrize("order", ["", "1,1", "999", "x", "9" * 5000, "²"])
def test_an_order_of_other_sections_is_refused(client, order):
    issue = open_issue()
    client.force_login(EditorFactory())

    response = client.post(
        url("issue_order_sections", issue.slug), {"order": order}, follow=True
    )

    assert "Name each section of the issue once." in response.content.decode()


def test_group_text_names_who_owes_what(client):
    issue = open_issue()
    item_in(issue, headline="还没写完")
    client.force_login(UserFactory())

    page = client.get(url("issue_group_text", issue.slug)).content.decode()

    assert "还没写完" in page
    assert "http://testserver/desk/issues/23/" in page


def test_history_names_deeds_and_revisions(client):
    editor = EditorFactory(name="元毅")
    issue = published(open_issue(), editor)
    client.force_login(editor)

    page = client.get(url("issue_history", issue.slug)).content.decode()

    assert "revision 1" in page
    assert "元毅" in page


def test_history_tells_an_import_once_for_each_thing(client):
    text = "业界要闻\n\n1. 一条。\n\n2. 另一条。\n"
    issue = capture.import_issue(
        outline=parse(text, capture.known_words()).outline,
        by=AdminFactory(),
        publish_as="published",
    )
    client.force_login(EditorFactory())

    trail = client.get(url("issue_history", issue.slug)).context["trail"]

    told = [(deed.verb, deed.item) for deed in trail]
    assert Counter(told)["imported", None] == 1
    assert sorted(Counter(told)["imported", item] for item in issue.items.all()) == [
        1,
        1,
    ]
    item_page = client.get(issue.items.first().get_absolute_url())
    assert [deed.verb for deed in item_page.context["trail"]] == ["imported"]


def test_board_of_somebody_elses_private_draft_shows_none(client):
    issue = open_issue()
    ItemFactory(headline="私下的草稿")
    client.force_login(UserFactory())

    for page in (url("issue", issue.slug), url("backlog"), url("my_turn")):
        assert "私下的草稿" not in client.get(page).content.decode()


def test_a_new_number_leads_on_to_its_new_address(client):
    issue = open_issue()
    client.force_login(EditorFactory())
    sent = {"version": issue.version, "number": "24", "title": "标题"}

    response = client.post(url("issue_edit", issue.slug), sent, follow=True)

    assert response.redirect_chain == [(url("issue", "24"), 302)]
    assert response.status_code == 200
