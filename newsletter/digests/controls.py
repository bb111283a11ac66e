"""What people may do to a digest: start, pause, resume, cancel, decide the uncertain.

Only `move` writes a digest's state, and `change` whatever else is decided about it:
a compare-and-set on state and version, with its event row in the same transaction.
The loser of a race gets IllegalTransition.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial import doorbell, rules
from editorial.models import Issue, User
from editorial.states import IllegalTransition, IssueState, StaleVersion
from newsletter.doctor import fitness
from newsletter.models import Digest, Subscriber
from newsletter.states import (
    DELIVERY_TERMINAL,
    DIGEST_MOVES,
    DigestState,
    DigestVerb,
    PauseReason,
)

from . import ledger
from .history import note_event
from .telling import tell_stopped
from .trial import LastLook, require_looked

# Faster than any relay takes them: a slip of the finger, not a wish.
MAX_RATE = 1000


def start_digest(
    *,
    digest: Digest,
    by: User,
    look: LastLook | None = None,
    verb: DigestVerb = DigestVerb.START,
    despite: str = "",
) -> Digest:
    """Begin to send: freeze what is sent and who gets it, then mail them.

    `look` is what a person saw and said right before; a countdown and a command line
    have none, and ask for no test. `despite` is an admin's reason to send the first
    mail against the doctor's advice. Raises IllegalTransition for the second of two
    presses, ContentChanged when the text is no longer the one looked at, and
    ValidationError while readers cannot see the issue, nobody has confirmed a
    subscription, the text was neither tested nor ticked to go untested, or something
    would keep the first mail from arriving.
    """
    rules.require(rules.can_send_digest, by, digest.issue)
    if not Subscriber.objects.mailable().exists():
        raise ValidationError(
            _("Nobody has confirmed a subscription yet: there is nobody to send to."),
            code="no_readers",
        )
    with transaction.atomic():
        require_published(digest)
        if look is not None:
            require_looked(digest, look, by=by)
        fitness.require_fit(digest, by, despite)
        move(
            digest,
            DigestState.FREEZING,
            verb=verb,
            by=by,
            started_by=by,
            started_at=timezone.now(),
            **_AFRESH,
        )
        doorbell.ring("newsletter.freeze_digest", digest.pk)
    return digest


def pause_digest(*, digest: Digest, by: User) -> Digest:
    """Stop before the next mail; what is on the wire ends as it ends."""
    rules.require(rules.can_send_digest, by, digest.issue)
    return stop_sending(digest, reason=PauseReason.BY_HAND, by=by)


def resume_digest(*, digest: Digest, by: User) -> Digest:
    """Go on with the rest at once."""
    rules.require(rules.can_send_digest, by, digest.issue)
    with transaction.atomic():
        require_published(digest)
        move(digest, DigestState.SENDING, verb=DigestVerb.RESUME, by=by, **_AFRESH)
        doorbell.ring("newsletter.send_digest", digest.pk)
    return digest


def change_rate(*, digest: Digest, by: User, rate: int | None) -> Digest:
    """At most so many mails a second from the next wave on; None: the relay's own.

    Raises IllegalTransition once nothing is left to send.
    """
    rules.require(rules.can_send_digest, by, digest.issue)
    if rate is not None and not 1 <= rate <= MAX_RATE:
        words = _("Between 1 and %(n)d mails a second.")
        raise ValidationError({"rate": words % {"n": MAX_RATE}})
    if digest.state in {DigestState.DONE, DigestState.CANCELLED}:
        raise _illegal(digest, DigestState.SENDING)
    change(digest, verb=DigestVerb.RATE, by=by, note=str(rate or ""), rate=rate)
    return digest


def cancel_digest(*, digest: Digest, by: User) -> Digest:
    """Skip everybody who was not mailed yet, for good."""
    rules.require(rules.can_send_digest, by, digest.issue)
    with transaction.atomic():
        skipped = ledger.skip_the_rest(digest.pk)
        move(
            digest,
            DigestState.CANCELLED,
            verb=DigestVerb.CANCEL,
            by=by,
            note=str(skipped),
            **_finished(),
        )
    return digest


def assume_delivered(*, digest: Digest, by: User, expected: int | None = None) -> int:
    """Close the uncertain deliveries as sent; how many.

    `expected` is the number the page showed: StaleVersion when it is another now.
    """
    rules.require(rules.can_send_digest, by, digest.issue)
    with transaction.atomic():
        count = ledger.assume_delivered(digest.pk)
        _require_count(digest, expected, count)
        note_event(digest, DigestVerb.ASSUME, by=by, note=str(count))
    return count


def resend(*, digest: Digest, by: User, expected: int | None = None) -> int:
    """Send the uncertain ones again, each at most once ever; how many.

    Opens a finished digest again. Readers may get a second copy, under the same
    Message-ID, never a third.
    """
    rules.require(rules.can_send_digest, by, digest.issue)
    with transaction.atomic():
        require_published(digest)
        if digest.state == DigestState.DONE:
            move(digest, DigestState.SENDING, verb=DigestVerb.REOPEN, by=by, **_AFRESH)
        elif digest.state not in {DigestState.SENDING, DigestState.PAUSED}:
            raise _illegal(digest, DigestState.SENDING)
        count = ledger.resend(digest.pk)
        _require_count(digest, expected, count)
        note_event(digest, DigestVerb.RESEND, by=by, note=str(count))
        doorbell.ring("newsletter.send_digest", digest.pk)
    return count


def stop_sending(
    digest: Digest, *, reason: PauseReason, detail: str = "", by: User | None = None
) -> Digest:
    """Pause for a reason; the brakes and a withdrawal come through here.

    The team is told of what nobody pressed.
    """
    why = _why(reason, detail)
    with transaction.atomic():
        move(
            digest, DigestState.PAUSED, verb=DigestVerb.PAUSE, by=by, note=detail, **why
        )
        if by is None:
            tell_stopped(digest)
    return digest


def hold_again(
    digest: Digest, *, reason: PauseReason, detail: str = "", by: User | None = None
) -> Digest:
    """Back to held before anything was frozen, or held on instead of started.

    The team is told of what nobody pressed.
    """
    why: dict[str, Any] = {"by": by, "note": detail, **_why(reason, detail)}
    with transaction.atomic():
        if digest.state == DigestState.HELD:
            change(digest, verb=DigestVerb.HOLD, **why, **NO_COUNTDOWN)
        else:
            move(digest, DigestState.HELD, verb=DigestVerb.HOLD, **why)
        if by is None:
            tell_stopped(digest)
    return digest


def stop_for_withdrawal(*, issue: Issue, by: User | None) -> None:
    """Let no further mail of a withdrawn issue leave; joins its transaction."""
    digest = Digest.objects.select_for_update().filter(issue=issue).first()
    if digest is None:
        return
    if digest.state == DigestState.SENDING:
        stop_sending(digest, reason=PauseReason.WITHDRAWN, by=by)
    elif digest.state == DigestState.FREEZING or digest.starts_at is not None:
        hold_again(digest, reason=PauseReason.WITHDRAWN, by=by)


def finish_if_settled(*, digest_id: int) -> bool:
    """Close a sending digest once every row of it is settled.

    The ledger must add up to the number that was frozen; otherwise it pauses loudly.
    """
    if ledger.has_open(digest_id):
        return False
    digest = Digest.objects.filter(pk=digest_id, state=DigestState.SENDING).first()
    if digest is None:
        return False
    counts = ledger.tally(digest_id)
    settled = sum(counts[state] for state in DELIVERY_TERMINAL)
    try:
        if settled == digest.expected_count:
            move(digest, DigestState.DONE, verb=DigestVerb.FINISH, **_finished())
        else:
            difference = f"{settled} ≠ {digest.expected_count}"
            stop_sending(digest, reason=PauseReason.LEDGER, detail=difference)
    except IllegalTransition:  # somebody else closed or paused it
        return False
    return True


@transaction.atomic
def move(
    digest: Digest,
    to: DigestState,
    *,
    verb: DigestVerb,
    by: User | None = None,
    note: str = "",
    **fields: Any,
) -> None:
    """The one place that writes a digest's state. Every move ends the countdown."""
    if to not in DIGEST_MOVES[DigestState(digest.state)]:
        raise _illegal(digest, to)
    _write(digest, to, verb=verb, by=by, note=note, **fields, **NO_COUNTDOWN)


