"""What an editor does about links, at real sites: each press, and what comes of it."""

from __future__ import annotations

import csv
import json
import ssl

import pytest
import trustme
from playwright.sync_api import expect

from editorial import doorbell, links, workflow
from editorial.models import ArchivedCopy, Issue, Link
from editorial.states import IssueState, ItemState
from scripts.processes import wait_until
from tests.editorial.fetching.world import World, moved, page
from tests.editorial.links.rows import break_link
from tests.factories import (
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
)

from .people import Person
from .test_last_look import EDITOR, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OLD, NEW = "http://moves.example/old", "http://moves.example/new"
DEAD, WALL = "http://dead.example/page", "http://wall.example/"
PRINTED = "http://dead.example/printed"
COPY = f"web.archive.org/web/20240102030405/{PRINTED}"
FOUND = {
    "archived_snapshots": {
        "closest": {
            "status": "200",
            "available": True,
            "url": f"http://{COPY}",
            "timestamp": "20240102030405",
        }
    }
}


@pytest.fixture
def web_of_links(tmp_path):
    world = World()
    world.add("moves.example", {"/old": moved(NEW, 301), "/new": page()})
    world.add("dead.example", {"/printed": page()})
    world.add("wall.example", page("no", 403))
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("archive.org").configure_cert(tls)
    answer = page(json.dumps(FOUND))
    world.add("archive.org", answer, tls=tls, tls_ca=str(tmp_path / "ca.pem"))
    yield world
    world.close()


@pytest.fixture
def environment(web_of_links, settings) -> dict[str, str]:
    settings.FETCHING_SEAM = json.dumps(web_of_links.data)
    return {"FETCHING_SEAM": settings.FETCHING_SEAM}


@pytest.fixture
def issue(launch) -> Issue:
    """An open issue with links of three kinds, and one that came out with a dead one."""
    PublicationFactory()
    editor = EditorFactory(email=EDITOR, name="林晚")
    issue = IssueFactory(number="7", lead_editor=editor)
    for n, url in enumerate((OLD, DEAD, WALL)):
        links.register_links(ItemFactory(issue=issue, url=url, headline=f"第{n}条"))
    out = IssueFactory(number="6", state=IssueState.REVIEW, lead_editor=editor)
    item = ItemFactory(issue=out, url=PRINTED, state=ItemState.APPROVED)
    links.register_links(item)
    approved = workflow.approve_issue(issue=out, by=editor)
    workflow.publish_issue(issue=approved, by=editor)
    return issue


@pytest.mark.parametrize("width", [390, 1280])
def test_editor_sees_to_the_links_of_an_issue(width, visit, launch, issue, environment):
    launch.worker(**environment)
    editor = Person(visit(width=width))
    sign_in(editor, issue)

    check_the_links(editor)
    read_the_report(editor)
    take_the_new_address(editor)
    vouch_for_the_wall(editor)
    be_asked_for_patience(editor)
    lead_readers_to_the_copy_and_back(editor)


def check_the_links(editor: Person) -> None:
    editor.opens("/desk/issues/7/links/")
    editor.presses("Check links now")
    editor.sees("%(n)s link checked.", n=3)
    editor.sees("%(site)s says it moved to %(url)s", site="moves.example", url=NEW)
    editor.sees("The page is gone (%(status)s)", status=404)


def read_the_report(editor: Person) -> None:
    """Counts by verdict, and the same as a table."""
    editor.opens("/desk/links/")
    expect(editor.page.locator(".tally .broken dd")).to_have_text("1")
    expect(editor.page.locator(".tally .unsure dd")).to_have_text("1")
    with editor.page.expect_download() as download:
        editor.follows("Download as a table (CSV)")
    text = download.value.path().read_text("utf-8-sig")
    assert len(list(csv.DictReader(text.splitlines()))) == 4
    editor.opens("/desk/links/?verdict=broken")
    expect(editor.page.locator("#all li.row")).to_have_count(1)
    editor.opens("/desk/links/?host=nowhere.example")
    editor.sees("No link is like that. That may be good news.")


def opens_the_item(editor: Person, url: str) -> None:
    item = Link.objects.get(url=url).item_links.order_by("pk").first().item
    editor.opens(item.get_absolute_url())


def take_the_new_address(editor: Person) -> None:
    opens_the_item(editor, OLD)
    editor.presses("Use the new address everywhere")
    editor.sees("The new address stands in %(n)d item.", n=1)
    expect(editor.page.locator("#links li a").first).to_have_attribute("href", NEW)


def vouch_for_the_wall(editor: Person) -> None:
    opens_the_item(editor, WALL)
    editor.sees(
        "%(site)s turns automatic visits away (%(status)s); readers may well get in",
        site="wall.example",
        status=403,
    )
    editor.presses("I opened it")
    editor.sees("Noted. For 30 days your word counts.")
    editor.sees("%(name)s opened it and saw the page", name="林晚")


def be_asked_for_patience(editor: Person) -> None:
    editor.presses("Check again")
    editor.sees("What was visited in the last ten minutes is not visited again yet.")


def lead_readers_to_the_copy_and_back(editor: Person) -> None:
    break_link(Link.objects.get(url=PRINTED))
    doorbell.ring("editorial.find_archived_copies")
    assert wait_until(ArchivedCopy.objects.exclude(url="").exists, seconds=30)
    opens_the_item(editor, PRINTED)
    editor.presses("Lead readers to the copy")
    editor.sees("Readers are led to the copy, with a note.")
    editor.opens("/issues/6/")
    expect(editor.page.locator(f'a[href="https://{COPY}"]').first).to_be_visible()
    opens_the_item(editor, PRINTED)
    editor.presses("Lead readers to the original")
    editor.sees("Readers are led to the original again.")
