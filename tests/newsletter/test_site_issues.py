"""Home, issue page and archive."""

import pytest
from django.urls import reverse

from editorial import workflow
from editorial.content.outline import Image
from editorial.models import Publication
from tests.factories import AdminFactory, IssueFactory, PublicationFactory

from .printing import outline, printed, reprinted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory(name="云边周报", byline_label="本期作者")


def test_issue_page_prints_what_was_published(client):
    issue = printed("23")

    page = client.get(issue.get_absolute_url()).text

    assert "第 23 期的标题" in page
    assert "第 23 期的头条" in page
    assert 'href="https://news.test/a"' in page
    assert "本期作者" in page


def test_names_on_an_issue_lead_to_their_pages(client):
    issue = printed()

    page = client.get(issue.get_absolute_url()).text

    assert f'href="{reverse("site:author", args=["mo-feng"])}"' in page
    assert f'href="{reverse("site:topic", args=["etcd"])}"' in page
    assert f'href="{issue.issue_sections.get().section.get_absolute_url()}"' in page


def test_double_issue_is_found_under_its_printed_number(client):
    issue = printed("40–41")

    assert issue.get_absolute_url() == "/issues/40-41/"
    assert "40–41" in client.get("/issues/40-41/").text


def test_unknown_and_unpublished_issues_are_the_same_404(client):
    draft = IssueFactory(number="7", title="还没写完")

    unknown = client.get("/issues/999/")
    on_the_desk = client.get(draft.get_absolute_url())

    assert unknown.status_code == on_the_desk.status_code == 404
    assert "还没写完" not in on_the_desk.text


def test_withdrawn_issue_is_gone(client):
    issue = printed("5")
    workflow.withdraw_issue(issue=issue, by=AdminFactory(), note="一处失实")

    answer = client.get(issue.get_absolute_url())

    assert answer.status_code == 410
    assert "第 5 期的头条" not in answer.text


def test_issue_names_its_neighbours(client):
    first, second, third = printed("1"), printed("2"), printed("3")

    page = client.get(second.get_absolute_url()).text

    assert f'rel="prev" href="{first.get_absolute_url()}"' in page
    assert f'rel="next" href="{third.get_absolute_url()}"' in page


def test_issue_page_tells_other_sites_what_it_is(client, settings):
    settings.PUBLIC_URL = "https://weekly.example"
    cover = Image(src="/media/covers/c.png", alt="封面")
    reprinted(printed("9"), cover=cover)

    page = client.get("/issues/9/").text

    address = "https://weekly.example/issues/9/"
    assert f'<link rel="canonical" href="{address}">' in page
    assert f'<meta property="og:url" content="{address}">' in page
    assert '<meta property="og:description" content="第 9 期的提要">' in page
    assert 'content="https://weekly.example/media/covers/c.png"' in page


def test_unchanged_issue_is_not_sent_again(client):
    issue = printed()
    etag = client.get(issue.get_absolute_url())["ETag"]

    again = client.get(issue.get_absolute_url(), headers={"if-none-match": etag})

    assert again.status_code == 304


def test_new_neighbour_makes_an_old_page_new(client):
    issue = printed("1")
    etag = client.get(issue.get_absolute_url())["ETag"]
    printed("2")

    again = client.get(issue.get_absolute_url(), headers={"if-none-match": etag})

    assert again.status_code == 200


def test_withdrawn_issue_is_gone_for_whoever_keeps_a_copy(client):
    issue = printed()
    etag = client.get(issue.get_absolute_url())["ETag"]
    workflow.withdraw_issue(issue=issue, by=AdminFactory(), note="一处失实")

    again = client.get(issue.get_absolute_url(), headers={"if-none-match": etag})

    assert again.status_code == 410


def test_home_is_the_newest_issue(client):
    printed("1")
    printed("2")

    page = client.get("/").text

    assert "第 2 期的头条" in page
    assert "第 1 期的头条" not in page
    assert "第 1 期的标题" in page  # among the earlier ones


def test_home_before_the_first_issue_takes_addresses(client):
    page = client.get("/").text

    assert 'name="address"' in page


def test_archive_is_newest_first(client):
    printed("1")
    printed("2")

    page = client.get("/issues/").text

    assert page.index("第 2 期的标题") < page.index("第 1 期的标题")


def test_page_that_does_not_exist_shows_the_last_one(client):
    printed("1")

    assert "第 1 期的标题" in client.get("/issues/?page=99").text


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"), [("/", 8), ("/issues/", 3), ("/issues/1/", 8)]
)
def test_query_count_is_constant(
    client, django_assert_num_queries, path, queries, count
):
    for number in range(1, count + 1):
        printed(str(number))

    with django_assert_num_queries(queries):
        client.get(path)


@pytest.mark.parametrize("path", ["/", "/issues/", "/subscribe/", "/nowhere"])
def test_readers_pages_set_no_cookie_and_depend_on_none(client, path):
    printed()

    answer = client.get(path)

    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


def test_readers_pages_speak_the_publication_s_language(client, publication):
    Publication.objects.update(language="en")
    printed()

    page = client.get("/issues/1/", headers={"accept-language": "zh-CN"})

    assert page["Content-Language"] == "en"
    assert '<html lang="en">' in page.text
    assert ">Subscribe<" in page.text


def test_dates_are_those_of_the_publication(client, publication):
    Publication.objects.update(language="en", time_zone="Pacific/Auckland")
    printed("0")  # 10:00 UTC is 23:00 there

    assert "March 1, 2024" in client.get("/issues/0/").text


def test_reading_minutes_follow_from_the_text():
    from newsletter.site.reading import minutes

    assert minutes(outline(opening_note="字" * 1200)) == 3
    assert minutes(outline(opening_note="word " * 1200)) == 5