@transaction.atomic
def change(
    digest: Digest,
    *,
    verb: DigestVerb,
    by: User | None = None,
    note: str = "",
    **fields: Any,
) -> None:
    """Write a decision that leaves the state as it is."""
    state = DigestState(digest.state)
    _write(digest, state, verb=verb, by=by, note=note, **fields)


def _write(
    digest: Digest,
    to: DigestState,
    *,
    verb: DigestVerb,
    by: User | None,
    note: str,
    **fields: Any,
) -> None:
    before = DigestState(digest.state)
    moved = Digest.objects.filter(
        pk=digest.pk, state=before, version=digest.version
    ).update(state=to, version=F("version") + 1, **fields)
    if not moved:
        raise _illegal(digest, to)
    digest.refresh_from_db()
    reason = str(fields.get("pause_reason", ""))
    note_event(
        digest,
        verb,
        by=by,
        note=note,
        reason=reason,
        before=before,
        to=to,
        revision=fields.get("revision"),
    )


NO_COUNTDOWN: dict[str, Any] = {"starts_at": None, "starts_by": None}
# What a resumption forgives.
_AFRESH: dict[str, Any] = {
    "pause_reason": "",
    "pause_detail": "",
    "error_streak": 0,
    "backoffs": 0,
    "backoff_until": None,
    "backoff_reason": "",
    "finished_at": None,
}


def _why(reason: PauseReason, detail: str) -> dict[str, Any]:
    return {"pause_reason": reason.value, "pause_detail": detail[:500]}


def _finished() -> dict[str, Any]:
    return {"finished_at": timezone.now()}


def _illegal(digest: Digest, to: DigestState) -> IllegalTransition:
    current = Digest.objects.values_list("state", flat=True).get(pk=digest.pk)
    return IllegalTransition(str(digest), current, to)


def _require_count(digest: Digest, expected: int | None, count: int) -> None:
    if expected is not None and expected != count:
        raise StaleVersion(str(digest), expected, count)


def require_published(digest: Digest) -> None:
    """Raise ValidationError unless readers see the issue, until the transaction ends."""
    # Locked, so that a withdrawal comes wholly before the move or wholly after it.
    issues = Issue.objects.select_for_update(no_key=True)
    issue = issues.only("state", "imported").get(pk=digest.issue_id)
    if issue.state != IssueState.PUBLISHED or issue.imported:
        raise ValidationError(
            _("Readers cannot see this issue now, so its digest stays here."),
            code="not_published",
        )
