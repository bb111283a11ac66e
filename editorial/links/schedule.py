"""When a link is visited next. Pure: facts in, a moment out, or None for never.

Before publication a visit has an occasion: the address was written, the item handed
in, the issue closed or approved. After it the visits come by themselves and ever more
rarely, because a page that lived a month mostly lives another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from editorial.fetching.verdicts import Reason

from .weighing import VOUCHED_FOR, Held

DAY = timedelta(days=1)
FRESH_FOR = DAY  # one visit per key per day, shared by all items
# A person may ask for another visit sooner, but nobody knocks all the time.
PRESS_AGAIN_AFTER = timedelta(minutes=10)
# An address is half typed for a while: drafts save themselves.
SETTLED_AFTER = timedelta(minutes=2)
MARKS = (DAY, 7 * DAY, 30 * DAY, 90 * DAY)  # after publication
QUARTER = timedelta(days=91)
SHORTEST_REST = timedelta(minutes=1)
# What may be over tomorrow.
PASSING = frozenset(
    {
        Reason.RATE_LIMITED,
        Reason.SERVER_ERROR,
        Reason.NO_ANSWER,
        Reason.UNREACHABLE_FROM_HERE,
    }
)


@dataclass(frozen=True, slots=True)
class Use:
    """Where a link stands: when it was last printed, and whether items await print.

    `seen` are the fingerprints of its page as those who wrote of it saw it.
    """

    printed_at: datetime | None = None
    in_open_item: bool = False
    seen: frozenset[str] = frozenset()


def next_mark(printed_at: datetime, now: datetime) -> datetime:
    """The first moment after `now` of the decaying schedule: day 1, 7, 30, 90, then
    quarterly.
    """
    for mark in MARKS:
        if printed_at + mark > now:
            return printed_at + mark
    last = printed_at + MARKS[-1]
    quarters = (now - last) // QUARTER + 1
    return last + quarters * QUARTER


def next_visit(
    held: Held,
    use: Use,
    *,
    at: datetime,
    retry_after: int | None = None,
    rested: bool = False,
    opened_at: datetime | None = None,
    again_in: timedelta | None = None,
) -> datetime | None:
    """When to visit again after a visit at `at` that left `held`.

    `retry_after` are the seconds the site asked for; they are kept once, and where the
    visit before was turned away too (`rested`) it is left alone for a day at least.
    `again_in`: the visit said nothing and is to be made again.
    """
    if use.printed_at is None and not use.in_open_item:
        return None
    moments: list[datetime] = []
    if use.printed_at is not None:
        moments.append(max(next_mark(use.printed_at, at), at + FRESH_FOR))
    if held.is_pending and use.printed_at is not None:
        moments.append(at + DAY)
    if held.reason in PASSING and use.in_open_item:
        moments.append(at + DAY)
    if again_in is not None:
        moments.append(at + again_in)
    if opened_at is not None and opened_at + VOUCHED_FOR > at:
        moments.append(max(opened_at + VOUCHED_FOR, at + FRESH_FOR))
    if retry_after is not None and held.reason is Reason.RATE_LIMITED:
        rest = max(timedelta(seconds=retry_after), DAY if rested else SHORTEST_REST)
        moments.append(at + rest)
    return min(moments, default=None)
