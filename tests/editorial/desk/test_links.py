"""The pages about links: the report, its table, and the presses on an item's links."""

import csv
import io

import pytest

from editorial.models import ArchivedCopy, Link
from tests.editorial.links.rows import (
    GONE,
    SILENCE,
    WALL,
    break_link,
    item_with_link,
    moved_to,
    printed_link,
    visit,
    written_link,
)
from tests.factories import EditorFactory, IssueFactory, PublicationFactory, UserFactory

from .rows import url

pytestmark = pytest.mark.django_db

NEW = "https://new.example/page"


@pytest.fixture
def editor(client):
    PublicationFactory(language="en")
    editor = EditorFactory()
    client.force_login(editor)
    return editor


def text_of(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def links_shown(client, **asked) -> set[str]:
    response = client.get(url("links"), asked)
    return {link.url for link in response.context["page"]}


def table(client, **asked) -> list[dict[str, str]]:
    response = client.get(url("links_csv"), asked)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_report_counts_draws_and_lists(client, editor):
    visit(written_link("https://gone.example/", issue=IssueFactory(number="7")), GONE)

    page = text_of(client, url("links"))

    assert "The page is gone (404)" in page
    assert "<svg" in page
    assert 'class="broken"' in page
    assert "№ 7" in page


def test_the_report_says_what_is_broken_for_longest(client, editor):
    break_link(printed_link("https://gone.example/"))

    assert "Broken for longest" in text_of(client, url("links"))


def test_the_report_counts_what_was_repaired_this_month(client, editor):
    link = visit(written_link(), GONE)
    Link.objects.filter(pk=link.pk).update(moved_to="")
    visit(link, moved_to(NEW))

    assert "1 repaired this month" in text_of(client, url("links"))


def test_an_empty_report_says_where_links_come_from(client, editor):
    assert "No link yet." in text_of(client, url("links"))


def test_a_filter_that_nothing_passes_says_so(client, editor):
    written_link()

    page = text_of(client, url("links") + "?verdict=broken")

    assert "No link is like that." in page


def test_links_are_filtered_by_verdict_host_and_issue(client, editor):
    issue = IssueFactory()
    visit(written_link("https://a.example/1", issue=issue), GONE)
    visit(written_link("https://a.example/2"), WALL)
    written_link("https://b.example/3")

    assert links_shown(client, verdict="broken") == {"https://a.example/1"}
    assert links_shown(client, host="b.example") == {"https://b.example/3"}
    assert links_shown(client, issue=issue.slug) == {"https://a.example/1"}


@pytest.mark.parametrize("asked", ["verdict=x", "page=x", "issue=nothing"])
def test_what_is_asked_for_wrongly_is_left_out(client, editor, asked):
    written_link("https://a.example/1")

    assert "https://a.example/1" in text_of(client, f"{url('links')}?{asked}")


def test_a_private_draft_is_in_no_report(client, editor):
    item_with_link("https://secret.example/", submitted_by=UserFactory())

    assert "secret.example" not in text_of(client, url("links"))
    assert table(client) == []


def test_the_table_has_the_words_and_runs_nothing(client, editor):
    visit(written_link(headline="=1+1", issue=IssueFactory(number="7")), GONE)

    [row] = table(client)

    assert row["Headline"] == "'=1+1"
    assert (row["Issue"], row["Verdict"]) == ("7", "Broken")
    assert row["In words"] == "The page is gone (404)"


def test_the_table_keeps_to_the_filter_and_the_language(client):
    PublicationFactory(language="zh-hans")
    client.force_login(UserFactory())
    visit(written_link("https://a.example/"), GONE)
    written_link("https://b.example/")

    [row] = table(client, verdict="broken")

    assert row["说明"] == "这个页面已经不在了（404）"


def test_an_item_says_what_was_found_when_and_how(client, editor):
    link = visit(written_link(), moved_to(NEW))

    page = text_of(client, link.item_links.get().item.get_absolute_url())

    assert f"one.example says it moved to {NEW}" in page
    assert "checked less than a minute ago" in page
    assert "<b>301</b>" in page
    assert "Use the new address everywhere" in page


def test_the_press_takes_the_new_address(client, editor):
    link = visit(written_link(), moved_to(NEW))
    item = link.item_links.get().item

    client.post(url("link_moved", item.pk, link.pk), {"to": NEW})

    item.refresh_from_db()
    assert item.url == NEW


def test_an_address_nobody_was_shown_is_a_conflict(client, editor):
    link = visit(written_link(), moved_to(NEW))
    item = link.item_links.get().item

    response = client.post(
        url("link_moved", item.pk, link.pk), {"to": "https://evil.example/"}
    )

    assert response.status_code == 409


@pytest.mark.parametrize("press", ["link_moved", "link_opened"])
def test_no_link_is_reached_through_an_item_that_lacks_it(client, editor, press):
    link = visit(written_link(), moved_to(NEW))
    other = item_with_link("https://other.example/", issue=IssueFactory())

    response = client.post(url(press, other.pk, link.pk), {"to": NEW})

    assert response.status_code == 404


def test_i_opened_it_is_offered_where_we_doubt_and_noted(client, editor):
    link = visit(written_link(), SILENCE)
    item = link.item_links.get().item
    assert "I opened it" in text_of(client, item.get_absolute_url())

    client.post(url("link_opened", item.pk, link.pk))

    page = text_of(client, item.get_absolute_url())
    assert f"opened by {editor.name}" in page
    assert "opened a link" in page


def test_an_editor_leads_readers_to_the_copy_and_back(client, editor):
    link = break_link(printed_link())
    ArchivedCopy.objects.create(
        link=link, url="https://web.archive.org/x", asked_at=link.created_at
    )
    item = link.item_links.get().item
    assert "Lead readers to the copy" in text_of(client, item.get_absolute_url())

    client.post(url("link_copy", link.pk), {"show": "1", "item": item.pk})
    assert "Lead readers to the original" in text_of(client, item.get_absolute_url())
    client.post(url("link_copy", link.pk), {"show": "0", "item": "not one"})

    assert not ArchivedCopy.objects.shown().exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_report_asks_as_much_for_many_links_as_for_one(
    client, editor, rows, django_assert_num_queries
):
    for n in range(rows):
        visit(written_link(f"https://h{n}.example/"), GONE)

    with django_assert_num_queries(16):
        client.get(url("links"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_table_asks_as_much_for_many_links_as_for_one(
    client, editor, rows, django_assert_num_queries
):
    for n in range(rows):
        visit(written_link(f"https://h{n}.example/"), GONE)

    with django_assert_num_queries(4):
        table(client)


@pytest.mark.parametrize("rows", [1, 3])
def test_an_item_asks_as_much_for_many_links_as_for_one(
    client, editor, rows, django_assert_num_queries
):
    text = " ".join(f"https://h{n}.example/" for n in range(rows))
    item = item_with_link("", commentary=text, issue=IssueFactory())
    for use in item.item_links.all():
        visit(use.link, GONE)

    with django_assert_num_queries(17):
        client.get(item.get_absolute_url())
