"""A dead link leads readers to its archived copy, with a note, where an editor said so."""

import pytest
from django.urls import reverse
from django.utils import timezone

from editorial import links, workflow
from editorial.models import ArchivedCopy, Link
from editorial.states import IssueState, ItemState
from tests.factories import EditorFactory, IssueFactory, ItemFactory, PublicationFactory

pytestmark = pytest.mark.django_db

DEAD = "https://dead.example/a"
ALSO_DEAD = "https://also-dead.example/b"
COPY = "https://web.archive.org/web/20240102030405/"
NOTE = "原页面已经不在了，链接指向它的存档。"


@pytest.fixture
def issue():
    """A published issue whose headline links to DEAD and whose text to ALSO_DEAD."""
    PublicationFactory()
    editor = EditorFactory()
    issue = IssueFactory(number="7", state=IssueState.REVIEW)
    text = f"见[另一页]({ALSO_DEAD}?utm_source=x)。"
    item = ItemFactory(issue=issue, state=ItemState.APPROVED, url=DEAD, commentary=text)
    links.register_links(item)
    approved = workflow.approve_issue(issue=issue, by=editor)
    return workflow.publish_issue(issue=approved, by=editor)


def show_copy_of(url: str) -> None:
    link = Link.objects.get(url=url)
    ArchivedCopy.objects.create(
        link=link,
        url=COPY + url,
        taken_at="2024-01-02T03:04:05Z",
        asked_at=timezone.now(),
    )
    workflow.show_copy(link=link, by=EditorFactory())


def page(client, issue) -> str:
    return client.get(issue.get_absolute_url()).content.decode()


def test_until_somebody_decides_the_link_leads_where_it_was_printed(client, issue):
    assert f'href="{DEAD}"' in page(client, issue)
    assert "存档" not in page(client, issue)


def test_a_headline_leads_to_the_copy_with_a_note_and_its_date(client, issue):
    show_copy_of(DEAD)

    shown = page(client, issue)

    assert f'href="{COPY}{DEAD}"' in shown
    assert f'href="{DEAD}"' not in shown
    assert NOTE in shown
    assert "2024年1月2日" in shown


def test_a_link_in_the_text_leads_to_the_copy_and_the_note_names_its_host(
    client, issue
):
    show_copy_of(ALSO_DEAD)

    shown = page(client, issue)

    assert f'href="{COPY}{ALSO_DEAD}"' in shown
    assert f'href="{DEAD}"' in shown
    assert "also-dead.example" in shown


def test_the_first_page_and_the_sections_lead_there_too(client, issue):
    show_copy_of(DEAD)
    section = issue.issue_sections.get().section

    for address in (reverse("site:home"), section.get_absolute_url()):
        shown = client.get(address).content.decode()
        assert f'href="{COPY}{DEAD}"' in shown
        assert NOTE in shown


@pytest.mark.parametrize("name", ["issue", "home"])
def test_a_browser_that_kept_the_page_learns_of_the_copy(client, issue, name):
    address = issue.get_absolute_url() if name == "issue" else reverse("site:home")
    kept = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": kept}).status_code == 304

    show_copy_of(DEAD)

    assert client.get(address, headers={"If-None-Match": kept}).status_code == 200


def test_the_original_comes_back_when_the_copy_is_withdrawn(client, issue):
    show_copy_of(DEAD)

    workflow.hide_copy(link=Link.objects.get(url=DEAD), by=EditorFactory())

    assert f'href="{DEAD}"' in page(client, issue)
