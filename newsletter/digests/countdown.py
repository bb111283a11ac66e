"""The last look: a published issue's digest is held, or starts by itself a while later.

The publication's `digest_after` says how many minutes later; nothing is scheduled with
the broker. The row's `starts_at` is read at the moment it counts, by the sweep and the
database's clock, so that a countdown that was stopped or moved never fires.
"""

import logging
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from editorial import rules
from editorial.models import Issue, IssueRevision, Publication, User
from editorial.states import IllegalTransition
from newsletter.models import Digest
from newsletter.models.digest import DigestQuerySet
from newsletter.states import DigestState, DigestVerb, PauseReason

from .controls import (
    NO_COUNTDOWN,
    change,
    hold_again,
    require_published,
    start_digest,
)
from .history import note_event

logger = logging.getLogger(__name__)

# A restart or an upgrade may delay a start by minutes. After an hour the moment that
# people were told has passed: whoever wanted to stop it may believe that they did, and
# a mail meant for Friday evening must not go at night because a server came back.
LATEST = timedelta(hours=1)


def hold_digest(*, issue: Issue, by: User | None = None) -> Digest:
    """The digest of a newly published issue: held, counting down if so set.

    It would start in the name of whoever published; without a name it just waits. Safe
    to call twice.
    """
    minutes = _minutes() if by is not None else None
    fields: dict[str, Any] = {}
    if minutes is not None and issue.published_at is not None:
        starts_at = issue.published_at + timedelta(minutes=minutes)
        fields = {"starts_at": starts_at, "starts_by": by}
    digest, created = Digest.objects.get_or_create(issue=issue, defaults=fields)
    if created:
        note_event(digest, DigestVerb.HOLD, to=DigestState.HELD)
        if fields:
            note_event(digest, DigestVerb.COUNT, by=by)
    return digest


def stop_countdown(*, digest: Digest, by: User) -> Digest:
    """Hold it until somebody says otherwise.

    Raises IllegalTransition where nothing counts down: it has started, or was held.
    """
    rules.require(rules.can_send_digest, by, digest.issue)
    if digest.starts_at is None:
        raise IllegalTransition(str(digest), digest.state, DigestState.HELD)
    change(digest, verb=DigestVerb.HOLD, by=by, **NO_COUNTDOWN)
    return digest


def count_down_again(*, digest: Digest, by: User) -> Digest:
    """Start the countdown from the beginning, in the name of whoever asks.

    For another look after a fix, or after all. Raises ValidationError while the
    publication has none, or readers cannot see the issue.
    """
    rules.require(rules.can_send_digest, by, digest.issue)
    minutes = _minutes()
    if minutes is None:
        raise ValidationError(
            _("Digests do not start by themselves here: an admin can set it."),
            code="no_countdown",
        )
    if digest.state != DigestState.HELD:
        raise IllegalTransition(str(digest), digest.state, DigestState.HELD)
    starts_at = Now() + timedelta(minutes=minutes)
    with transaction.atomic():
        require_published(digest)
        change(
            digest,
            verb=DigestVerb.COUNT,
            by=by,
            starts_at=starts_at,
            starts_by=by,
            pause_reason="",
            pause_detail="",
        )
    return digest


@transaction.atomic
def look_again(*, issue: Issue, revision: IssueRevision, by: User) -> None:
    """What a fix of a published issue does to its digest; belongs into its move.

    One that has not begun takes the new text by itself, and its countdown begins anew,
    in the name of whoever changed the text: so nothing goes that nobody could look at.
    One that is sending or paused keeps its text until somebody freezes it again; what
    is over stays as it is.
    """
    # The issue is locked: whoever starts a digest waits for it.
    digests = Digest.objects.select_for_update().filter(issue=issue)
    digest = digests.exclude(
        state__in=[DigestState.DONE, DigestState.CANCELLED]
    ).first()
    if digest is None:
        return
    note_event(digest, DigestVerb.FIX, by=by, revision=revision)
    if digest.starts_at is None:
        return
    minutes = _minutes()
    if minutes is None:
        change(digest, verb=DigestVerb.HOLD, by=by, **NO_COUNTDOWN)
    else:
        starts_at = Now() + timedelta(minutes=minutes)
        change(digest, verb=DigestVerb.COUNT, by=by, starts_at=starts_at, starts_by=by)


def start_due() -> None:
    """Start what has counted down; hold what was missed or may not start, and say so.

    Safe to run in parallel, and with people pressing: one wins, the others see it.
    """
    publication = Publication.objects.current()
    with translation.override(publication.language if publication else None):
        for digest in _due().filter(starts_at__lt=Now() - LATEST):
            _try(digest, missed=True)
        for digest in _due():
            _try(digest, missed=False)


def _try(digest: Digest, *, missed: bool) -> None:
    try:
        with transaction.atomic():
            if missed:
                hold_again(digest, reason=PauseReason.MISSED)
            else:
                _start_or_hold(digest)
    except IllegalTransition:
        logger.info("digest %s was decided about meanwhile", digest.pk)
    except Exception:  # whatever it is, the others are not held up
        logger.exception("digest %s did not start by itself", digest.pk)


def _start_or_hold(digest: Digest) -> None:
    try:
        with transaction.atomic():
            if digest.starts_by is None:
                raise PermissionDenied(
                    _("Whoever it was to go in the name of has no account any more.")
                )
            start_digest(digest=digest, by=digest.starts_by, verb=DigestVerb.SELF_START)
    except (PermissionDenied, ValidationError) as error:
        words = " ".join(getattr(error, "messages", [str(error)]))
        hold_again(digest, reason=PauseReason.REFUSED, detail=words)


def _due() -> DigestQuerySet:
    due = Digest.objects.counting_down().filter(starts_at__lte=Now())
    return due.select_related("issue", "starts_by")


def _minutes() -> int | None:
    publication = Publication.objects.current()
    return publication.digest_after if publication else None
