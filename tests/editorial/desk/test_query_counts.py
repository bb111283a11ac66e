"""Lists of the desk ask the same number of queries for one row and for three."""

import pytest

from editorial import workflow
from editorial.models import Publication
from editorial.states import ItemState, ReviewPolicy
from tests.factories import EditorFactory, ItemFactory, TopicFactory, UserFactory

from .rows import author, item_in, open_issue, url

pytestmark = pytest.mark.django_db


def full_item(issue, n):
    """An item with everything a card shows: topic, credit, links, comment, picture."""
    writer = author()
    item = item_in(
        issue,
        ItemState.SUBMITTED,
        submitted_by=writer,
        credit=writer.author,
        topic=TopicFactory(),
        position=n,
    )
    workflow.edit_item(
        item=item,
        by=writer,
        version=1,
        url=f"https://{n}.example/",
        commentary=f"https://{n}.example/two",
    )
    workflow.comment_item(item=item, by=writer, text="?")
    return item


PAGES = {
    "issue": 20,
    "issue_edit": 13,
    "issue_links": 14,
    "issue_group_text": 13,
    "issue_history": 12,
    "issue_preview": 9,
    "my_turn": 11,
    "review": 11,
    "issues": 11,
}


def address(name, issue):
    of_the_issue = name.startswith("issue") and name != "issues"
    return url(name, *([issue.slug] if of_the_issue else []))


@pytest.mark.parametrize("policy", [ReviewPolicy.EDITORS, ReviewPolicy.ANYONE_ELSE])
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", PAGES)
def test_page_of_items(client, django_assert_num_queries, name, rows, policy):
    issue = open_issue()
    Publication.objects.update(review=policy)
    for n in range(rows):
        full_item(issue, n)
    client.force_login(EditorFactory())

    with django_assert_num_queries(PAGES[name]):
        client.get(address(name, issue))


@pytest.mark.parametrize("rows", [1, 3])
def test_backlog(client, django_assert_num_queries, rows):
    open_issue()
    Publication.objects.update(review=ReviewPolicy.ANYONE_ELSE)
    for _row in range(rows):
        ItemFactory(state=ItemState.SUBMITTED)
        ItemFactory(state=ItemState.REJECTED)
    client.force_login(UserFactory())

    with django_assert_num_queries(12):
        client.get(url("backlog"))
