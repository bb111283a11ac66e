"""The desk's pages about what came back."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from newsletter import suppressions
from newsletter.models import Stray, Suppression
from newsletter.returns.mailbox import Look
from tests.factories import (
    AdminFactory,
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
    UserFactory,
)
from tests.newsletter.received import received_digest

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory(language="en")


def page(client, name: str, *arguments, by, **query):
    client.force_login(by)
    return client.get(reverse(f"readers:{name}", args=arguments), query)


def words(response) -> str:
    return " ".join(response.content.decode().split())


def release(client, row, **data):
    client.force_login(AdminFactory())
    return client.post(reverse("readers:release", args=[row.pk]), data)


@pytest.mark.parametrize("rows", [1, 3])
def test_list_health_asks_as_often_for_many_as_for_one(
    client, django_assert_num_queries, rows
):
    for n in range(rows):
        received_digest()
        SubscriberFactory()
        suppressions.suppress_bounced(address=f"gone{n}@readers.test")
        Stray.objects.create(place=f"imap:7:{n}", reason="no_report")
    client.force_login(AdminFactory())

    with django_assert_num_queries(20):
        client.get(reverse("readers:health"))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_report_asks_as_often_for_many_as_for_one(
    client, django_assert_num_queries, rows
):
    digests = [received_digest() for _n in range(rows)]
    client.force_login(AdminFactory())

    with django_assert_num_queries(15):
        client.get(reverse("readers:issue_report", args=[digests[0].issue.slug]))


def test_an_editor_sees_numbers_and_no_address(client):
    suppressions.suppress_bounced(address="gone@readers.test", detail="550 5.1.1")
    received_digest()

    text = words(page(client, "health", by=EditorFactory(), q="gone"))

    assert "gone@readers.test" not in text
    assert "25.00 %" in text


def test_an_admin_finds_a_suppressed_address_with_its_cause(client):
    suppressions.suppress_bounced(address="gone@readers.test", detail="550 5.1.1")
    suppressions.suppress_bounced(address="other@readers.test")

    text = words(page(client, "health", by=AdminFactory(), q="GONE"))

    assert "gone@readers.test" in text
    assert "550 5.1.1" in text
    assert "other@readers.test" not in text


def test_an_author_sees_neither(client):
    digest = received_digest()

    assert page(client, "health", by=UserFactory()).status_code == 403
    slug = digest.issue.slug
    assert page(client, "issue_report", slug, by=UserFactory()).status_code == 403


def test_a_release_asks_for_its_reason_and_keeps_what_was_typed(client):
    row = suppressions.suppress_bounced(address="gone@readers.test")

    response = release(client, row, reason="x" * 501)

    assert response.status_code == 400
    assert "x" * 501 in words(response)
    assert Suppression.objects.exists()


def test_a_released_address_is_listed_with_who_and_why(client):
    row = suppressions.suppress_bounced(address="gone@readers.test")

    response = release(client, row, reason="moved back")

    assert response.status_code == 302
    text = words(client.get(response["Location"]))
    assert "gone@readers.test may be mailed again." in text
    assert "moved back" in text


def test_a_complaint_has_no_release(client):
    row = suppressions.suppress_complained(address="gone@readers.test")

    response = release(client, row, reason="please")

    assert response.status_code == 400
    assert '<button class="btn go">' not in words(response)
    assert Suppression.objects.exists()


def test_a_mailbox_that_cannot_be_looked_into_is_told(client):
    look = Look(timezone.now(), error="[AUTHENTICATIONFAILED] wrong password")
    cache.set("returns:mailbox", look)

    text = words(page(client, "health", by=EditorFactory()))

    assert "wrong password" in text


def test_a_mail_that_was_not_understood_is_listed_with_the_reason(client):
    Stray.objects.create(place="imap:7:1", reason="no_report", subject="Hello")

    text = words(page(client, "health", by=EditorFactory()))

    assert "Hello" in text
    assert "It does not say what went wrong" in text


def test_empty_pages_say_what_goes_there(client):
    digest = DigestFactory()

    health = words(page(client, "health", by=AdminFactory()))
    report = words(page(client, "issue_report", digest.issue.slug, by=EditorFactory()))

    assert health.count('class="empty"') == 4
    assert report.count('class="empty"') == 1


def test_a_report_tells_what_readers_cared_for(client):
    digest = received_digest()

    text = words(page(client, "issue_report", digest.issue.slug, by=EditorFactory()))

    assert text.index("2. 第 2 条") < text.index("1. 第 1 条")
    assert "9 visits by programs are left out." in text
