"""What the front page offers before there is a publication of one's own."""

import pytest

from tests.factories import PublicationFactory

from .printing import printed

pytestmark = pytest.mark.django_db


def test_sample_offers_to_look_around_or_to_set_up(client, settings):
    settings.DEVELOPMENT = True
    PublicationFactory(is_sample=True, language="en")
    printed()

    page = client.get("/").text

    assert "Look around the sample" in page
    assert "Set up ours" in page


def test_own_publication_offers_nothing_of_the_kind(client, settings):
    settings.DEVELOPMENT = True
    PublicationFactory(language="en")
    printed()

    assert "Set up ours" not in client.get("/").text


def test_without_a_publication_development_offers_set_up(client, settings):
    settings.DEVELOPMENT = True

    page = client.get("/").text

    assert "Set up ours" in page


def test_without_a_publication_production_names_the_command(client, settings):
    settings.DEVELOPMENT = False

    page = client.get("/").text

    assert "found_publication" in page
    assert "Set up ours" not in page


@pytest.mark.parametrize("path", ["/issues/", "/topics/", "/feed/atom.xml", "/nowhere"])
def test_pages_answer_without_a_publication(client, path):
    assert client.get(path).status_code in {200, 404}


def test_nobody_subscribes_to_nothing(client):
    answer = client.post("/subscribe/", {"address": "a@readers.test"})

    assert answer.status_code == 404
