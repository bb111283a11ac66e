"""An issue's faces on the desk: the page to come, Markdown and text to copy or keep."""

import pytest

from tests.factories import UserFactory

from .rows import item_in, open_issue, url

pytestmark = pytest.mark.django_db


def test_preview_shows_what_readers_will_see_and_says_so(client):
    issue = open_issue()
    item_in(issue, headline="还没发的一条")
    client.force_login(UserFactory())

    page = client.get(url("issue_preview", issue.slug)).content.decode()

    assert "还没发的一条" in page
    assert "readers do not see this yet" in page
    assert "noindex" in page


@pytest.mark.parametrize(
    ("face", "begins", "kind"),
    [("markdown", "# A title", "text/markdown"), ("text", "", "text/plain")],
)
def test_face_downloads_as_a_file(client, face, begins, kind):
    issue = open_issue()
    item_in(issue, headline="一条")
    client.force_login(UserFactory())

    response = client.get(url("issue_face", issue.slug, face), {"download": 1})

    assert response["Content-Type"] == f"{kind}; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="issue-23.')
    assert response.content.decode().startswith(begins)


@pytest.mark.parametrize("face", ["markdown", "text"])
def test_face_is_shown_to_copy(client, face):
    issue = open_issue()
    item_in(issue, headline="<b>一条</b>")
    client.force_login(UserFactory())

    page = client.get(url("issue_face", issue.slug, face)).content.decode()

    assert 'data-copy="face"' in page
    assert "<b>一条</b>" not in page


def test_unknown_face_is_not_here(client):
    issue = open_issue()
    client.force_login(UserFactory())

    assert client.get(url("issue_face", issue.slug, "pdf")).status_code == 404
