"""My turn, and what every page of the desk shares."""

import pytest

from editorial import workflow
from editorial.states import ItemState
from tests.factories import EditorFactory, PublicationFactory, UserFactory

from .rows import author, item_in, open_issue, published, url

pytestmark = pytest.mark.django_db


def test_it_begins_with_what_was_sent_back_and_why(client):
    me = author()
    item = item_in(open_issue(), ItemState.SUBMITTED, submitted_by=me)
    workflow.request_changes(
        item=item, by=EditorFactory(name="元毅"), note="换成新地址"
    )
    client.force_login(me)

    page = client.get(url("my_turn")).content.decode()

    assert "Returned to you" in page
    assert "元毅: 换成新地址" in page
    assert url("item_edit", item.pk) in page


def test_everything_done_is_said_kindly(client):
    open_issue()
    client.force_login(author())

    assert "All done. Thank you!" in client.get(url("my_turn")).content.decode()


def test_without_an_issue_nobody_is_thanked_and_editors_begin_one(client):
    PublicationFactory(language="en")

    for user, may_begin in ((author(), False), (EditorFactory(), True)):
        client.force_login(user)
        page = client.get(url("my_turn")).content.decode()

        assert "No issue is open" in page
        assert "All done" not in page
        assert (url("issue_create") in page) is may_begin


def test_what_waits_for_me_is_not_listed_again_as_colleagues_work(client):
    item = item_in(open_issue(), ItemState.SUBMITTED, submitted_by=author())
    client.force_login(EditorFactory())

    response = client.get(url("my_turn"))

    assert item in response.context["duties"].to_review
    assert item not in response.context["others"]


def test_a_team_of_one_is_asked_to_review_its_own(client):
    PublicationFactory(language="en")
    me = EditorFactory()
    issue = workflow.create_issue(by=me, number="1")
    workflow.add_section(issue=issue, by=me, title="News")
    item_in(issue, ItemState.SUBMITTED, submitted_by=me)
    client.force_login(me)

    assert len(client.get(url("my_turn")).context["duties"].to_review) == 1


def test_nobody_reviews_their_own_while_others_could(client):
    me = EditorFactory()
    item_in(open_issue(), ItemState.SUBMITTED, submitted_by=me)
    client.force_login(me)

    assert not client.get(url("my_turn")).context["duties"].to_review


@pytest.mark.parametrize(
    "name", ["my_turn", "more", "review", "backlog", "issues", "issue_create", "import"]
)
def test_strangers_are_sent_to_sign_in(client, name):
    response = client.get(url(name))

    assert response["Location"].startswith("/accounts/login/")


def test_desk_speaks_the_users_language(client):
    PublicationFactory(language="en")
    client.force_login(UserFactory(language="zh-hans"))

    assert 'lang="zh-hans"' in client.get(url("my_turn")).content.decode()


def test_without_a_choice_it_speaks_the_publications(client):
    PublicationFactory(language="zh-hans")
    client.force_login(UserFactory(language=""))

    assert 'lang="zh-hans"' in client.get(url("my_turn")).content.decode()


def test_language_is_chosen_once_for_all(client):
    user = UserFactory()
    client.force_login(user)

    client.post(url("language"), {"language": "zh-hans"})

    user.refresh_from_db()
    assert user.language == "zh-hans"


def test_unknown_language_is_refused(client):
    user = UserFactory(language="en")
    client.force_login(user)

    response = client.post(url("language"), {"language": "tlh"})

    user.refresh_from_db()
    assert response.status_code == 400
    assert user.language == "en"


def test_pages_bring_no_inline_script_or_style(client):
    issue = open_issue()
    item_in(issue)
    client.force_login(EditorFactory())

    for page in (url("issue", issue.slug), url("item_create"), url("my_turn")):
        response = client.get(page)
        html = response.content.decode()
        assert " style=" not in html
        assert "<script>" not in html
        assert "'unsafe-inline'" not in response["Content-Security-Policy"]


def test_no_cache_keeps_a_page_of_the_desk(client):
    client.force_login(UserFactory())

    assert "no-store" in client.get(url("my_turn"))["Cache-Control"]


@pytest.mark.parametrize("name", ["issue", "issue_history", "issue_correct"])
def test_rail_finds_an_issue_that_is_out_among_all_issues(name, client):
    editor = EditorFactory(language="en")
    issue = published(open_issue(), editor)
    client.force_login(editor)

    page = client.get(url(name, issue.slug)).content.decode()

    assert page.count('aria-current="page"') == 2  # in the rail and among the tabs
    assert 'aria-current="page">All issues' in page
