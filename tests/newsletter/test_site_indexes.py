"""Sections, topics and authors."""

import pytest
from django.urls import reverse

from editorial import workflow
from editorial.content.outline import Group, Item
from editorial.content.outline import Section as OutlineSection
from editorial.models import Author, Section, Topic
from editorial.states import ItemState
from tests.factories import (
    AdminFactory,
    AuthorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    SectionFactory,
    TopicFactory,
)

from .printing import printed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory(topic_word="项目")


def address_of(kind: str) -> str:
    """The page of what `printed` prints."""
    if kind == "section":
        return Section.objects.get(title="业界要闻").get_absolute_url()
    if kind == "topic":
        return Topic.objects.get(name="etcd").get_absolute_url()
    return Author.objects.get(name="墨封").get_absolute_url()


@pytest.mark.parametrize("kind", ["section", "topic", "author"])
def test_page_lists_what_was_printed_newest_first(client, kind):
    printed("1")
    printed("2")

    page = client.get(address_of(kind)).text

    assert page.index("第 2 期的头条") < page.index("第 1 期的头条")
    assert 'href="https://news.test/a"' in page
    assert 'href="/issues/2/"' in page


@pytest.mark.parametrize("kind", ["section", "topic", "author"])
def test_page_vanishes_with_the_last_issue_that_filled_it(client, kind):
    issue = printed()
    address = address_of(kind)
    workflow.withdraw_issue(issue=issue, by=AdminFactory(), note="一处失实")

    assert client.get(address).status_code == 404


@pytest.mark.parametrize("kind", ["sections", "topics", "authors"])
def test_index_leads_to_each_page_with_its_count(client, kind):
    printed("1")
    printed("2")

    page = client.get(reverse(f"site:{kind}")).text

    assert f'href="{address_of(kind.removesuffix("s"))}"' in page


def test_topics_are_called_what_the_publication_calls_them(client):
    assert "<h1>项目</h1>" in client.get("/topics/").text


@pytest.mark.parametrize("kind", ["section", "topic", "author"])
def test_what_was_never_printed_has_no_page(client, kind):
    printed()
    rows = {"section": SectionFactory, "topic": TopicFactory, "author": AuthorFactory}
    row = rows[kind]()
    ItemFactory(issue=IssueFactory(number="9"), state=ItemState.APPROVED)

    assert client.get(row.get_absolute_url()).status_code == 404
    assert str(row) not in client.get(reverse(f"site:{kind}s")).text


def test_once_only_heading_has_a_page_but_no_place_in_the_index(client):
    group = Group(None, (Item("年终一条", None, "一句话。"),))
    printed("1", sections=(OutlineSection("年终特辑", (group,), once=True),))
    section = Section.objects.get(title="年终特辑")

    assert "年终一条" in client.get(section.get_absolute_url()).text
    assert "年终特辑" not in client.get("/sections/").text


def test_rejected_item_of_a_published_issue_is_not_shown(client):
    issue = printed()
    section = Section.objects.get(title="业界要闻")
    ItemFactory(
        issue=issue, section=section, state=ItemState.REJECTED, headline="没有采用的"
    )

    assert "没有采用的" not in client.get(section.get_absolute_url()).text


def test_long_page_is_cut_into_pages(client, monkeypatch):
    monkeypatch.setattr("newsletter.site.pages.PER_PAGE", 2)
    for number in range(1, 4):
        printed(str(number))
    address = address_of("section")

    first, last = client.get(address).text, client.get(f"{address}?page=2").text

    assert "第 3 期的头条" in first
    assert "第 3 期的头条" not in last


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("kind", "queries"),
    [
        *(("sections", 2), ("topics", 2), ("authors", 2)),
        *(("section", 5), ("topic", 5), ("author", 6)),
    ],
)
def test_query_count_is_constant(
    client, django_assert_num_queries, kind, queries, count
):
    for number in range(1, count + 1):
        printed(str(number))
    plural = kind.endswith("s")
    address = reverse(f"site:{kind}") if plural else address_of(kind)

    with django_assert_num_queries(queries):
        client.get(address)
