"""Writing an item: saved, kept by itself, handed in; nothing typed is lost."""

import pytest

from editorial import workflow
from editorial.models import Item, Topic
from editorial.states import ItemState
from tests.factories import EditorFactory, ItemFactory, UserFactory

from .rows import author, item_in, open_issue, picture_file, url, words

pytestmark = pytest.mark.django_db


def test_author_writes_an_item_into_the_issue(client):
    issue = open_issue()
    client.force_login(author())
    section = issue.issue_sections.first().section_id

    client.post(
        url("item_create"),
        words(version=0, issue=issue.pk, section=section, press="save"),
    )

    item = Item.objects.get()
    assert (item.headline, item.issue, item.state) == ("A headline", issue, "draft")


def test_submit_press_saves_and_hands_in(client):
    issue = open_issue()
    me = author()
    item = item_in(issue, submitted_by=me)
    client.force_login(me)

    client.post(url("item_edit", item.pk), words(version=1, press="submit"))

    item.refresh_from_db()
    assert (item.headline, item.state) == ("A headline", ItemState.SUBMITTED)


def test_without_an_issue_it_goes_to_the_backlog(client):
    open_issue()
    client.force_login(author())

    client.post(url("item_create"), words(version=0, issue="", press="save"))

    assert Item.objects.get().issue is None


def test_somebody_elses_item_cannot_be_edited(client):
    item = item_in(open_issue())
    client.force_login(UserFactory())

    response = client.post(url("item_edit", item.pk), words(version=1))

    assert response.status_code == 403
    assert "Nothing was changed" in response.content.decode()


def test_private_draft_does_not_exist_for_others(client):
    item = ItemFactory(headline="秘密")
    client.force_login(UserFactory())

    for name in ("item", "item_edit", "item_history"):
        response = client.get(url(name, item.pk))
        assert response.status_code == 404
        assert "秘密" not in response.content.decode()


def test_stale_save_shows_both_texts_and_writes_nothing(client):
    editor = EditorFactory()
    item = item_in(open_issue(), commentary="老的文字")
    workflow.edit_item(item=item, by=editor, version=1, commentary="别人的新文字")
    client.force_login(item.submitted_by)

    response = client.post(
        url("item_edit", item.pk),
        words(version=1, commentary="我写的文字", press="save"),
    )

    page = response.content.decode()
    assert response.status_code == 409
    assert "别人的新文字" in page
    assert "我写的文字" in page
    item.refresh_from_db()
    assert item.commentary == "别人的新文字"


def test_saving_again_from_the_conflict_keeps_mine(client):
    item = item_in(open_issue())
    workflow.edit_item(item=item, by=EditorFactory(), version=1, commentary="theirs")
    client.force_login(item.submitted_by)
    mine = words(version=1, commentary="mine", press="save")
    conflict = client.post(url("item_edit", item.pk), mine)

    version = conflict.context["form"]["version"].value()
    client.post(url("item_edit", item.pk), {**mine, "version": version})

    item.refresh_from_db()
    assert item.commentary == "mine"


def test_autosave_begins_a_draft_and_says_where_it_lives(client):
    issue = open_issue()
    client.force_login(author())
    section = issue.issue_sections.first().section_id

    response = client.post(
        url("item_create_autosave"), words(version=0, issue=issue.pk, section=section)
    )

    item = Item.objects.get()
    assert response.json()["version"] == item.version
    assert response.json()["page"] == url("item_edit", item.pk)


def test_autosave_keeps_going_with_the_version_it_answered(client):
    me = author()
    item = item_in(open_issue(), submitted_by=me)
    client.force_login(me)

    first = client.post(url("item_autosave", item.pk), words(version=1))
    sent = words(version=first.json()["version"], commentary="more")
    client.post(url("item_autosave", item.pk), sent)

    item.refresh_from_db()
    assert item.commentary == "more"


def test_autosave_after_somebody_elses_save_writes_nothing(client):
    item = item_in(open_issue())
    workflow.edit_item(item=item, by=EditorFactory(), version=1, commentary="theirs")
    client.force_login(item.submitted_by)

    response = client.post(url("item_autosave", item.pk), words(version=1))

    item.refresh_from_db()
    assert response.status_code == 409
    assert item.commentary == "theirs"


def test_autosave_never_voids_an_approval(client):
    item = item_in(open_issue(), ItemState.APPROVED)
    client.force_login(item.submitted_by)

    response = client.post(url("item_autosave", item.pk), words(version=1))

    item.refresh_from_db()
    assert response.status_code == 409
    assert item.state == ItemState.APPROVED


def test_picture_comes_with_the_text(client):
    me = author()
    item = item_in(open_issue(), submitted_by=me)
    client.force_login(me)
    sent = {"picture-new-file": picture_file(), "picture-new-alt": "一张图"}

    client.post(url("item_edit", item.pk), words(version=1, press="save", **sent))

    image = item.images.get()
    assert (image.alt, image.width) == ("一张图", 40)


def test_new_topic_is_made_on_save(client):
    me = author()
    item = item_in(open_issue(), submitted_by=me)
    client.force_login(me)

    client.post(url("item_edit", item.pk), words(version=1, new_topic="etcd"))

    item.refresh_from_db()
    assert item.topic == Topic.objects.get(name="etcd")


def test_source_of_no_address_is_explained(client):
    client.force_login(UserFactory())

    response = client.post(url("source"), {"url": "javascript:alert(1)"})

    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()


def test_source_card_names_who_had_the_link_before(client):
    item = item_in(open_issue(), headline="早就写过")
    workflow.edit_item(
        item=item, by=EditorFactory(), version=1, url="https://127.0.0.1/a"
    )
    client.force_login(UserFactory())

    response = client.post(url("source"), {"url": "https://127.0.0.1/a"})

    assert "早就写过" in response.content.decode()


def test_preview_renders_safe_html(client):
    client.force_login(UserFactory())

    response = client.post(
        url("text_preview"), {"commentary": "**粗**<script>alert(1)</script>"}
    )

    page = response.content.decode()
    assert "<strong>粗</strong>" in page
    assert "<script>" not in page


def test_history_shows_what_each_save_changed(client):
    item = item_in(open_issue())
    editor = EditorFactory()
    workflow.edit_item(item=item, by=editor, version=1, commentary="第一版 的 文字")
    workflow.edit_item(item=item, by=editor, version=2, commentary="第二版 的 文字")
    client.force_login(editor)

    page = client.get(url("item_history", item.pk)).content.decode()

    assert "<del>一</del><ins>二</ins>" in page
