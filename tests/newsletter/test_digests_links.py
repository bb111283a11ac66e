"""Links of a digest, frozen with it."""

import pytest
from django.urls import reverse

from editorial.models import Publication
from newsletter import clicks, digests
from newsletter.models import DigestLink
from newsletter.states import DigestState
from tests.factories import (
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


def frozen():
    digest = DigestFactory(state=DigestState.FREEZING)
    SubscriberFactory()
    digests.freeze_digest(digest_id=digest.pk)
    digest.refresh_from_db()
    return digest


def test_a_frozen_digest_leads_through_the_links_frozen_with_it():
    PublicationFactory()

    digest = frozen()

    link = digest.links.get(url="https://example.com/kep")
    assert link.item == "给 API 请求排优先级"
    assert clicks.address(link) in digest.html
    assert link.url in digest.text
    assert clicks.address(link) not in digest.text


def test_the_trial_and_the_preview_lead_there_directly():
    PublicationFactory()

    rendered = digests.render_now(frozen())

    assert "https://example.com/kep" in rendered.html


def test_the_team_s_look_at_a_frozen_digest_is_not_counted(client):
    PublicationFactory()
    digest = frozen()
    client.force_login(EditorFactory())

    page = client.get(reverse("readers:preview", args=[digest.issue.slug]))

    assert 'href="https://example.com/kep"' in page.text
    assert "/c/" not in page.text


def test_a_publication_that_counts_nothing_leads_there_directly():
    PublicationFactory()
    Publication.objects.update(count_clicks=False)

    digest = frozen()

    assert "https://example.com/kep" in digest.html
    assert not DigestLink.objects.exists()
