"""Atom, RSS, sitemap and robots.txt."""

import xml.etree.ElementTree as ET

import pytest
from django.utils.html import strip_tags

from editorial import workflow
from editorial.content.outline import Group, Image, Item, Section
from tests.factories import AdminFactory, PublicationFactory

from .printing import printed, reprinted

pytestmark = pytest.mark.django_db

FEEDS = ["/feed/atom.xml", "/feed/rss.xml"]
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


@pytest.fixture(autouse=True)
def publication(settings):
    settings.PUBLIC_URL = "https://weekly.example"
    return PublicationFactory(name="云边周报", language="zh-hans")


def parsed(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return ET.fromstring(answer.content)  # noqa: S314  (our own answer)


def test_atom_carries_the_whole_issue(client):
    printed("23")

    feed = parsed(client, "/feed/atom.xml")

    entry = feed.find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == "https://weekly.example/issues/23/"
    assert "第 23 期的头条" in entry.findtext(f"{ATOM}content")
    assert entry.findtext(f"{ATOM}published") == "2024-03-24T10:00:00+00:00"


def test_rss_carries_the_whole_issue(client):
    printed("23")

    item = parsed(client, "/feed/rss.xml").find("channel/item")

    assert item.findtext("link") == "https://weekly.example/issues/23/"
    assert "第 23 期的头条" in item.findtext(CONTENT)


@pytest.mark.parametrize("path", FEEDS)
def test_addresses_come_from_the_setting_not_from_the_host(client, settings, path):
    settings.ALLOWED_HOSTS = ["*"]
    picture = Image(src="/media/images/a.png", alt="图")
    item = Item(
        "头条", "https://news.test/a", "见[往期](/issues/1/)。", images=(picture,)
    )
    reprinted(printed("2"), sections=(Section("要闻", (Group(None, (item,)),)),))

    feed = client.get(path, headers={"host": "evil.test"}).text

    assert "evil.test" not in feed
    assert "https://weekly.example/issues/1/" in feed


def test_site_and_name_stand_apart_where_no_style_is_read(client):
    item = Item("头条", "https://news.test/a", "见文。", credit="墨封")
    reprinted(printed("2"), sections=(Section("要闻", (Group(None, (item,)),)),))

    content = parsed(client, "/feed/atom.xml").findtext(f".//{ATOM}content")

    assert "news.test · 墨封" in strip_tags(content)


@pytest.mark.parametrize("path", FEEDS)
def test_control_character_in_an_old_revision_breaks_no_feed(client, path):
    reprinted(printed(), title="响铃\x07与\ufffe退格\x08", opening_note="垂直\x0b制表")

    feed = client.get(path)

    assert feed.status_code == 200
    assert "响铃与退格" in feed.text
    ET.fromstring(feed.content)  # noqa: S314  (our own answer)


@pytest.mark.parametrize("path", [*FEEDS, "/sitemap.xml"])
def test_withdrawn_issue_is_in_no_feed(client, path):
    issue = printed("5")
    workflow.withdraw_issue(issue=issue, by=AdminFactory(), note="一处失实")

    assert "/issues/5/" not in client.get(path).text


@pytest.mark.parametrize("path", FEEDS)
def test_unchanged_feed_is_not_sent_again(client, path):
    printed("1")
    etag = client.get(path)["ETag"]

    assert client.get(path, headers={"if-none-match": etag}).status_code == 304
    printed("2")
    assert client.get(path, headers={"if-none-match": etag}).status_code == 200


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("count", [1, 3])
def test_query_count_is_constant(client, django_assert_num_queries, path, count):
    for number in range(1, count + 1):
        printed(str(number))

    with django_assert_num_queries(3):
        client.get(path)


def test_pages_name_the_feeds(client):
    page = client.get("/").text

    assert 'type="application/atom+xml"' in page
    assert 'type="application/rss+xml"' in page


def test_sitemap_lists_everything_under_the_public_address(client):
    printed("23")

    sitemap = client.get("/sitemap.xml", headers={"host": "testserver"}).text

    for path in ("/", "/issues/", "/issues/23/", "/topics/etcd/", "/authors/mo-feng/"):
        assert f"<loc>https://weekly.example{path}</loc>" in sitemap
    assert "testserver" not in sitemap


def test_robots_are_told_of_the_sitemap(client):
    answer = client.get("/robots.txt")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "Sitemap: https://weekly.example/sitemap.xml" in answer.text
    assert "Disallow: /desk/" in answer.text


def test_a_browser_that_asks_unasked_finds_the_icon(client):
    answer = client.get("/favicon.ico")

    assert answer.status_code == 302
    assert answer["Location"].endswith(".svg")
