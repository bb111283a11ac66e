"""How links are doing: what is counted, and the links asked for, page by page."""

import pytest

from editorial.links.report import Wanted, make_report, rows_of, wanted_page
from editorial.models import Link
from tests.factories import IssueFactory

from .rows import ALIVE, GONE, WALL, item_with_link, visit, written_link

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

FINE = "https://fine.example/"
DEAD = "https://dead.example/"
WALLED = "https://walled.example/"


@pytest.fixture
def three_links() -> None:
    visit(written_link(FINE), ALIVE)
    visit(written_link(DEAD), GONE)
    visit(written_link(WALLED), WALL)


def pages(wanted: Wanted, *, per_page: int) -> list[list[str]]:
    counts = make_report(wanted).counts
    first = wanted_page(wanted, counts, "1", per_page=per_page)
    return [
        [link.url for link in wanted_page(wanted, counts, str(n), per_page=per_page)]
        for n in first.paginator.page_range
    ]


def test_the_worst_links_are_on_the_first_page(three_links):
    assert pages(Wanted(), per_page=2) == [[DEAD, WALLED], [FINE]]


def test_no_link_is_on_two_pages_or_on_none(three_links):
    written_link("https://new.example/1")
    written_link("https://new.example/2")

    shown = pages(Wanted(), per_page=1)

    assert [page for [page] in shown] == [
        *(DEAD, WALLED, "https://new.example/1", "https://new.example/2", FINE),
    ]


def test_a_verdict_has_as_many_pages_as_links(three_links):
    assert pages(Wanted(verdict="broken"), per_page=1) == [[DEAD]]
    assert pages(Wanted(verdict="unchecked"), per_page=1) == [[]]


@pytest.mark.parametrize(("number", "shown"), [("99", FINE), ("x", DEAD), (None, DEAD)])
def test_what_is_no_page_is_the_next_best_one(three_links, number, shown):
    counts = make_report(Wanted()).counts

    page = wanted_page(Wanted(), counts, number, per_page=1)

    assert [link.url for link in page] == [shown]


def test_a_link_of_two_items_is_counted_once_and_told_twice():
    issue = IssueFactory(number="7")
    visit(written_link(DEAD, issue=issue, headline="One"), GONE)
    item_with_link(DEAD, issue=issue, headline="Two")

    report = make_report(Wanted())

    assert Link.objects.count() == report.counts.broken == 1
    assert [row.counts.broken for row in report.issues] == [1]
    assert [row.counts.broken for row in report.hosts] == [1]
    assert [row.headline for row in rows_of(Wanted())] == ["One", "Two"]


def test_issues_and_sites_are_those_of_what_was_asked_for():
    issue = IssueFactory(number="7")
    visit(written_link(DEAD, issue=issue), GONE)
    visit(written_link(WALLED, issue=IssueFactory(number="8")), WALL)

    by_issue = make_report(Wanted(issue=issue))
    by_host = make_report(Wanted(host="walled.example"))

    assert ([row.name for row in by_issue.hosts], by_issue.issues) == (
        ["dead.example"],
        (),
    )
    assert ([row.number for row in by_host.issues], by_host.hosts) == (["8"], ())
