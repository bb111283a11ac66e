"""What the newsroom hears of the readers' side: which digest waits for a press."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from editorial import duties
from newsletter import digests
from newsletter.states import DeliveryState, DigestState
from tests.factories import (
    DeliveryFactory,
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    PublishedIssueFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_a_held_digest_waits_for_every_editor_and_the_lead_editor():
    lead = UserFactory()
    digest = DigestFactory(issue=PublishedIssueFactory(lead_editor=lead))

    page = reverse("readers:digest", args=[digest.issue.slug])
    asked = [duties.errands(user) for user in (EditorFactory(), lead, UserFactory())]

    assert [[errand.url for errand in each] for each in asked] == [[page], [page], []]


def test_a_digest_that_was_decided_about_waits_for_nobody():
    editor = EditorFactory()
    digests.cancel_digest(digest=DigestFactory(), by=editor)
    DigestFactory(sending=True)

    assert duties.errands(editor) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": DigestState.PAUSED}, "stands still"),
        ({"state": DigestState.DONE}, "may not have arrived"),
    ],
)
def test_a_digest_in_trouble_waits_for_a_decision(fields, words):
    digest = DigestFactory(sending=True, **fields)
    DeliveryFactory(digest=digest, state=DeliveryState.UNKNOWN)

    (errand,) = duties.errands(EditorFactory())

    assert words in errand.words


def test_a_digest_that_nobody_sent_for_weeks_is_no_errand_any_more():
    long_ago = timezone.now() - timedelta(days=15)
    DigestFactory(issue=PublishedIssueFactory(published_at=long_ago))

    assert duties.errands(EditorFactory()) == []


def test_my_turn_is_not_done_while_a_digest_waits(client):
    PublicationFactory(language="en")
    DigestFactory(issue=PublishedIssueFactory(number="23"))
    client.force_login(EditorFactory())

    page = client.get(reverse("desk:my_turn")).content.decode()

    assert "1 thing waits for you" in page
    assert "Issue 23 is out, its digest is not" in page
    assert page.count('class="btn go"') == 1
