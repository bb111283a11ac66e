"""Our own line: silence counts only while others answer this machine."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from editorial import links
from editorial.links import line
from editorial.models import Host, Link, VerdictChange

from .quarter import always, between, from_day
from .rows import ALIVE, SHUT_IN, SILENCE, break_link, printed_link, visit, written_link

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

HOUR = timedelta(hours=1)
NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def cut_off(clock) -> list[Link]:
    """Links of three known hosts, an hour after our line went."""
    known = [visit(printed_link(f"https://{n}.example/"), ALIVE) for n in range(3)]
    clock.shift(HOUR)
    links.store(dict.fromkeys(known, SILENCE))
    return [Link.objects.get(pk=link.pk) for link in known]


def test_five_days_without_a_way_out_break_no_link(quarter):
    cut_off = between(7, 12, SILENCE)
    known = [quarter.add(cut_off) for _link in range(3)]

    quarter.live(40)

    for link in known:
        assert quarter.verdicts(link) == [(7, "unsure"), (12, "ok")]
        assert quarter.told(link) == []


def test_without_a_way_out_visits_become_rare(quarter):
    link = quarter.add(from_day(7, SILENCE))

    quarter.live(14)

    [_well, *silent] = quarter.visits[link.url]
    assert silent == [*[7] * 6, 8, 9, 10, 11, 12, 13]


def test_a_host_that_dies_is_called_broken_though_it_is_visited_alone(quarter):
    dead = quarter.add(from_day(7, SILENCE))
    witness = quarter.add(always(ALIVE))

    quarter.live(20)

    assert quarter.verdicts(dead) == [(7, "unsure"), (9, "broken")]
    assert quarter.visits[witness.url] == [1, 7, 8, 9]


def test_what_failed_before_our_line_went_is_remembered(quarter):
    quarter.add(between(8, 12, SILENCE))
    dead = quarter.add(from_day(7, SILENCE))

    quarter.live(20)

    [unsure, (day, broken)] = quarter.verdicts(dead)
    assert unsure == (7, "unsure")
    assert (12 <= day <= 16, broken) == (True, "broken")


def test_what_is_broken_stays_broken_without_a_way_out(clock):
    dead = break_link(visit(printed_link(), ALIVE))
    clock.shift(HOUR)

    visit(dead, SILENCE)

    assert (dead.verdict, dead.reason) == ("broken", "gone")
    assert dead.next_check_at == dead.checked_at + HOUR


def test_an_answer_that_another_worker_got_proves_the_line(clock):
    dead = visit(printed_link("https://dead.example/"), ALIVE)
    clock.shift(HOUR)
    visit(printed_link("https://well.example/"), ALIVE)
    clock.shift(line.PROVEN_FOR - timedelta(minutes=1))

    visit(dead, SILENCE)

    assert (dead.reason, dead.failures) == ("no_answer", 1)


def test_without_any_answer_nothing_is_counted_and_it_is_visited_again_soon(cut_off):
    link = cut_off[0]

    assert (link.verdict, link.reason) == ("unsure", "unreachable_from_here")
    assert (link.failures, link.last_check.detail) == (0, "line")
    assert link.next_check_at == link.checked_at + HOUR


def test_our_line_is_held_against_no_host(cut_off):
    visit(written_link("https://new.example/"), SILENCE)

    assert not Host.objects.exclude(unreachable_at=None).exists()


def test_our_line_is_news_to_nobody(cut_off):
    links.tell_changes()

    assert not VerdictChange.objects.exclude(told_at=None).exists()


def test_several_silent_hosts_are_a_machine_that_reaches_nothing(cut_off):
    assert line.reaches_nothing(cut_off)


def test_a_single_silent_host_is_no_machine_that_reaches_nothing(clock):
    known = visit(printed_link(), ALIVE)
    clock.shift(HOUR)

    assert not line.reaches_nothing([visit(known, SILENCE)])


def test_the_first_answer_ends_it(cut_off, clock):
    clock.shift(HOUR)
    visit(printed_link("https://well.example/"), ALIVE)

    assert not line.reaches_nothing(cut_off)


def test_our_proxys_trouble_is_not_our_lines(clock):
    known = [visit(printed_link(f"https://{n}.example/"), ALIVE) for n in range(3)]
    clock.shift(HOUR)

    links.store(dict.fromkeys(known, SHUT_IN))

    assert not line.reaches_nothing(Link.objects.all())


def test_witnesses_are_links_of_other_hosts_that_were_well_and_not_visited_today(clock):
    visit(printed_link("https://dead.example/well"), ALIVE)
    visit(printed_link("https://wall.example/"), SILENCE)
    well = visit(printed_link("https://well.example/"), ALIVE)
    dead = visit(printed_link("https://dead.example/"), SILENCE)
    now = NOW + timedelta(days=1, minutes=1)

    assert list(line.find_witnesses([dead], now)) == [well]
    assert not line.find_witnesses([dead], now - HOUR)
    assert not line.find_witnesses([dead, well], now)
