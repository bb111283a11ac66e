"""How many rows stand where."""

from collections.abc import Sequence
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from newsletter.models import Delivery
from newsletter.states import DELIVERY_OPEN, DeliveryState


def has_open(digest_id: int) -> bool:
    """Whether any row is not settled yet."""
    return Delivery.objects.filter(
        digest_id=digest_id, state__in=DELIVERY_OPEN
    ).exists()


def tally(digest_id: int) -> dict[DeliveryState, int]:
    """How many rows stand in each state; every state has its number."""
    counts = dict(
        Delivery.objects.filter(digest_id=digest_id)
        .order_by()
        .values_list("state")
        .annotate(models.Count("pk"))
    )
    return {state: counts.get(state.value, 0) for state in DeliveryState}


def left_within(seconds: int, *, domains: Sequence[str] = ()) -> int:
    """How many mails may have left in the last so many seconds (to these domains)."""
    dots = Q(state__in=(DeliveryState.SENT, DeliveryState.SENDING))
    since = Now() - timedelta(seconds=seconds)
    rows = Delivery.objects.filter(dots | ~Q(code=None), updated_at__gt=since)
    if domains:
        ends = [Q(canonical_address__endswith=f"@{domain}") for domain in domains]
        rows = rows.filter(reduce(or_, ends))
    return rows.count()
