"""Taking rows, and giving them back unsent."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache

from django.db import transaction
from django.db.models.functions import Now

from newsletter.models import Delivery, Subscriber
from newsletter.states import DeliveryState, DigestState

from .rows import DOTTED, SUSPECT_AFTER, WAITING, Claim, by_token
from .statements import (
    DELIVERIES,
    DIGESTS,
    SQL,
    among,
    fetch,
    lease_from_now,
    listed,
    now,
    unless_locked,
)

BATCH = 50


def claim(*, digest_id: int, limit: int = BATCH) -> list[Claim]:
    """Take up to `limit` due rows of a digest that is sending; in a short transaction.

    Two callers never get the same row. A suspect row (see SUSPECT_AFTER) comes alone.
    """
    token = secrets.token_hex(16)
    ids: list[int] = []
    with transaction.atomic(savepoint=False):
        # One state at a time: the index then gives the rows in order, however long
        # the ledger.
        for state in WAITING:
            ids += _take(token, digest_id, state, "<", limit - len(ids))
        for state in WAITING:
            ids = ids or _take(token, digest_id, state, ">=", 1)
        return _claims(token, ids)


def _take(
    token: str, digest_id: int, state: DeliveryState, reaps: str, limit: int
) -> list[int]:
    sql, of_lease = _taking(reaps)
    due = [digest_id, state, limit]
    taken = [DeliveryState.CLAIMED, token, *of_lease, DigestState.SENDING]
    rows = fetch(sql, [*due, *taken]) if limit > 0 else []
    return [delivery_id for (delivery_id,) in rows]


@cache
def _taking(reaps: str) -> SQL:
    lease, of_lease = lease_from_now()
    sql = f"""
        WITH due AS (
            SELECT id FROM {DELIVERIES}
            WHERE digest_id = %s AND state = %s AND next_attempt_at <= {now()}
                AND reaps {reaps} {SUSPECT_AFTER}
            ORDER BY next_attempt_at LIMIT %s {unless_locked()}
        )
        UPDATE {DELIVERIES} SET
            state = %s, token = %s, lease_until = {lease}, updated_at = {now()}
        WHERE id IN (SELECT id FROM due) AND EXISTS (
            SELECT 1 FROM {DIGESTS}
            WHERE {DIGESTS}.id = {DELIVERIES}.digest_id AND {DIGESTS}.state = %s
        )
        RETURNING id
    """  # noqa: S608  (no value is written into it)
    return sql, of_lease


def _claims(token: str, ids: list[int]) -> list[Claim]:
    if not ids:
        return []
    sql, parameters = _what_a_copy_needs()
    rows = fetch(sql, [listed(ids), *parameters, token])
    return [_claimed(token, *row) for row in sorted(rows)]


@cache
def _what_a_copy_needs() -> SQL:
    rows, parameters = among(
        Delivery,
        Delivery.objects.filter(state=DeliveryState.CLAIMED).values_list(
            *("pk", "digest_id", "subscriber_id", "address", "attempts", "reaps"),
            *("subscriber__key", "subscriber__name", "subscriber__wants"),
        ),
    )
    return f"{rows} AND token = %s", parameters


def _claimed(
    token: str,
    delivery_id: int,
    digest_id: int,
    subscriber_id: int | None,  # None: deleted; the re-check passes them over
    address: str,
    attempts: int,
    reaps: int,
    key: str | None,
    name: str | None,
    wants: str | None,
) -> Claim:
    return Claim(
        delivery_id=delivery_id,
        digest_id=digest_id,
        token=token,
        subscriber_id=subscriber_id or 0,
        address=address,
        key=key or "",
        attempts=attempts,
        reaps=reaps,
        name=name or "",
        text_only=wants == Subscriber.Wants.TEXT,
    )


def has_due(digest_id: int) -> bool:
    """Whether a claim made now could find a row."""
    return Delivery.objects.filter(
        digest_id=digest_id, state__in=WAITING, next_attempt_at__lte=Now()
    ).exists()


def is_due_within(digest_id: int, seconds: float) -> bool:
    """Whether a row will be due so soon that waiting for it is worth while."""
    return Delivery.objects.filter(
        digest_id=digest_id,
        state__in=WAITING,
        next_attempt_at__lte=Now() + timedelta(seconds=seconds),
    ).exists()


@transaction.atomic
def put_back(claims: Iterable[Claim]) -> None:
    """Let rows wait again, at no cost to them: the server did not take the message.

    Claimed or intended: the caller knows that no dot was sent, or that it was refused.
    """
    back = {"lease_until": None, "token": "", "updated_at": Now()}
    for token, ours in by_token(claims).items():
        rows = Delivery.objects.filter(pk__in=ours, token=token)
        claimed = rows.filter(state=DeliveryState.CLAIMED)
        claimed.update(state=DeliveryState.PENDING, **back)
        rows.filter(state__in=DOTTED).update(state=DeliveryState.RETRY, **back)


def put_off(waits: Mapping[Claim, float]) -> None:
    """Let rows wait for so many seconds, at no cost to them: their turn comes later."""
    for claim, seconds in waits.items():
        Delivery.objects.filter(
            pk=claim.delivery_id, token=claim.token, state=DeliveryState.CLAIMED
        ).update(
            state=DeliveryState.PENDING,
            token="",
            lease_until=None,
            next_attempt_at=Now() + timedelta(seconds=seconds),
            updated_at=Now(),
        )
