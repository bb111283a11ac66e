"""P10: a correction is a new revision and a visible note, same address, never mailed."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest
import time_machine

from editorial import workflow
from editorial.models import Issue
from newsletter.models import Delivery, Digest
from tests.factories import EditorFactory, PublicationFactory, SubscriberFactory

from .printing import printed

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
NOTE = "头条里的项目名写错了。"
PAGES = ["/", "/issues/23/", "/feed/atom.xml", "/feed/rss.xml"]


@pytest.fixture(autouse=True)
def publication(settings):
    settings.PUBLIC_URL = "https://weekly.example"
    return PublicationFactory(
        name="云边周报", language="zh-hans", time_zone="Asia/Shanghai"
    )


@pytest.fixture
def issue():
    return printed("23")


def correct(issue, **changes):
    item = issue.items.order_by("position").first()
    words = {"headline": "更正过的头条", "note": NOTE, **changes}
    return workflow.correct_issue(
        issue=issue, item=item, version=item.version, by=EditorFactory(), **words
    )


def fix(issue):
    item = issue.items.order_by("position").first()
    words = {"commentary": "很值得看。", "version": item.version}
    return workflow.fix_typo(issue=issue, item=item, by=EditorFactory(), **words)


def entry(client):
    feed = ET.fromstring(client.get("/feed/atom.xml").content)  # noqa: S314 (our own)
    return feed.find(f"{ATOM}entry")


@pytest.mark.parametrize("path", PAGES)
def test_readers_see_the_right_text_and_the_note_at_the_same_address(
    path, client, issue
):
    correct(issue)

    shown = client.get(path).content.decode()

    assert "更正过的头条" in shown
    assert "第 23 期的头条" not in shown
    assert NOTE in shown


def test_the_note_stands_at_its_item_under_an_address_of_its_own(client, issue):
    correct(issue)

    shown = client.get("/issues/23/").content.decode()

    inside = shown.partition('id="n1"')[2].partition('id="n2"')[0]
    assert 'id="correction-1"><strong>勘误</strong>' in inside
    assert 'href="#correction-1"' in shown.partition('class="contents"')[0]


def test_a_note_about_the_issues_own_texts_stands_at_its_end(client, issue):
    workflow.correct_issue(
        issue=issue, version=issue.version, by=EditorFactory(), note=NOTE, dek="提要"
    )

    shown = client.get("/issues/23/").content.decode()

    assert NOTE in shown.partition('id="n2"')[2]


def test_a_correction_is_never_mailed(client, issue, mailoutbox):
    SubscriberFactory()

    correct(issue)

    assert not Delivery.objects.exists()
    assert not Digest.objects.exists()
    assert not mailoutbox


def test_the_feed_says_when_it_was_corrected_and_its_id_stays(client, issue):
    before = entry(client)

    correct(issue)

    after = entry(client)
    at = Issue.objects.get().live_revision.outline.corrections[0].at
    assert after.findtext(f"{ATOM}id") == before.findtext(f"{ATOM}id")
    assert datetime.fromisoformat(after.findtext(f"{ATOM}updated")) == at


def test_a_typo_fix_is_in_the_feed_without_looking_new(client, issue):
    before = entry(client)

    fix(issue)

    after = entry(client)
    assert "很值得看。" in after.findtext(f"{ATOM}content")
    assert after.findtext(f"{ATOM}updated") == before.findtext(f"{ATOM}updated")


@pytest.mark.parametrize("change", [fix, correct])
@pytest.mark.parametrize("path", PAGES)
def test_what_a_cache_holds_is_old_at_once(path, change, client, issue):
    tag = client.get(path)["ETag"]

    change(issue)

    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(("hour", "day"), [(9, "06"), (23, "07")])
def test_the_sitemap_says_on_which_day_here_the_page_changed(hour, day, client, issue):
    with time_machine.travel(datetime(2031, 5, 6, hour, tzinfo=UTC), tick=False):
        fix(issue)

    sitemap = client.get("/sitemap.xml").content.decode()
    assert f"<lastmod>2031-05-{day}</lastmod>" in sitemap


def test_the_page_of_the_topic_has_the_right_text(client, issue):
    correct(issue)

    shown = client.get(issue.items.first().topic.get_absolute_url()).content.decode()

    assert "更正过的头条" in shown
    assert "第 23 期的头条" not in shown


def test_the_api_tells_corrections(client, issue):
    assert client.get("/api/v1/issues/23/").json()["corrections"] == []

    correct(issue)

    answer = client.get("/api/v1/issues/23/").json()
    (told,) = answer["corrections"]
    assert (told["note"], told["item"]) == (NOTE, 1)
    assert answer["content_hash"] == Issue.objects.get().live_revision.content_hash


@pytest.mark.parametrize("face", ["markdown", "text"])
def test_faces_to_copy_carry_the_note(face, client, issue):
    correct(issue)
    client.force_login(EditorFactory())

    shown = client.get(f"/desk/issues/23/faces/{face}/").content.decode()

    assert NOTE in shown


def test_a_note_is_text_whatever_stands_in_it(client, issue):
    correct(issue, note="<script>alert(1)</script> & *不是*")

    shown = client.get("/issues/23/").content.decode()

    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "*不是*" in shown
