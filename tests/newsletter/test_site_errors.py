"""What stands in place of a page."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.views.defaults import server_error

from newsletter.site import errors
from tests.factories import EditorFactory, PublicationFactory


@pytest.fixture
def publication(db):
    return PublicationFactory(language="en", name="Weekly")


def test_missing_page_speaks_the_publication_s_language(client, publication):
    answer = client.get("/nowhere/", headers={"accept-language": "zh-CN"})

    assert answer.status_code == 404
    assert '<html lang="en">' in answer.text
    assert "There is nothing at this address" in answer.text


@pytest.mark.parametrize("name", ["unsubscribe", "preferences", "one_click", "delete"])
def test_link_of_a_mail_whose_reader_is_gone_says_so(name, client, publication):
    answer = client.get(reverse(f"site:{name}", args=["of-nobody"]))

    assert answer.status_code == 404
    assert "This link is nobody's" in answer.text
    assert "no mail will come" in answer.text


def test_missing_page_of_the_team_keeps_the_visitor_s_language(client, publication):
    answer = client.get("/accounts/nowhere/", headers={"accept-language": "zh-CN"})

    assert '<html lang="zh-hans">' in answer.text


def test_refusal_says_why(rf, publication):
    answer = errors.forbidden(rf.get("/"), PermissionDenied("Only its lead may."))

    assert answer.status_code == 403
    assert "Only its lead may." in answer.text


def test_refusal_of_a_sign_in_page_says_nothing_in_a_foreign_language(rf, publication):
    request = rf.get("/accounts/reauthenticate/")

    answer = errors.forbidden(request, PermissionDenied("Reauthentication ended"))

    assert answer.status_code == 403
    assert "Reauthentication ended" not in answer.text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Your browser asked for"), ("zh-CN", "浏览器")]
)
def test_address_nobody_can_have_gets_a_page_with_a_way_out(client, language, words):
    answer = client.get("/?q=%00", headers={"accept-language": language})

    assert answer.status_code == 400
    assert words in answer.text
    assert '<a class="btn" href="/">' in answer.text


def test_form_without_a_token_is_told_what_to_do(publication):
    client = Client(enforce_csrf_checks=True)
    client.force_login(EditorFactory())

    answer = client.post(reverse("set_language"), {"language": "en"})

    assert answer.status_code == 403
    assert "/static/css/site.css" in answer.text


def test_broken_page_asks_the_database_for_nothing(rf):
    answer = server_error(rf.get("/"))  # no database in this test

    assert answer.status_code == 500
    assert "/static/css/site.css" in answer.text
