"""What an answer means over time: the verdict held of a link, and whether it is told.

Pure: facts in, verdict out. A checker that is believed calls nothing dead on one bad
day. While an item is written its author wants the first answer as it is; once readers
have the page, "broken" takes failures spread over days, but for what proves itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from editorial.fetching.verdicts import Reason, Verdict

# Two visits in one afternoon are one bad afternoon. A little less than the day between
# visits, so that a sweep that comes early counts all the same.
SPREAD = timedelta(hours=20)
FAILURES_TO_BREAK = 3
# Fewer where the answer leaves less room for doubt: "not found" is said by the site
# itself, and an address that leads inside or is none will not mend by waiting.
FAILURES_BY_REASON = {
    Reason.GONE: 2,
    Reason.REFUSED_INSIDE: 1,
    Reason.MALFORMED: 1,
}
# A person's own eyes cannot have seen these: readers stand outside.
BEYOND_DOUBT = frozenset({Reason.REFUSED_INSIDE, Reason.MALFORMED})
# Answers that are not called broken by themselves but are when they go on for days.
FAILING = frozenset({Reason.SERVER_ERROR, Reason.NO_ANSWER})

VOUCHED_FOR = timedelta(days=30)

FLAPPING_AFTER = 3  # changes told within FLAPPING_WITHIN; the next one is the last told
FLAPPING_WITHIN = timedelta(days=90)
STEADY_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a link. `failures` are those in a row that count."""

    verdict: Verdict = Verdict.UNCHECKED
    reason: Reason | None = None
    failures: int = 0
    failed_at: datetime | None = None

    @property
    def is_pending(self) -> bool:
        """Whether failures were counted that do not make it broken yet."""
        return bool(self.failures) and self.verdict is not Verdict.BROKEN


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What one answer is weighed by.

    `printed`: readers have the link. `known_host`: something on that host has answered
    from here before. `vouched`: a colleague opened it within VOUCHED_FOR. `ours`: the
    silence is our own line's or proxy's.
    """

    at: datetime
    printed: bool
    known_host: bool
    vouched: bool = False
    ours: bool = False


def weigh(held: Held, verdict: Verdict, reason: Reason, by: Circumstances) -> Held:
    """What is held after an answer of `verdict` and `reason`.

    Silence from a host that used to answer is a failure (NO_ANSWER); from one that
    never did it proves nothing, and our own adds to no row of failures and ends none.
    Only life, or a person, ends "broken".
    """
    if reason is Reason.UNREACHABLE_FROM_HERE and by.known_host and not by.ours:
        reason = Reason.NO_ANSWER
    if verdict is Verdict.OK:
        return Held(verdict, reason)
    if by.vouched and reason not in BEYOND_DOUBT:
        return Held(Verdict.OK, reason)
    if verdict is Verdict.BROKEN or reason in FAILING:
        return _weigh_failure(held, verdict, reason, by)
    if by.printed and held.verdict is Verdict.BROKEN:
        return held
    if by.ours:
        return replace(held, verdict=verdict, reason=reason)
    return Held(verdict, reason)  # neither dead nor alive: the row of failures ends


def _weigh_failure(
    held: Held, verdict: Verdict, reason: Reason, by: Circumstances
) -> Held:
    counts = held.failed_at is None or by.at - held.failed_at >= SPREAD
    failures = held.failures + counts
    after = Held(verdict, reason, failures, by.at if counts else held.failed_at)
    if not by.printed:
        return after
    enough = failures >= FAILURES_BY_REASON.get(reason, FAILURES_TO_BREAK)
    broken = enough or held.verdict is Verdict.BROKEN
    return replace(after, verdict=Verdict.BROKEN if broken else Verdict.UNSURE)


def is_told(was: Verdict, now: Verdict) -> bool:
    """Whether a change is news somebody can act on: broken, or alive again.

    Between ok and unsure there is nothing to do but look, and the pages say it.
    """
    if now is Verdict.BROKEN:
        return was is not Verdict.BROKEN
    return was is Verdict.BROKEN and now is Verdict.OK
