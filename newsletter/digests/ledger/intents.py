"""Who may still be mailed, and the commit that comes before the final dots."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from newsletter.models import Delivery, Subscriber, Suppression
from newsletter.states import DeliveryState, Outcome

from .rows import Claim, by_token, digest_is_sending
from .statements import (
    DELIVERIES,
    SQL,
    among,
    fetch,
    lease_from_now,
    listed,
    now,
    one_of,
    unless_locked,
    written,
)


def reasons_to_skip(claims: Sequence[Claim]) -> dict[Claim, Outcome]:
    """Those of them who must not be mailed (any more), and why: the re-check."""
    if not claims:
        return {}
    sql, parameters = _mailable()
    readers = listed(claim.subscriber_id for claim in claims)
    mailable = {reader for (reader,) in fetch(sql, [readers, *parameters])}
    return {
        claim: _reason_to_skip(claim)
        for claim in claims
        if claim.subscriber_id not in mailable
    }


@cache
def _mailable() -> SQL:
    return among(Subscriber, Subscriber.objects.mailable().values("pk"))


def _reason_to_skip(claim: Claim) -> Outcome:
    reader = Subscriber.objects.filter(pk=claim.subscriber_id)
    suppressed = Suppression.objects.filter(
        canonical_address__in=reader.values("canonical_address")
    )
    if suppressed.exists():
        return Outcome.SUPPRESSED
    paused = Subscriber.objects.paused().filter(pk=claim.subscriber_id).exists()
    return Outcome.PAUSED if paused else Outcome.LEFT


@transaction.atomic(savepoint=False)
def intend(claims: Sequence[Claim]) -> set[Claim]:
    """Commit that the final dots are about to be sent: for these, and for no others.

    Granted only while the lease lives, the digest is sending (a pause or a withdrawal
    stops it right here) and the reader is still subscribed. The lease starts anew, so
    that it outlives the longest wait for an answer.
    """
    granted: set[Claim] = set()
    sql, ready, intent = _intending()
    for token, ours in by_token(claims).items():
        rows = fetch(sql, [*ready, listed(ours), token, *intent])
        granted.update(ours[pk] for (pk,) in rows)
    return granted


@cache
def _intending() -> tuple[str, list[Any], list[Any]]:
    """The statement, and its parameters before and behind the rows and their token."""
    reader = Subscriber.objects.mailable().filter(pk=OuterRef("subscriber_id"))
    rows = Delivery.objects.filter(
        digest_is_sending(),
        Exists(reader),
        state=DeliveryState.CLAIMED,
        lease_until__gt=Now(),
    )
    ready, of_ready = written(rows.values("pk"))
    lease, of_lease = lease_from_now()
    # Looked for once: within the UPDATE PostgreSQL may look again for each row of a
    # table of which it believes that it is empty.
    sql = f"""
        WITH ready AS MATERIALIZED (
            {ready} AND {one_of(f"{DELIVERIES}.id")} AND token = %s {unless_locked()}
        )
        UPDATE {DELIVERIES} SET state = %s, lease_until = {lease}, updated_at = {now()}
        WHERE id IN (SELECT pk FROM ready)
        RETURNING id
    """  # noqa: S608  (no value is written into it)
    return sql, of_ready, [DeliveryState.SENDING, *of_lease]
