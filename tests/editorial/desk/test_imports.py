"""Import on the desk: understood line by line, corrected, accepted; bad input kept."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from editorial.models import Issue, Item
from tests.factories import AdminFactory, EditorFactory, UserFactory

from .rows import open_issue, url

pytestmark = pytest.mark.django_db

TEXT = """本周作者 | 墨封、衷源

News

1. 第一条新闻

说明文字。https://a.example/one

2. 第二条新闻

又一段说明。
file
"""


def test_text_is_shown_line_by_line_and_nothing_is_stored(client):
    open_issue()
    client.force_login(EditorFactory())

    response = client.post(url("import"), {"text": TEXT, "press": "read"})

    page = response.content.decode()
    assert response.status_code == 200
    assert "2 items" in page
    assert 'class="as-byline"' in page
    assert 'class="as-headline"' in page
    assert Issue.objects.count() == 1


def test_accepting_makes_a_draft_issue_of_the_offered_number(client):
    open_issue()
    client.force_login(EditorFactory())
    shown = client.post(url("import"), {"text": TEXT, "press": "read"})
    number = shown.context["accept"].initial["number"]

    response = client.post(
        url("import"),
        {"text": TEXT, "press": "accept", "number": number, "publish_as": "draft"},
    )

    assert response["Location"] == url("issue", "24")
    assert Item.objects.filter(issue__number="24").count() == 2


def test_archive_is_published_by_an_admin(client):
    open_issue()
    client.force_login(AdminFactory())
    sent = {"text": TEXT, "press": "accept", "number": "9", "publish_as": "published"}

    client.post(url("import"), {**sent, "published_at": "2020-05-01T18:00"})

    assert Issue.objects.published().get().number == "9"


def test_archive_is_not_for_editors(client):
    open_issue()
    client.force_login(EditorFactory())
    sent = {"text": TEXT, "press": "accept", "number": "9", "publish_as": "published"}

    response = client.post(url("import"), sent)

    assert response.status_code == 403
    assert not Issue.objects.filter(number="9").exists()


def test_authors_do_not_import(client):
    client.force_login(UserFactory())

    assert client.get(url("import")).status_code == 403


def test_taken_number_is_refused_and_the_text_kept(client):
    open_issue()
    client.force_login(EditorFactory())

    response = client.post(
        url("import"),
        {"text": TEXT, "press": "accept", "number": "23", "publish_as": "draft"},
    )

    assert response.status_code == 400
    assert response.context["accept"].errors["number"]
    assert response.context["form"]["text"].value() == TEXT
    assert not Item.objects.exists()


def test_file_is_read_as_text(client):
    open_issue()
    client.force_login(EditorFactory())
    upload = SimpleUploadedFile("issue.txt", TEXT.encode("gb18030"))

    response = client.post(url("import"), {"file": upload, "press": "read"})

    assert "第一条新闻" in response.context["form"]["text"].value()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.txt", b""),
        ("blank.txt", b" \n\n"),
        ("binary.txt", b"\x00\x01\x02PNG"),
        ("half.txt", b"\xff\xfe\xff"),
        ("issue.docx", b"PK\x03\x04"),
    ],
)
def test_file_that_is_no_text_is_refused_with_a_reason(client, name, data):
    client.force_login(EditorFactory())

    response = client.post(
        url("import"), {"file": SimpleUploadedFile(name, data), "press": "read"}
    )

    assert response.status_code == 400
    assert response.context["form"].errors["file"]


def test_undecodable_file_leaves_what_was_typed_before(client):
    client.force_login(EditorFactory())
    upload = SimpleUploadedFile("x.txt", b"\x00\xff")

    response = client.post(url("import"), {"text": " ", "file": upload})

    assert response.status_code == 400
    assert response.context["form"]["text"].value() == " "


@pytest.mark.parametrize("text", ["", "  \n ", "没有任何新闻的一句话"])
def test_text_without_items_is_never_accepted(client, text):
    open_issue()
    client.force_login(EditorFactory())
    sent = {"text": text, "press": "accept", "number": "9", "publish_as": "draft"}

    response = client.post(url("import"), sent)

    assert response.status_code == 400
    assert not Issue.objects.filter(number="9").exists()


LONG = "很" * 400


@pytest.mark.parametrize(
    "text",
    [
        f"News\n\n1. {LONG}\n\n正文。\n",
        f"{LONG}\n\n1. 一条\n\n正文。\n",
        f"作者：{'墨' * 70}\n\nNews\n\n1. 一条\n\n正文。\n",
        f"第 23 期 {LONG}\n\nNews\n\n1. 一条\n\n正文。\n",
        f"News\n\n{LONG} 项目\n\n1. 一条\n\n正文。https://a.example/{LONG * 6}\n",
        "News\n\n1. 一\x0b条\x07\n\n正文\x00。\n",
    ],
)
def test_text_too_long_for_its_place_is_taken_or_refused_never_lost(client, text):
    open_issue()
    client.force_login(EditorFactory())
    sent = {"text": text, "press": "accept", "number": "9", "publish_as": "draft"}

    response = client.post(url("import"), sent)

    assert response.status_code in {302, 400}
    assert Issue.objects.filter(number="9").exists() == (response.status_code == 302)


@pytest.mark.slow
def test_five_megabytes_are_refused_and_kept(client):
    client.force_login(EditorFactory())
    paste = "字" * (5 * 1024 * 1024 // 3)

    response = client.post(url("import"), {"text": paste, "press": "read"})

    assert response.status_code == 400
    assert "longer than 1 MiB" in response.context["form"].errors["text"][0]
    assert response.context["form"]["text"].value() == paste
