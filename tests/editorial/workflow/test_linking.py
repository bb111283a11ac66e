"""What people decide about links, with all that follows from it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from editorial import links, workflow
from editorial.models import ArchivedCopy, Link
from editorial.states import IssueState, ItemState, StaleVersion
from tests.editorial.links.rows import (
    ADDRESS,
    ALIVE,
    GONE,
    INSIDE,
    WALL,
    break_link,
    item_with_link,
    moved_to,
    printed_link,
    visit,
    written_link,
)
from tests.factories import EditorFactory, IssueFactory, ItemFactory, UserFactory

pytestmark = pytest.mark.django_db

NEW = "https://new.example/page"


def link_of(item) -> Link:
    return item.item_links.get().link


# --- "I opened it" -------------------------------------------------------------------


def test_what_a_colleague_opened_counts_for_thirty_days():
    link = visit(written_link(), WALL)
    item = link.item_links.get().item

    workflow.open_link(link=link, item=item, by=UserFactory(name="墨封"))

    assert visit(link, WALL).verdict == "ok"
    Link.objects.update(opened_at=timezone.now() - timedelta(days=31))
    assert visit(link, WALL).verdict == "unsure"


def test_who_opened_it_and_when_stands_beside_the_link_and_in_the_trail():
    link = visit(written_link(), WALL)
    item = link.item_links.get().item

    workflow.open_link(link=link, item=item, by=UserFactory(name="墨封"))

    link.refresh_from_db()
    assert (link.opened_by_name, link.opened_at is not None) == ("墨封", True)
    deed = item.transitions.first()
    assert (deed.verb, deed.by_name, deed.note) == ("link_opened", "墨封", ADDRESS)


def test_nobody_opens_what_leads_inside():
    link = visit(written_link(), INSIDE)

    with pytest.raises(ValidationError):
        workflow.open_link(
            link=link, item=link.item_links.get().item, by=EditorFactory()
        )


def test_nobody_opens_a_link_of_a_strangers_private_draft():
    item = item_with_link(submitted_by=UserFactory())

    with pytest.raises(PermissionDenied):
        workflow.open_link(link=link_of(item), item=item, by=UserFactory())


def test_a_link_is_opened_for_an_item_that_has_it():
    other = item_with_link("https://other.example/", issue=IssueFactory())

    with pytest.raises(ValidationError):
        workflow.open_link(link=written_link(), item=other, by=EditorFactory())


# --- moved for good ----------------------------------------------------------------------


def test_one_press_puts_the_new_address_into_every_open_item():
    issue = IssueFactory()
    first = item_with_link(issue=issue, state=ItemState.SUBMITTED)
    second = ItemFactory(issue=issue, url="", commentary=f"见[这里]({ADDRESS}#x)。")
    links.register_links(second)
    link = visit(link_of(first), moved_to(NEW))

    done = workflow.accept_move(link=link, to=NEW, by=EditorFactory())

    assert len(done.changed) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.url == NEW
    assert second.commentary == f"见[这里]({NEW}#x)。"
    assert link_of(first).key == "new.example/page"


def test_an_editors_press_approves_an_approved_item_again():
    item = item_with_link(issue=IssueFactory(), state=ItemState.APPROVED)
    link = visit(link_of(item), moved_to(NEW))

    workflow.accept_move(link=link, to=NEW, by=EditorFactory())

    item.refresh_from_db()
    assert (item.state, item.transitions.first().verb) == (
        "approved",
        "edited_approved",
    )


def test_an_approved_issue_goes_back_to_proofing():
    issue = IssueFactory(state=IssueState.APPROVED)
    item = item_with_link(issue=issue, state=ItemState.APPROVED)
    link = visit(link_of(item), moved_to(NEW))

    workflow.accept_move(link=link, to=NEW, by=EditorFactory())

    issue.refresh_from_db()
    assert issue.state == IssueState.REVIEW


def test_an_author_changes_their_own_items_only():
    author = UserFactory()
    issue = IssueFactory()
    mine = item_with_link(issue=issue, submitted_by=author)
    other = item_with_link(issue=issue)
    link = visit(link_of(mine), moved_to(NEW))

    done = workflow.accept_move(link=link, to=NEW, by=author)

    other.refresh_from_db()
    assert (done.changed, done.others, other.url) == ((mine,), 1, ADDRESS)


def test_a_stranger_changes_nothing():
    link = visit(written_link(), moved_to(NEW))

    with pytest.raises(PermissionDenied):
        workflow.accept_move(link=link, to=NEW, by=UserFactory())


def test_an_address_that_has_moved_on_meanwhile_is_not_taken():
    link = visit(written_link(), moved_to(NEW))

    with pytest.raises(StaleVersion):
        workflow.accept_move(link=link, to="https://older.example/", by=EditorFactory())


def test_what_came_out_stays_as_it_came_out():
    link = visit(printed_link(), moved_to(NEW))

    with pytest.raises(ValidationError):
        workflow.accept_move(link=link, to=NEW, by=EditorFactory())

    assert link.item_links.get().item.url == ADDRESS


def test_an_address_that_only_begins_the_same_is_another():
    text = f"{ADDRESS} 和 {ADDRESS}/b"
    item = ItemFactory(issue=IssueFactory(), commentary=text)
    links.register_links(item)
    link = visit(Link.objects.get(key="one.example/a"), moved_to(NEW))

    workflow.accept_move(link=link, to=NEW, by=EditorFactory())

    item.refresh_from_db()
    assert item.commentary == f"{NEW} 和 {ADDRESS}/b"


# --- archived copies ---------------------------------------------------------------------


@pytest.fixture
def dead():
    """A dead link that readers have, with a copy nobody shows yet."""
    link = break_link(printed_link())
    ArchivedCopy.objects.create(
        link=link,
        url="https://web.archive.org/web/20240102030405/https://one.example/a",
        taken_at="2024-01-02T03:04:05Z",
        asked_at=timezone.now(),
    )
    return link


def test_an_editor_leads_readers_to_the_copy_and_back(dead):
    editor = EditorFactory()

    workflow.show_copy(link=dead, by=editor)
    assert ArchivedCopy.objects.shown().get().shown_by == editor
    workflow.hide_copy(link=dead, by=editor)

    assert not ArchivedCopy.objects.shown().exists()
    item = dead.item_links.get().item
    verbs = item.transitions.values_list("verb", flat=True)
    assert list(verbs) == ["archived_copy_hidden", "archived_copy_shown"]


def test_showing_it_twice_is_one_deed(dead):
    editor = EditorFactory()

    workflow.show_copy(link=dead, by=editor)
    workflow.show_copy(link=dead, by=editor)

    assert dead.item_links.get().item.transitions.count() == 1


def test_the_lead_editor_of_the_issue_may_and_an_author_may_not(dead):
    lead = UserFactory()
    issue = dead.item_links.get().item.issue
    issue.lead_editor = lead
    issue.save()

    with pytest.raises(PermissionDenied):
        workflow.show_copy(link=dead, by=UserFactory())
    assert workflow.show_copy(link=dead, by=lead).shown_at


def test_a_lead_editor_does_not_decide_for_another_published_issue(dead):
    lead = UserFactory()
    printed_link(lead_editor=lead)

    with pytest.raises(PermissionDenied):
        workflow.show_copy(link=dead, by=lead)


def test_the_frozen_revision_stays_untouched(dead):
    revision = dead.item_links.get().item.issue.live_revision
    before = (revision.outline_json, revision.content_hash)

    workflow.show_copy(link=dead, by=EditorFactory())

    revision.refresh_from_db()
    assert (revision.outline_json, revision.content_hash) == before


def test_without_a_copy_there_is_nothing_to_show():
    with pytest.raises(ValidationError):
        workflow.show_copy(link=break_link(printed_link()), by=EditorFactory())


def test_a_copy_stays_until_somebody_withdraws_it(dead):
    workflow.show_copy(link=dead, by=EditorFactory())

    visit(dead, ALIVE)

    assert ArchivedCopy.objects.shown().exists()


def test_a_link_gone_again_after_somebody_opened_it_is_told(dead):
    item = dead.item_links.get().item
    workflow.open_link(link=dead, item=item, by=EditorFactory())
    Link.objects.update(opened_at=timezone.now() - timedelta(days=31))

    visit(dead, GONE)

    dead.refresh_from_db()
    assert (dead.verdict, dead.failures) == ("unsure", 1)
