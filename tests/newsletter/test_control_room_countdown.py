from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from editorial import workflow
from editorial.states import IssueState, ItemState
from newsletter.models import Digest
from newsletter.states import DigestState
from tests.factories import (
    DigestFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    SubscriberFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory(language="en", digest_after=30)
    SubscriberFactory()


@pytest.fixture
def editor(client):
    user = EditorFactory(language="en", name="Rowan")
    client.force_login(user)
    return user


@pytest.fixture
def counting(editor):
    starts_at = timezone.now() + timedelta(minutes=20, seconds=30)
    return DigestFactory(starts_at=starts_at, starts_by=editor)


def page(client, digest) -> str:
    path = reverse("readers:digest", args=[digest.issue.slug])
    return client.get(path).content.decode().replace("\xa0", " ")


def press(client, digest, deed: str, **data) -> int:
    path = reverse("readers:decide", args=[digest.issue.slug, deed])
    status = client.post(path, data).status_code
    digest.refresh_from_db()
    return status


def test_countdown_says_when_and_in_whose_name(client, counting):
    text = page(client, counting)

    assert "It starts by itself in 20 minutes" in text
    assert "in the name of Rowan" in text


def test_page_looks_again_while_it_counts_down(client, counting):
    progress = reverse("readers:progress", args=[counting.issue.slug])

    assert f"{progress}?version={counting.version}" in page(client, counting)


def test_hold_and_let_go_again(client, counting):
    assert press(client, counting, "hold") == 302
    held = (counting.state, counting.starts_at)

    assert press(client, counting, "count", version=counting.version) == 302
    assert held == (DigestState.HELD, None)
    assert counting.starts_at is not None


def test_hold_works_from_a_page_that_is_out_of_date(client, counting):
    assert press(client, counting, "hold", version="1") == 302
    Digest.objects.update(starts_at=timezone.now())

    assert press(client, counting, "hold", version="1") == 302
    assert counting.starts_at is None


def test_letting_go_from_a_page_that_is_out_of_date_is_refused(client, counting):
    stale = counting.version
    press(client, counting, "hold")

    assert press(client, counting, "count", version=stale) == 409
    assert counting.starts_at is None


def test_resuming_from_a_page_that_is_out_of_date_is_refused(client, editor):
    digest = DigestFactory(sending=True, readers=1)
    stale = digest.version
    press(client, digest, "pause")

    assert press(client, digest, "resume", version=stale) == 409
    assert digest.state == DigestState.PAUSED


def test_withdrawn_issue_counts_down_no_more(client, editor):
    digest = DigestFactory(issue__state="withdrawn")

    assert press(client, digest, "count") == 400
    assert digest.starts_at is None


def test_publishing_says_when_the_digest_goes(client, editor):
    issue = IssueFactory(state=IssueState.REVIEW)
    ItemFactory(issue=issue, state=ItemState.APPROVED)
    workflow.approve_issue(issue=issue, by=editor)
    path = reverse("desk:issue_publish", args=[issue.slug])

    asked = client.get(path).content.decode()
    done = client.post(path, follow=True).content.decode()

    assert "goes by itself after 30 minutes" in asked
    assert "The digest goes by itself in 30 minutes" in done
