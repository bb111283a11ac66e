"""The verdict held of a link: a table of what was held, what came, what is held then."""

from datetime import UTC, datetime, timedelta

import pytest

from editorial.fetching.verdicts import Reason, Verdict
from editorial.links.weighing import Circumstances, Held, is_told, weigh

OK, UNSURE, BROKEN = Verdict.OK, Verdict.UNSURE, Verdict.BROKEN
UNCHECKED = Verdict.UNCHECKED
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)

FINE = Held(OK, Reason.ALIVE)
GONE = (BROKEN, Reason.GONE)
TROUBLE = (UNSURE, Reason.SERVER_ERROR)
SILENCE = (UNSURE, Reason.UNREACHABLE_FROM_HERE)
TLS = (BROKEN, Reason.TLS)
WALL = (UNSURE, Reason.BLOCKED_BY_SITE)
INSIDE = (BROKEN, Reason.REFUSED_INSIDE)


def failed(times, verdict=UNSURE, reason=Reason.TLS, *, ago=DAY):
    return Held(verdict, reason, times, NOW - ago)


def after(held, answer, **circumstances):
    by = {"printed": True, "known_host": True, **circumstances}
    return weigh(held, *answer, Circumstances(at=NOW, **by))


# What was held, the answer → verdict, reason and counted failures, for readers' links.
PRINTED = {
    "alive": (Held(), (OK, Reason.ALIVE), (OK, Reason.ALIVE, 0)),
    "one failure": (FINE, TLS, (UNSURE, Reason.TLS, 1)),
    "two": (failed(1), TLS, (UNSURE, Reason.TLS, 2)),
    "three over days": (failed(2), TLS, (BROKEN, Reason.TLS, 3)),
    "the same day": (failed(2, ago=DAY / 2), TLS, (UNSURE, Reason.TLS, 2)),
    "not found once": (FINE, GONE, (UNSURE, Reason.GONE, 1)),
    "not found twice": (failed(1), GONE, (BROKEN, Reason.GONE, 2)),
    "trouble for days": (failed(2), TROUBLE, (BROKEN, Reason.SERVER_ERROR, 3)),
    "silence for days": (failed(2), SILENCE, (BROKEN, Reason.NO_ANSWER, 3)),
    "silence once": (FINE, SILENCE, (UNSURE, Reason.NO_ANSWER, 1)),
    "leads inside": (FINE, INSIDE, (BROKEN, Reason.REFUSED_INSIDE, 1)),
    "no address": (FINE, (BROKEN, Reason.MALFORMED), (BROKEN, Reason.MALFORMED, 1)),
    "wall": (FINE, WALL, (UNSURE, Reason.BLOCKED_BY_SITE, 0)),
    "wall in between": (failed(2), WALL, (UNSURE, Reason.BLOCKED_BY_SITE, 0)),
    "alive in between": (failed(2), (OK, Reason.ALIVE), (OK, Reason.ALIVE, 0)),
    "wall over broken": (failed(3, BROKEN), WALL, (BROKEN, Reason.TLS, 3)),
    "trouble over broken": (
        failed(3, BROKEN),
        TROUBLE,
        (BROKEN, Reason.SERVER_ERROR, 4),
    ),
    "robots over broken": (
        failed(3, BROKEN),
        (UNCHECKED, Reason.ROBOTS),
        (BROKEN, Reason.TLS, 3),
    ),
    "alive again": (failed(3, BROKEN), (OK, Reason.ALIVE), (OK, Reason.ALIVE, 0)),
    "robots": (FINE, (UNCHECKED, Reason.ROBOTS), (UNCHECKED, Reason.ROBOTS, 0)),
}


@pytest.mark.parametrize("case", PRINTED)
def test_what_readers_have_turns_broken_only_over_time(case):
    held, answer, expected = PRINTED[case]

    now = after(held, answer)

    assert (now.verdict, now.reason, now.failures) == expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (FINE, Held(UNSURE, Reason.UNREACHABLE_FROM_HERE)),
        (failed(2), failed(2, reason=Reason.UNREACHABLE_FROM_HERE)),
        (failed(3, BROKEN), failed(3, BROKEN)),
    ],
)
def test_our_own_silence_adds_to_no_row_of_failures_and_ends_none(held, expected):
    assert after(held, SILENCE, ours=True) == expected


@pytest.mark.parametrize("answer", [GONE, TLS, TROUBLE, WALL, INSIDE])
def test_before_publication_the_first_answer_is_shown_as_it_is(answer):
    now = after(Held(), answer, printed=False)

    assert (now.verdict, now.reason) == answer


def test_silence_where_nothing_ever_answered_is_never_a_failure():
    held = FINE

    for _visit in range(5):
        held = after(held, SILENCE, known_host=False)

    assert held == Held(UNSURE, Reason.UNREACHABLE_FROM_HERE)


@pytest.mark.parametrize("answer", [GONE, TLS, TROUBLE, WALL, SILENCE])
def test_what_a_colleague_opened_is_ok(answer):
    now = after(failed(2), answer, vouched=True)

    assert (now.verdict, now.failures) == (OK, 0)


def test_nobody_can_have_opened_what_leads_inside():
    assert after(FINE, INSIDE, vouched=True).verdict is BROKEN


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (UNCHECKED, BROKEN, True),
        (OK, BROKEN, True),
        (UNSURE, BROKEN, True),
        (BROKEN, OK, True),
        (BROKEN, UNSURE, False),
        (BROKEN, BROKEN, False),
        (OK, UNSURE, False),
        (UNSURE, OK, False),
        (UNCHECKED, OK, False),
    ],
)
def test_only_what_somebody_can_act_on_is_told(was, now, told):
    assert is_told(was, now) is told
