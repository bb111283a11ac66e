"""The day an issue is offered for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import EditorFactory, PublicationFactory, PublishedIssueFactory

from .rows import url

pytestmark = pytest.mark.django_db


def test_next_issue_is_offered_for_a_day_after_one_that_came_out_early(client):
    PublicationFactory()
    planned = timezone.localdate() + timedelta(days=6)
    PublishedIssueFactory(planned_on=planned)
    client.force_login(EditorFactory())

    response = client.get(url("issue_create"))

    assert response.context["form"].initial["planned_on"] > planned
