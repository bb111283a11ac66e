"""What bad input gets from the forms of an item: 400, the field named, the text kept."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from editorial.models import Item

from .rows import author, item_in, open_issue, picture_file, url, words

pytestmark = pytest.mark.django_db

BAD = [
    ("headline", "长" * 201),
    ("headline", "two\nlines"),
    ("headline", "a\x00b"),
    ("headline", ""),
    ("label", "长" * 31),
    ("commentary", "字" * 90_000),
    ("commentary", "vertical\x0btab"),
    ("url", "javascript:alert(1)"),
    ("url", "http:/host"),
    ("url", "https://a.test/" + "x" * 2048),
    ("form", "poster"),
    ("section", "999999"),
    ("topic", "999999"),
    ("credit", "nobody"),
    ("new_topic", "长" * 81),
    ("new_topic", "bell\x07"),
]


@pytest.mark.parametrize(("field", "value"), BAD)
def test_bad_words_are_refused_and_kept(client, field, value):
    me = author()
    item = item_in(open_issue(), submitted_by=me, headline="as it was")
    client.force_login(me)
    sent = words(version=1, press="save", **{"commentary": "typed", field: value})

    response = client.post(url("item_edit", item.pk), sent)

    assert response.status_code == 400
    assert response.context["form"].errors
    assert response.context["form"]["commentary"].value() == sent["commentary"]
    item.refresh_from_db()
    assert (item.headline, item.version) == ("as it was", 1)


def test_refused_picture_keeps_the_text_unsaved_and_shown(client):
    me = author()
    item = item_in(open_issue(), submitted_by=me)
    client.force_login(me)
    svg = SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")

    response = client.post(
        url("item_edit", item.pk),
        words(version=1, commentary="typed", **{"picture-new-file": svg}),
    )

    item.refresh_from_db()
    assert response.status_code == 400
    assert "This is not a JPEG" in response.content.decode()
    assert "Not saved yet" in response.content.decode()
    assert response.context["form"]["commentary"].value() == "typed"
    assert (item.version, item.images.count()) == (1, 0)


def test_picture_lost_to_another_error_is_asked_for_again(client):
    me = author()
    item = item_in(open_issue(), submitted_by=me)
    client.force_login(me)
    sent = words(version=1, headline="", **{"picture-new-file": picture_file()})

    response = client.post(url("item_edit", item.pk), sent)

    assert response.status_code == 400
    assert '<details id="pictures" open>' in response.text
    assert "Choose your picture again" in response.text


@pytest.mark.parametrize(
    "field",
    ["state", "submitted_by", "approved_by", "approved_at", "position", "issue_id"],
)
def test_fields_nobody_may_set_are_passed_over(client, field):
    me = author()
    item = item_in(open_issue(), submitted_by=me)
    before = Item.objects.values(field).get(pk=item.pk)
    client.force_login(me)

    client.post(url("item_edit", item.pk), words(version=1, **{field: "approved"}))

    assert Item.objects.values(field).get(pk=item.pk) == before


@pytest.mark.parametrize("version", ["", "no number", "-1"])
def test_without_the_version_seen_nothing_is_saved(client, version):
    me = author()
    item = item_in(open_issue(), submitted_by=me, headline="as it was")
    client.force_login(me)

    response = client.post(url("item_edit", item.pk), words(version=version))

    item.refresh_from_db()
    assert response.status_code == 400
    assert item.headline == "as it was"


def test_right_to_left_emoji_and_combining_marks_are_stored_exactly(client):
    me = author()
    item = item_in(open_issue(), submitted_by=me)
    client.force_login(me)
    text = "שלום 👩‍💻 é 周刊 \u202eabc"

    client.post(url("item_edit", item.pk), words(version=1, commentary=text))

    item.refresh_from_db()
    assert item.commentary == text
