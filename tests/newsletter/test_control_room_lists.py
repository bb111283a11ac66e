import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from editorial.states import ItemState
from newsletter.desk import control_room
from newsletter.models import Digest, Suppression
from newsletter.states import DeliveryState, DigestState, SubscriberState
from tests.factories import (
    AdminFactory,
    DeliveryFactory,
    DigestFactory,
    EditorFactory,
    ItemFactory,
    PublicationFactory,
    SubscriberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MAIL = (
    b"Return-Path: <desk@masthead.test>\r\nTo: reader@a.test\r\nSubject: hello\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nplain words\r\n"
    b"--b\r\nContent-Type: text/html\r\n\r\n<script>1</script><p>words</p>\r\n--b--\r\n"
)


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory(language="en")


def page(client, name: str, *arguments: str, by, **query):
    client.force_login(by)
    return client.get(reverse(f"readers:{name}", args=arguments), query)


@pytest.mark.parametrize("name", ["digests", "subscribers"])
def test_author_sees_neither_digests_nor_subscribers(client, name):
    assert page(client, name, by=UserFactory()).status_code == 403


@pytest.mark.parametrize("name", ["digests", "subscribers"])
def test_empty_list_says_what_goes_there(client, name):
    response = page(client, name, by=AdminFactory(language="en"))

    assert 'class="empty"' in response.content.decode()


def test_editor_sees_counts_and_no_address(client):
    reader = SubscriberFactory()
    SubscriberFactory(state=SubscriberState.UNSUBSCRIBED)
    Suppression.objects.create(canonical_address="x@y.test", cause="complaint")

    shown = page(client, "subscribers", by=EditorFactory(), q=reader.address)

    text = shown.content.decode()
    assert shown.context["counts"][SubscriberState.CONFIRMED] == 1
    assert shown.context["suppressed"] == 1
    assert reader.address not in text


def test_admin_finds_a_subscriber_by_part_of_the_address(client):
    wanted, other = SubscriberFactory(address="mofeng@a.test"), SubscriberFactory()

    text = page(client, "subscribers", by=AdminFactory(), q="mofeng").content.decode()

    assert wanted.address in text
    assert other.address not in text


def test_subscribers_come_in_pages(client):
    SubscriberFactory.create_batch(51)

    first = page(client, "subscribers", by=AdminFactory())
    second = page(client, "subscribers", by=AdminFactory(), page="2")

    assert len(first.context["page"]) == 50
    assert len(second.context["page"]) == 1


@pytest.mark.parametrize(
    ("name", "make"),
    [("digests", DigestFactory), ("subscribers", SubscriberFactory)],
)
def test_list_costs_the_same_for_one_row_and_for_three(client, name, make):
    client.force_login(AdminFactory())
    costs = []
    for rows in (1, 2):  # one, then three
        make.create_batch(rows)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(f"readers:{name}"))
        costs.append(len(queries))

    assert costs[0] == costs[1]


@pytest.fixture
def mailbox(settings, tmp_path):
    settings.DEVELOPMENT, settings.MAILBOX_DIR = True, tmp_path
    return tmp_path


def test_mailbox_shows_each_mail(client, mailbox):
    (mailbox / "1-a.eml").write_bytes(MAIL)

    listed = page(client, "mailbox", by=UserFactory()).content.decode()
    shown = page(client, "mail", "1-a.eml", by=UserFactory()).content.decode()

    assert "hello" in listed
    assert "reader@a.test" in listed
    assert "plain words" in shown
    assert "<script>1" not in shown


def test_html_of_a_mail_can_do_nothing(client, mailbox):
    (mailbox / "1-a.eml").write_bytes(MAIL)

    response = page(client, "mail_html", "1-a.eml", by=UserFactory())

    policy = response["Content-Security-Policy"]
    assert "<p>words</p>" in response.content.decode()
    assert "script-src 'none'" in policy
    assert "sandbox" in policy


def test_empty_mailbox_says_what_goes_there(client, mailbox):
    response = page(client, "mailbox", by=UserFactory())

    assert 'class="empty"' in response.content.decode()


@pytest.mark.parametrize("name", ["x.eml", "..%2f..%2fsecret.eml", "1-a.txt"])
def test_mailbox_gives_out_its_own_mails_only(client, mailbox, name):
    (mailbox / "1-a.txt").write_bytes(MAIL)
    (mailbox.parent / "secret.eml").write_bytes(MAIL)

    assert page(client, "mail", name, by=AdminFactory()).status_code == 404


@pytest.mark.parametrize("name", ["mailbox", "mail", "mail_html"])
def test_there_is_no_mailbox_in_production(client, settings, tmp_path, name):
    settings.DEVELOPMENT, settings.MAILBOX_DIR = False, tmp_path
    (tmp_path / "1-a.eml").write_bytes(MAIL)
    arguments = () if name == "mailbox" else ("1-a.eml",)

    assert page(client, name, *arguments, by=AdminFactory()).status_code == 404


def doubtful(number: int) -> Digest:
    digest = DigestFactory(sending=True, state=DigestState.PAUSED)
    unknown = {"state": DeliveryState.UNKNOWN, "answered_at": timezone.now()}
    DeliveryFactory.create_batch(number, digest=digest, **unknown)
    return digest


def test_control_room_says_how_many_more_are_uncertain(client):
    digest = doubtful(23)

    text = page(
        client, "digest", digest.issue.slug, by=EditorFactory(language="en")
    ).content.decode()

    assert text.count("<tr><td>") == 20
    assert "3 more: see them all" in text


def test_uncertain_ones_come_in_pages_each_once(client, monkeypatch):
    monkeypatch.setattr(control_room, "UNCERTAIN_PER_PAGE", 2)
    slug, editor = doubtful(3).issue.slug, EditorFactory()

    first = page(client, "uncertain", slug, by=editor).context["page"]
    second = page(client, "uncertain", slug, by=editor, page="2").context["page"]

    assert len({row.pk for row in [*first, *second]}) == 3


def test_only_admins_see_whose_mail_is_uncertain(client):
    digest = doubtful(1)
    address = digest.deliveries.get().address

    shown = [
        address in page(client, "uncertain", digest.issue.slug, by=by).content.decode()
        for by in (EditorFactory(), AdminFactory())
    ]

    assert shown == [False, True]


@pytest.mark.parametrize(
    ("name", "entry"), [("doctor", "Digests"), ("health", "Subscribers")]
)
def test_rail_keeps_the_place_on_pages_below_an_entry(client, name, entry):
    text = page(client, name, by=EditorFactory(language="en")).content.decode()

    assert re.search(rf'aria-current="page">{entry}', text)


def test_mail_to_send_comes_before_items_to_review(client):
    DigestFactory()
    ItemFactory(state=ItemState.SUBMITTED)
    client.force_login(EditorFactory(language="en"))

    text = client.get(reverse("desk:my_turn")).content.decode()

    assert 0 < text.index("<h2>The mail") < text.index("<h2>To review")
    assert text.count('class="btn go"') == 1
    assert 'My turn <span class="count">2' in text


def test_published_issue_leads_to_its_digest_that_stands_still(client):
    digest = doubtful(1)
    client.force_login(EditorFactory(language="en"))

    text = client.get(reverse("desk:issue", args=[digest.issue.slug])).content.decode()

    where = reverse("readers:digest", args=[digest.issue.slug])
    assert f'<a class="btn go" href="{where}">The digest stands still</a>' in text
