"""Taking rows, and giving them back unsent."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from newsletter.models import Delivery, Subscriber
from newsletter.states import DeliveryState

from .rows import (
    DOTTED,
    LEASE,
    SUSPECT_AFTER,
    WAITING,
    Claim,
    by_token,
    digest_is_sending,
)

BATCH = 50


def claim(*, digest_id: int, limit: int = BATCH) -> list[Claim]:
    """Take up to `limit` due rows of a digest that is sending; in a short transaction.

    Two callers never get the same row. A suspect row (see SUSPECT_AFTER) comes alone.
    """
    token = secrets.token_hex(16)
    with transaction.atomic():
        ids = _due_ids(digest_id, limit)
        Delivery.objects.filter(
            digest_is_sending(), pk__in=ids, state__in=WAITING
        ).update(
            state=DeliveryState.CLAIMED,
            token=token,
            lease_until=Now() + LEASE,
            updated_at=Now(),
        )
    rows = Delivery.objects.filter(pk__in=ids, token=token).order_by("pk")
    return [_claimed(token, *row) for row in rows.values_list(*_OF_A_CLAIM)]


_OF_A_CLAIM = (
    *("pk", "digest_id", "subscriber_id", "address", "attempts", "reaps"),
    *("subscriber__key", "subscriber__name", "subscriber__wants"),
)


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


def _due_ids(digest_id: int, limit: int) -> list[int]:
    # One state at a time: the index then gives the rows in order, however long the
    # ledger. Outside PostgreSQL select_for_update does nothing, and an immediate
    # transaction is alone anyway.
    due = Delivery.objects.filter(digest_id=digest_id, next_attempt_at__lte=Now())
    due = due.order_by("next_attempt_at").select_for_update(skip_locked=True)
    ids: list[int] = []
    for state in WAITING:
        rows = due.filter(state=state, reaps__lt=SUSPECT_AFTER)
        ids += rows.values_list("pk", flat=True)[: limit - len(ids)]
    if ids:
        return ids
    suspects = due.filter(state__in=WAITING, reaps__gte=SUSPECT_AFTER)
    return list(suspects.values_list("pk", flat=True)[:1])


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
