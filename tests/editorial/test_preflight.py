"""What preflight finds, and that it asks the database the same number of questions."""

import pytest

from editorial import links, preflight
from editorial.models import Link
from editorial.states import ItemState
from tests.factories import (
    AuthorFactory,
    IssueFactory,
    ItemFactory,
    ItemImageFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db


def codes(findings) -> set[str]:
    return {finding.code for finding in findings}


def test_an_issue_in_order_is_ready():
    issue = IssueFactory()
    ItemFactory(issue=issue, state=ItemState.APPROVED, credit=AuthorFactory())

    report = preflight.run(issue)

    assert report.ready
    assert not report.advice
    assert report.passed


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (ItemState.DRAFT, "draft"),
        (ItemState.SUBMITTED, "to_review"),
        (ItemState.CHANGES_REQUESTED, "changes_requested"),
    ],
)
def test_an_item_that_is_not_approved_must_be_handled(state, code):
    issue = IssueFactory()
    ItemFactory(issue=issue, state=state)

    assert code in codes(preflight.run(issue).blocking)


def test_missing_words_and_pictures_must_be_handled():
    issue = IssueFactory(title="", dek="")
    ItemImageFactory(item=ItemFactory(issue=issue, state=ItemState.APPROVED))

    assert codes(preflight.run(issue).blocking) == {"title", "dek", "picture_missing"}


@pytest.mark.parametrize(
    ("verdict", "code"), [("broken", "link_broken"), ("unsure", "link_unsure")]
)
def test_doubtful_links_are_named(verdict, code):
    issue = IssueFactory()
    item = ItemFactory(issue=issue, state=ItemState.APPROVED, url="https://a.example/")
    links.register_links(item)
    Link.objects.update(verdict=verdict, reason="gone")

    report = preflight.run(issue)

    assert code in codes(report.blocking) | codes(report.advice)


def doubtful(issue, reason, *urls):
    for address in urls:
        item = ItemFactory(issue=issue, state=ItemState.APPROVED, url=address)
        links.register_links(item)
        Link.objects.filter(url=address).update(verdict="unsure", reason=reason)


def test_one_doubtful_link_is_told_in_the_words_of_its_item():
    issue = IssueFactory()
    doubtful(issue, "login", "https://a.example/")

    [finding] = [f for f in preflight.run(issue).advice if f.code == "link_unsure"]

    assert finding.message == "Unsure: a.example asks for a login"


def test_doubtful_links_are_grouped_by_reason_with_a_way_to_each():
    issue = IssueFactory()
    sites = [f"https://{name}.example/" for name in "abcde"]
    doubtful(issue, "unreachable_from_here", *sites)
    doubtful(issue, "login", "https://x.example/", "https://x.example/2")

    silent, shut = [f for f in preflight.run(issue).advice if f.code == "link_unsure"]

    named = "a.example, b.example, c.example and 2 more"
    assert silent.message == f"5 unsure links: Unreachable from here ({named})"
    assert shut.message == "2 unsure links: Asks for a login (x.example)"
    assert [name.split(" · ")[0] for name, _ in silent.places] == [
        f"{name}.example" for name in "abcde"
    ]
    assert all("#link-" in address for _, address in silent.places)


def test_a_section_below_its_minimum_is_advised_and_a_needed_link_demanded():
    issue = IssueFactory()
    section = SectionFactory(min_items=2, link_required=True)
    issue.issue_sections.create(section=section)
    ItemFactory(issue=issue, section=section, state=ItemState.APPROVED)

    report = preflight.run(issue)

    assert "too_few" in codes(report.advice)
    assert "link_required" in codes(report.blocking)


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(count, django_assert_num_queries):
    issue = IssueFactory()
    for n in range(count):
        item = ItemFactory(issue=issue, url=f"https://a.example/{n}")
        links.register_links(item)
        ItemImageFactory(item=item)

    with django_assert_num_queries(5):
        preflight.run(issue)
