"""The trail in the admin: in words, and by the publication's clock."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from editorial import workflow
from editorial.models import Transition
from editorial.states import ItemState
from tests.factories import (
    AdminFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
)

pytestmark = pytest.mark.django_db


def page(client, name, *args, **query):
    url = reverse(f"admin:editorial_{name}", args=args)
    return client.get(url, query).content.decode()


@pytest.fixture
def chief(client):
    PublicationFactory(language="en", time_zone="Asia/Shanghai")
    chief = AdminFactory(language="en")
    client.force_login(chief)
    return chief


def test_states_and_deeds_stand_in_words(client, chief):
    item = ItemFactory(issue=IssueFactory(), state=ItemState.SUBMITTED)
    workflow.request_changes(item=item, by=chief, note="shorter")
    workflow.close_issue(issue=item.issue, by=chief)

    trail = page(client, "transition_changelist")

    for words in ("Changes requested", "Collecting", "Proofing", "closed for proofing"):
        assert words in trail
    assert "changes_requested<" not in trail


def test_one_row_says_in_which_role_somebody_acted(client, chief):
    issue = IssueFactory(lead_editor=None)
    workflow.close_issue(issue=issue, by=chief)
    row = Transition.objects.get()
    Transition.objects.update(role="lead")

    assert "lead editor" in page(client, "transition_change", row.pk)


def test_trail_is_sifted_by_what_happened(client, chief):
    workflow.close_issue(issue=IssueFactory(), by=chief)
    workflow.reopen_issue(issue=Transition.objects.get().issue, by=EditorFactory())

    trail = page(client, "transition_changelist", verb="reopened")

    assert "1 audit trail entry" in trail


def test_moments_are_the_publication_s_clock(client, chief):
    workflow.close_issue(issue=IssueFactory(), by=chief)
    Transition.objects.update(at=datetime(2026, 3, 4, 23, 30, tzinfo=UTC))

    assert "March 5, 2026, 7:30 a.m." in page(client, "transition_changelist")


def test_words_are_in_the_language_of_the_person(client, chief):
    client.force_login(AdminFactory(language="zh-hans"))
    workflow.close_issue(issue=IssueFactory(), by=chief)

    assert "组稿中" in page(client, "transition_changelist")
