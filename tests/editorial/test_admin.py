"""Django admin: who sees what, what cannot be touched, and no query per row."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from editorial import workflow
from editorial.links import register_links
from editorial.models import Issue, Item, Role, Transition, User, Via
from editorial.states import IssueState, ItemState
from tests.factories import (
    AdminFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MODELS = list(apps.get_app_config("editorial").get_models())
LISTS = [m._meta.model_name for m in MODELS]


def list_url(name: str) -> str:
    return reverse(f"admin:editorial_{name}_changelist")


def page_url(row) -> str:
    return reverse(f"admin:editorial_{row._meta.model_name}_change", args=[row.pk])


@pytest.fixture
def editor(client):
    editor = EditorFactory()
    client.force_login(editor)
    return editor


@pytest.fixture
def chief(client):
    chief = AdminFactory()
    client.force_login(chief)
    return chief


@pytest.mark.parametrize("model", MODELS, ids=LISTS)
def test_every_model_is_there(model):
    assert admin.site.is_registered(model)


@pytest.mark.parametrize("name", LISTS)
def test_admin_sees_every_list(client, chief, name):
    assert client.get(list_url(name)).status_code == 200


def test_admin_opens_an_issue_an_item_and_a_link(client, chief):
    item = ItemFactory(issue=IssueFactory(), url="https://news.test/a")
    workflow.comment_item(item=item, by=chief, text="好")
    register_links(item)

    rows = [item, item.issue, item.item_links.get().link]
    pages = [client.get(page_url(row)) for row in rows]

    assert [page.status_code for page in pages] == [200, 200, 200]


@pytest.mark.parametrize("name", ["user", "notice"])
def test_editor_sees_no_accounts(client, editor, name):
    assert client.get(list_url(name)).status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_author_sees_nothing(client, name):
    client.force_login(UserFactory())

    assert client.get(list_url(name), follow=True).status_code == 403


def test_admin_sign_in_goes_through_the_common_login(client):
    response = client.get("/admin/login/?next=/admin/")

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", LISTS)
def test_lists_ask_as_much_for_three_rows_as_for_one(client, chief, name):
    def rows(count):
        for _ in range(count):
            issue = workflow.create_issue(by=chief, number=f"n{Issue.objects.count()}")
            item = ItemFactory(issue=issue)
            workflow.comment_item(item=item, by=chief, text="好")

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(list_url(name))
        return len(captured)

    rows(1)
    one = queries()
    rows(2)

    assert queries() == one


@pytest.mark.parametrize("model", ["transition", "itemrevision", "issuerevision"])
def test_trail_and_revisions_cannot_be_written_or_deleted(client, chief, model, rf):
    page = admin.site.get_model_admin(apps.get_model("editorial", model))
    request = rf.get("/")
    request.user = chief

    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)


def test_trail_row_survives_a_forged_delete(client, chief):
    workflow.create_issue(by=chief, number="7")
    row = Transition.objects.get()

    client.post(
        reverse("admin:editorial_transition_delete", args=[row.pk]), {"post": "yes"}
    )
    client.post(
        list_url("transition"),
        {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"},
    )

    assert Transition.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("factory", "forged"),
    [
        (ItemFactory, {"state": "approved"}),
        (IssueFactory, {"state": "published"}),
        (UserFactory, {"role": "admin", "is_superuser": "on"}),
    ],
)
def test_state_and_role_cannot_be_forged(client, chief, factory, forged):
    row = factory()
    before = {name: getattr(row, name) for name in forged}

    url = reverse(f"admin:editorial_{row._meta.model_name}_change", args=[row.pk])
    response = client.post(url, forged)

    row.refresh_from_db()
    assert response.status_code == 403
    assert {name: getattr(row, name) for name in forged} == before


def act(client, name, action, row):
    return client.post(
        list_url(name), {"action": action, "_selected_action": row.pk}, follow=True
    )


def test_actions_move_through_the_workflow(client, chief):
    PublicationFactory()
    issue = IssueFactory()
    item = ItemFactory(issue=issue, state=ItemState.SUBMITTED)

    act(client, "item", "approve", item)
    act(client, "issue", "close", issue)
    act(client, "issue", "approve", issue)
    act(client, "issue", "publish", issue)

    issue.refresh_from_db()
    assert issue.state == IssueState.PUBLISHED
    deeds = Transition.objects.exclude(verb="created")
    assert set(deeds.values_list("via", flat=True)) == {Via.ADMIN}


def test_refused_action_says_why_and_changes_nothing(client, chief):
    issue = IssueFactory()
    own = ItemFactory(issue=issue, state=ItemState.SUBMITTED, submitted_by=chief)
    EditorFactory()

    page = act(client, "item", "approve", own)
    page_of_issue = act(client, "issue", "publish", issue)

    assert Item.objects.get().state == ItemState.SUBMITTED
    assert "approves their own item" in page.content.decode()
    assert "not possible in the state “Collecting”" in page_of_issue.content.decode()


def test_closing_an_account_here_spares_the_last_admin(client, chief):
    act(client, "user", "deactivate", chief)

    assert User.objects.get(pk=chief.pk).is_active


def test_superuser_flag_opens_nothing_to_an_author(client):
    client.force_login(UserFactory(role=Role.AUTHOR, is_superuser=True))

    assert client.get(list_url("item"), follow=True).status_code == 403


@pytest.mark.parametrize(
    ("name", "data", "field"),
    [
        ("author", {"name": "墨\x0b青"}, "name"),
        ("section", {"title": "要\x0c闻", "position": 0, "min_items": 0}, "title"),
        ("topic", {"name": "etcd", "aliases": '"a word"'}, "aliases"),
    ],
)
def test_what_no_page_can_show_is_refused_here_too(client, chief, name, data, field):
    response = client.post(reverse(f"admin:editorial_{name}_add"), data)

    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert not apps.get_model("editorial", name).objects.exists()


def test_editor_names_a_topic_here(client, editor):
    client.post(
        reverse("admin:editorial_topic_add"), {"name": "etcd", "aliases": '["etcd3"]'}
    )

    assert apps.get_model("editorial", "topic").objects.get().names() == [
        "etcd",
        "etcd3",
    ]
