"""What a visit leaves behind in the rows."""

import pytest
import time_machine

from editorial import links
from editorial.fetching.outcomes import Hop
from editorial.fetching.verdicts import Judgement, Reason, Verdict
from editorial.models import Host, Link, VerdictChange

from .rows import (
    ALIVE,
    GONE,
    SHUT_IN,
    SILENCE,
    moved_to,
    printed_link,
    visit,
    written_link,
)

pytestmark = pytest.mark.django_db


def test_a_visit_is_stored_and_shown_on_the_link():
    link = visit(written_link(), GONE)

    assert (link.verdict, link.reason) == ("broken", "gone")
    assert link.checks.get().status == 404
    assert link.last_check == link.checks.get()


def test_what_a_visit_said_by_itself_stays_beside_what_is_held():
    link = visit(printed_link(), GONE)

    assert link.verdict == "unsure"
    assert link.last_check.verdict == "broken"


def test_a_visit_ends_the_claim_and_plans_the_next():
    link = visit(printed_link(), ALIVE)

    assert link.claimed_until is None
    assert link.next_check_at > link.checked_at


def test_a_change_of_verdict_is_kept_with_its_moment():
    link = visit(written_link(), GONE)

    change = link.changes.get()
    assert (change.was, change.now, change.at) == (
        "unchecked",
        "broken",
        link.verdict_since,
    )


def test_the_same_verdict_again_is_no_change():
    link = written_link()

    visit(link, GONE)
    visit(link, GONE)

    assert VerdictChange.objects.count() == 1


def test_a_host_is_known_once_anything_on_it_answered():
    visit(written_link("https://one.example/a"), GONE)

    link = visit(written_link("https://one.example/b"), SILENCE)

    assert link.reason == "no_answer"


def test_a_host_that_never_answered_is_unreachable_from_here():
    link = visit(written_link(), SILENCE)

    assert link.reason == "unreachable_from_here"
    assert Host.objects.get().unreachable_at == link.checked_at


def test_the_host_at_the_end_of_a_redirect_is_the_one_that_is_silent():
    chain = (Hop("https://one.example/a", 302), Hop("https://far.example/"))
    led_away = Judgement(
        Verdict.UNSURE, Reason.UNREACHABLE_FROM_HERE, chain=chain, answered=True
    )

    link = visit(written_link(), led_away)

    assert link.reason == "unreachable_from_here"
    assert Host.objects.exclude(unreachable_at=None).get().name == "far.example"


def test_our_own_proxy_in_trouble_for_days_breaks_no_link_and_is_no_hosts_fault():
    link = visit(printed_link(), ALIVE)

    for day in range(2, 7):
        with time_machine.travel(f"2030-01-0{day}T12:00:00Z", tick=False):
            visit(link, SHUT_IN)

    assert (link.verdict, link.reason) == ("unsure", "unreachable_from_here")
    assert (link.failures, Host.objects.get().unreachable_at) == (0, None)


def test_a_host_is_written_once_a_day():
    with time_machine.travel("2026-03-01T10:00Z", tick=False) as clock:
        visit(written_link(), ALIVE)
        first = Host.objects.get().answered_at
        clock.shift(3600)
        visit(written_link(), ALIVE)

    assert Host.objects.get().answered_at == first


def test_where_a_page_moved_for_good_is_kept():
    link = visit(written_link(), moved_to("https://new.example/"))

    assert link.moved_to == "https://new.example/"


def test_an_address_on_our_own_site_is_looked_up_not_fetched(settings):
    link = written_link(f"{settings.PUBLIC_URL}/issues/999/")

    visit(link, Judgement(Verdict.UNCHECKED, Reason.OWN_SITE))

    assert (link.verdict, link.reason) == ("broken", "gone")


def test_a_link_deleted_during_its_visit_stays_deleted():
    link = written_link()
    Link.objects.filter(pk=link.pk).delete()

    assert links.store({link: ALIVE}) == 0
    assert not Link.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_many_results_are_stored_in_as_many_statements_as_one(
    django_assert_num_queries, rows
):
    found = {written_link(f"https://h{n}.example/"): ALIVE for n in range(rows)}

    with django_assert_num_queries(9):
        links.store(found)
