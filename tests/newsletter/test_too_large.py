"""More than one press may send: a page that says so, and what to do."""

from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import EditorFactory, PublicationFactory

SEVEN_MEGABYTES = "x" * 7 * 1024 * 1024
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def publication(db):
    return PublicationFactory(language="en", name="Weekly")


def browser(**person) -> Client:
    """Signed in and with a token, so that Django reads the form to compare it."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(EditorFactory(**person))
    client.cookies["csrftoken"] = "t" * 32
    return client


def test_a_press_that_is_too_large_is_told_how_to_go_on(publication):
    client = browser(language="en")

    answers = [
        client.post(reverse("desk:import"), {"text": SEVEN_MEGABYTES}),
        client.post(reverse("desk:import"), SEVEN_MEGABYTES, content_type=FORM),
    ]

    for answer in answers:
        assert answer.status_code == 413
        assert "Nothing was saved" in answer.text
        assert "6.0\xa0MB" in answer.text


def test_a_colleague_is_told_in_the_language_of_their_desk(publication):
    client = browser(language="zh-hans")

    answer = client.post(reverse("desk:import"), {"text": SEVEN_MEGABYTES})

    assert '<html lang="zh-hans">' in answer.text


def test_too_many_fields_are_told_the_same(publication):
    fields = urlencode({f"field{n}": "" for n in range(5_001)})

    answer = browser().post(reverse("set_language"), fields, content_type=FORM)

    assert answer.status_code == 413


@pytest.mark.slow
def test_a_browser_may_send_everything_before_it_is_answered(launch):
    PublicationFactory(language="en")
    connection = HTTPConnection(urlsplit(launch.web()).netloc, timeout=60)
    headers = {"Content-Type": FORM, "Cookie": f"csrftoken={'t' * 32}"}

    connection.request("POST", "/desk/import/", b"x" * 20_000_000, headers)

    assert connection.getresponse().status == 413
