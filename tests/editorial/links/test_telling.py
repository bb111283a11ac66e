"""A change is told once, together with others, to those who can act."""

import pytest
import time_machine
from django.core import mail

from editorial import links, notices
from editorial.models import Link, Notice, VerdictChange
from editorial.states import ItemState
from tests.factories import (
    EditorFactory,
    IssueFactory,
    PublicationFactory,
    PublishedIssueFactory,
    UserFactory,
)

from .rows import ALIVE, GONE, SILENCE, WALL, item_with_link, visit, written_link

pytestmark = pytest.mark.django_db


def rest() -> None:
    Link.objects.update(next_check_at=None)


def tell() -> list[str]:
    """Whom the news that there is reaches, by name."""
    rest()
    before = set(Notice.objects.values_list("pk", flat=True))
    links.tell_changes()
    new = Notice.objects.exclude(pk__in=before).select_related("recipient")
    return sorted(notice.recipient.name for notice in new)


def test_before_publication_the_author_and_the_lead_editor_hear():
    lead, author = UserFactory(name="Lead"), UserFactory(name="Author")
    EditorFactory()
    issue = IssueFactory(lead_editor=lead)
    visit(written_link(issue=issue, submitted_by=author), GONE)

    assert tell() == ["Author", "Lead"]


def test_after_publication_the_editors_hear_where_nobody_leads():
    EditorFactory(name="Editor")
    author = UserFactory(name="Author")
    issue = PublishedIssueFactory()
    item = item_with_link(issue=issue, state=ItemState.APPROVED, submitted_by=author)
    link = item.item_links.get().link
    Link.objects.update(failures=1, failed_at="2026-01-01T00:00Z")
    visit(link, GONE)

    assert tell() == ["Editor"]


def test_a_private_draft_is_its_authors_business():
    EditorFactory()
    item = item_with_link(submitted_by=UserFactory(name="Author"))
    visit(item.item_links.get().link, GONE)

    assert tell() == ["Author"]


def test_what_was_told_is_not_told_again():
    EditorFactory()
    link = visit(written_link(), GONE)
    tell()

    visit(link, GONE)

    assert tell() == []


def test_many_links_of_one_sweep_are_one_notice():
    lead = UserFactory()
    issue = IssueFactory(lead_editor=lead)
    for n in range(3):
        found = written_link(f"https://h{n}.example/", issue=issue, submitted_by=lead)
        visit(found, GONE)

    tell()

    assert len(Notice.objects.get().context["links"]) == 3


def test_nothing_is_told_while_a_sweep_is_under_way():
    EditorFactory()
    with time_machine.travel("2026-03-01T10:00Z", tick=False) as clock:
        visit(written_link(), GONE)
        Link.objects.update(next_check_at="2026-03-01T10:00Z")

        assert links.tell_changes() == 0
        clock.shift(3601)
        assert links.tell_changes() == 2  # news an hour old waits for no sweep


def test_a_change_undone_within_the_sweep_is_no_news():
    EditorFactory()
    link = visit(written_link(), GONE)
    visit(link, ALIVE)

    assert tell() == []


@pytest.mark.parametrize("found", [ALIVE, WALL])
def test_what_nobody_can_act_on_is_not_told(found):
    EditorFactory()
    visit(written_link(), found)

    assert tell() == []


def test_a_host_out_of_reach_is_told_once_for_all_its_links():
    EditorFactory()
    visit(written_link("https://far.example/a"), SILENCE)
    assert tell()

    visit(written_link("https://far.example/b"), SILENCE)

    assert tell() == []
    assert Notice.objects.first().context["hosts"] == ["far.example"]


def test_the_notice_says_it_in_the_readers_words_with_a_way_to_the_item():
    PublicationFactory(language="en")
    lead = UserFactory(language="zh-hans")
    issue = IssueFactory(lead_editor=lead, number="7")
    link = visit(written_link(issue=issue, submitted_by=lead), GONE)
    tell()

    notices.send_owed()

    [message] = mail.outbox
    assert "1个链接失效" in message.subject
    assert "失效：这个页面已经不在了（404）" in message.body
    item = link.item_links.get().item
    assert notices.absolute(f"{item.get_absolute_url()}#links") in message.body


def flap(link, times: int, clock) -> None:
    """Dead and alive again, a week apart, told each time."""
    for n in range(times):
        visit(link, ALIVE if n % 2 else GONE)
        tell()
        clock.shift(7 * 24 * 3600)


def test_a_link_that_comes_and_goes_is_muted_until_it_is_steady():
    EditorFactory(name="Editor")
    with time_machine.travel("2026-03-01T10:00Z", tick=False) as clock:
        link = written_link(submitted_by=EditorFactory(name="Writer"))
        flap(link, 7, clock)
        told = VerdictChange.objects.exclude(told_at=None).count()

        assert told == 4  # the fourth says that it is the last
        assert VerdictChange.objects.count() == 7
        assert Notice.objects.last().context["links"][0]["is_last"]


def test_what_a_muted_link_came_to_is_told_when_it_is_steady():
    with time_machine.travel("2026-03-01T10:00Z", tick=False) as clock:
        link = written_link(submitted_by=EditorFactory(name="Writer"))
        flap(link, 5, clock)  # the fourth, told, said alive; then it broke
        clock.shift(30 * 24 * 3600)
        visit(link, GONE)

        assert tell() == ["Writer"]
        link.refresh_from_db()
        assert link.muted_at is None
