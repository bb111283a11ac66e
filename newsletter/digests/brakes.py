"""When to slow down and when to stop: errors in a row, errors in the last 200."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from newsletter.models import Delivery, Digest
from newsletter.states import DigestVerb, Outcome, PauseReason

LONGEST_STREAK = 20
WINDOW, SHARE_OF_WINDOW = 200, 0.05
# Errors of the relay or the line; a mailbox that does not exist is none.
ERRORS = frozenset({Outcome.REFUSED, Outcome.CUT, Outcome.UNWRITTEN})
_TAKEN = {"backoffs": 0, "backoff_until": None, "backoff_reason": ""}
LONGEST_REST = 3600.0  # seconds that a server may ask for
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300))


def note_answers(digest_id: int, answers: Sequence[bool]) -> PauseReason | None:
    """Count what the relay said to a wave, in its order: True took the mail, False is
    an error of the relay or the line. Why to pause, or None where sending may go on.
    """
    digests = Digest.objects.filter(pk=digest_id)
    before = digests.values_list("error_streak", flat=True).get()
    longest = streak = before
    for taken in answers:
        streak = 0 if taken else streak + 1
        longest = max(longest, streak)
    # Relative where nothing was taken: another sender may be counting as well.
    if True in answers:
        digests.update(**_TAKEN, error_streak=streak)
    else:
        digests.update(error_streak=F("error_streak") + len(answers))
    if False not in answers:
        return None
    if longest >= LONGEST_STREAK:
        return PauseReason.STREAK
    if _errors_in_window(digests.get()) > WINDOW * SHARE_OF_WINDOW:
        return PauseReason.SHARE
    return None


def back_off(digest_id: int, reason: str, *, at_least: float = 0.0) -> None:
    """No connection for a while: 15 s, then longer, at most 5 minutes; or as long as
    the server asked for, at most an hour."""
    digest = Digest.objects.get(pk=digest_id)
    usual = BACK_OFF[min(digest.backoffs, len(BACK_OFF) - 1)]
    pause = max(usual, timedelta(seconds=min(at_least, LONGEST_REST)))
    Digest.objects.filter(pk=digest_id, backoffs=digest.backoffs).update(
        backoffs=F("backoffs") + 1,
        backoff_until=Now() + pause,
        backoff_reason=reason[:500],
    )


def _errors_in_window(digest: Digest) -> int:
    """Errors among the last 200 outcomes since sending was resumed; 0 with fewer."""
    afresh = [DigestVerb.RESUME, DigestVerb.REOPEN]
    resumed = digest.events.filter(verb__in=afresh).order_by("-at").first()
    outcomes = Delivery.objects.filter(digest=digest, answered_at__isnull=False)
    if resumed is not None:
        outcomes = outcomes.filter(answered_at__gt=resumed.at)
    last = outcomes.order_by("-answered_at").values_list("outcome", flat=True)[:WINDOW]
    return sum(outcome in ERRORS for outcome in last) if len(last) == WINDOW else 0
