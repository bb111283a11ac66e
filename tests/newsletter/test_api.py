"""The read-only JSON of published issues."""

import pytest

from editorial import workflow
from editorial.content.outline import Group, Image, Item, Section
from tests.factories import AdminFactory, IssueFactory, PublicationFactory

from .printing import printed, reprinted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def publication(settings):
    settings.PUBLIC_URL = "https://weekly.example"
    return PublicationFactory()


def test_list_is_newest_first(client):
    printed("1")
    printed("2")

    answer = client.get("/api/v1/issues/").json()

    assert [issue["number"] for issue in answer["results"]] == ["2", "1"]
    assert answer["results"][0]["url"] == "https://weekly.example/issues/2/"
    assert answer["results"][0]["authors"] == ["墨封", "元毅"]


def test_issue_is_given_as_it_was_frozen(client):
    issue = printed("23")

    answer = client.get("/api/v1/issues/23/").json()

    item = answer["sections"][0]["groups"][0]["items"][0]
    assert item["headline"] == "第 23 期的头条"
    assert item["link"] == "https://news.test/a"
    assert item["html"].strip() == "<p>值得看。</p>"
    assert answer["content_hash"] == issue.live_revision.content_hash


def test_pictures_have_absolute_addresses_and_missing_ones_are_left_out(client):
    pictures = (Image(src="/media/images/a.png", alt="图"), Image(src=None))
    item = Item("头条", None, "一句话。", images=pictures)
    reprinted(printed(), sections=(Section("要闻", (Group(None, (item,)),)),))

    answer = client.get("/api/v1/issues/1/").json()

    images = answer["sections"][0]["groups"][0]["items"][0]["images"]
    assert [image["src"] for image in images] == [
        "https://weekly.example/media/images/a.png"
    ]


def test_draft_is_unknown_and_withdrawn_is_gone(client):
    IssueFactory(number="7")
    workflow.withdraw_issue(issue=printed("8"), by=AdminFactory(), note="一处失实")

    assert client.get("/api/v1/issues/7/").status_code == 404
    assert client.get("/api/v1/issues/8/").status_code == 410


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/api/v1/issues/", "/api/v1/issues/1/"])
def test_nothing_can_be_written(client, method, path):
    printed("1")
    client.force_login(AdminFactory())

    answer = getattr(client, method)(path, {"title": "x"}, "application/json")

    assert answer.status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_is_constant(client, django_assert_num_queries, count):
    for number in range(1, count + 1):
        printed(str(number))

    with django_assert_num_queries(2):
        client.get("/api/v1/issues/")


def test_schema_describes_both_addresses(client):
    answer = client.get("/api/schema/?format=json")

    assert answer.status_code == 200
    assert {"/api/v1/issues/", "/api/v1/issues/{slug}/"} <= set(answer.json()["paths"])


def test_page_for_programmers_needs_no_script(client):
    page = client.get("/api/docs/")

    assert page.status_code == 200
    assert "<script" not in page.text
