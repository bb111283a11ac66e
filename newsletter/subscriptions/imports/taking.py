"""Writing what an import takes: a few statements for a batch, however long it is."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from newsletter import suppressions
from newsletter.models import Consent, ReaderImport, Subscriber, Suppression
from newsletter.states import SubscriberState
from newsletter.subscriptions.moves import move

from .columns import Standing
from .judging import Candidate, Known

CAUSES = {
    Standing.BOUNCED: Suppression.Cause.HARD_BOUNCE,
    Standing.COMPLAINED: Suppression.Cause.COMPLAINT,
}


def take(row: ReaderImport, chosen: Sequence[Candidate], known: Known) -> None:
    """Write the judged lines of a batch, with what the list recorded about them."""
    now = timezone.now()
    readers = [c for c in chosen if c.line.standing is Standing.SUBSCRIBED]
    left = [c for c in chosen if c.line.standing is Standing.UNSUBSCRIBED]
    _write(row, readers, known, SubscriberState.CONFIRMED, now)
    _write(row, left, known, SubscriberState.UNSUBSCRIBED, now)
    detail = f"{row.get_kind_display()}: {row.file_name}"
    for standing, cause in CAUSES.items():
        gone = [c.address for c in chosen if c.line.standing is standing]
        if gone:
            suppressions.suppress_all(addresses=gone, cause=cause, detail=detail)


def _write(
    row: ReaderImport,
    chosen: Sequence[Candidate],
    known: Known,
    state: SubscriberState,
    now: datetime,
) -> None:
    new = {
        candidate.canonical: _subscriber(candidate, state, now)
        for candidate in chosen
        if candidate.canonical not in known.subscribers
    }
    Subscriber.objects.bulk_create(new.values())
    for candidate in chosen:
        here = known.subscribers.get(candidate.canonical)
        if here is not None:
            move(here, state, **_dates(candidate, state, now))
    everybody = known.subscribers | new
    Consent.objects.bulk_create(
        _consent(row, everybody[candidate.canonical], candidate, state, now)
        for candidate in chosen
    )


def _subscriber(
    candidate: Candidate, state: SubscriberState, now: datetime
) -> Subscriber:
    return Subscriber(
        address=candidate.address,
        canonical_address=candidate.canonical,
        name=" ".join(candidate.line.name.split())[:60],
        key=secrets.token_urlsafe(32),
        state=state,
        **_dates(candidate, state, now),
    )


def _dates(
    candidate: Candidate, state: SubscriberState, now: datetime
) -> dict[str, Any]:
    line = candidate.line
    if state == SubscriberState.CONFIRMED:
        return {"confirmed_at": line.agreed_at or now}
    return {"unsubscribed_at": line.left_at or now}


def _consent(
    row: ReaderImport,
    subscriber: Subscriber,
    candidate: Candidate,
    state: SubscriberState,
    now: datetime,
) -> Consent:
    line = candidate.line
    confirmed = state == SubscriberState.CONFIRMED
    recorded = f"{row.get_kind_display()} · {line.evidence}" if line.evidence else ""
    return Consent(
        subscriber=subscriber,
        deed=Consent.Deed.CONFIRMED if confirmed else Consent.Deed.UNSUBSCRIBED,
        how="import",
        source=(recorded or str(row.get_kind_display()))[:300],
        imported=row,
        at=(line.agreed_at if confirmed else line.left_at) or now,
    )
