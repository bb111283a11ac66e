"""When a link is visited next: moments counted from publication or the last visit."""

from datetime import UTC, datetime, timedelta

import pytest

from editorial.fetching.verdicts import Reason, Verdict
from editorial.links.schedule import Use, next_mark, next_visit
from editorial.links.weighing import Held

OUT = datetime(2026, 1, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
FINE = Held(Verdict.OK, Reason.ALIVE)
PRINTED, OPEN = Use(printed_at=OUT), Use(in_open_item=True)
RESTING = Held(Verdict.UNSURE, Reason.RATE_LIMITED)


@pytest.mark.parametrize(
    ("day", "mark"),
    [(0, 1), (1, 7), (6.5, 7), (7, 30), (30, 90), (90, 181), (181, 272), (400, 454)],
)
def test_visits_come_ever_more_rarely_after_publication(day, mark):
    assert next_mark(OUT, OUT + day * DAY) == OUT + mark * DAY


def test_a_visit_right_before_a_mark_moves_it_so_that_a_day_lies_between():
    at = OUT + 6.5 * DAY

    assert next_visit(FINE, PRINTED, at=at) == at + DAY


def test_a_failure_of_what_readers_have_is_looked_at_the_next_day():
    at = OUT + 30 * DAY

    held = Held(Verdict.UNSURE, Reason.GONE, 1, at)

    assert next_visit(held, PRINTED, at=at) == at + DAY


def test_what_is_broken_keeps_to_the_schedule():
    at = OUT + 30 * DAY

    held = Held(Verdict.BROKEN, Reason.GONE, 2, at)

    assert next_visit(held, PRINTED, at=at) == OUT + 90 * DAY


def test_what_is_well_is_settled_until_its_issue_comes_out():
    assert next_visit(FINE, OPEN, at=OUT) is None


def test_what_may_be_over_tomorrow_is_looked_at_tomorrow():
    held = Held(Verdict.UNSURE, Reason.SERVER_ERROR)

    assert next_visit(held, OPEN, at=OUT) == OUT + DAY


def test_a_link_that_stands_nowhere_is_not_visited_again():
    assert next_visit(FINE, Use(), at=OUT) is None


@pytest.mark.parametrize("use", [PRINTED, OPEN])
def test_a_pause_the_site_asks_for_is_kept(use):
    found = next_visit(RESTING, use, at=OUT, retry_after=120)

    assert found == OUT + 2 * MINUTE


def test_a_site_that_turns_us_away_twice_is_left_alone_for_a_day():
    found = next_visit(RESTING, PRINTED, at=OUT, retry_after=120, rested=True)

    assert found == OUT + DAY


def test_what_a_colleague_opened_is_looked_at_when_their_word_runs_out():
    at = OUT + 100 * DAY

    found = next_visit(FINE, PRINTED, at=at, opened_at=at - 5 * DAY)

    assert found == at + 25 * DAY
