"""What becomes of a line: taken as something, or refused for one reason.

Nobody is asked twice, nobody who left here is brought back, nobody suppressed is
confirmed. What somebody did here themselves counts more than an old list, unless the
list knows of a later goodbye.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.core.exceptions import ValidationError
from django.db.models import Max, Q

from newsletter.models import (
    Consent,
    Erasure,
    Subscriber,
    Suppression,
    address_hash,
    canonical_address,
)
from newsletter.states import Refusal, SubscriberState
from newsletter.subscriptions.addresses import clean_address

from .columns import Standing
from .reading import Line

# What Substack puts in place of an address whose owner asked to be forgotten.
FORGOTTEN = "@deletion-request.substack.com"
GONE = frozenset({Standing.BOUNCED, Standing.COMPLAINED})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line whose address is one; `canonical` tells it from others."""

    line: Line
    address: str
    canonical: str


def read_address(line: Line) -> Candidate | Refusal:
    """The line with its address, or why it cannot be looked at any further."""
    if line.broken:
        return Refusal.BROKEN
    if not line.address or line.address.lower().endswith(FORGOTTEN):
        return Refusal.NO_ADDRESS
    try:
        address = clean_address(line.address)
    except ValidationError:
        return Refusal.INVALID
    if line.standing is None:
        return Refusal.STANDING
    return Candidate(line, address, canonical_address(address))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known here about the addresses of one batch."""

    subscribers: dict[str, Subscriber]
    themselves: dict[int, datetime]  # when a subscriber last confirmed by a mail
    suppressed: frozenset[str]
    erased: frozenset[str]

    @classmethod
    def about(cls, batch: Sequence[Candidate]) -> Self:
        addresses = [candidate.canonical for candidate in batch]
        same = {"canonical_address__in": addresses}
        found = Subscriber.objects.filter(**same).only("canonical_address", "state")
        by_address = {subscriber.canonical_address: subscriber for subscriber in found}
        own = Q(deed=Consent.Deed.CONFIRMED) & ~Q(how="import")
        confirmed = Consent.objects.filter(own, subscriber__in=by_address.values())
        hashes = {address_hash(address): address for address in addresses}
        erased = Erasure.objects.filter(address_hash__in=hashes)
        listed = Suppression.objects.filter(**same)
        return cls(
            by_address,
            dict(confirmed.order_by().values_list("subscriber").annotate(Max("at"))),
            frozenset(listed.values_list("canonical_address", flat=True)),
            frozenset(
                hashes[hashed]
                for hashed in erased.values_list("address_hash", flat=True)
            ),
        )

    def refusal_of(self, candidate: Candidate) -> Refusal | None:
        """Why the line is not taken; None where it is."""
        reader = self.subscribers.get(candidate.canonical)
        match candidate.line.standing:
            case Standing.UNCONFIRMED:
                return Refusal.UNCONFIRMED
            case Standing.SUBSCRIBED:
                return self._refusal_of_reader(candidate.canonical, reader)
            case Standing.UNSUBSCRIBED:
                return self._refusal_of_goodbye(candidate, reader)
        if candidate.canonical in self.suppressed:
            return Refusal.KNOWN
        return self._stays(candidate, reader)

    def _refusal_of_reader(
        self, canonical: str, reader: Subscriber | None
    ) -> Refusal | None:
        if canonical in self.suppressed:
            return Refusal.SUPPRESSED
        if reader is None:
            return Refusal.ERASED if canonical in self.erased else None
        if reader.has_left:
            return Refusal.LEFT
        confirmed = reader.state == SubscriberState.CONFIRMED
        return Refusal.KNOWN if confirmed else None

    def _refusal_of_goodbye(
        self, candidate: Candidate, reader: Subscriber | None
    ) -> Refusal | None:
        if reader is None:
            return Refusal.ERASED if candidate.canonical in self.erased else None
        return Refusal.KNOWN if reader.has_left else self._stays(candidate, reader)

    def _stays(self, candidate: Candidate, reader: Subscriber | None) -> Refusal | None:
        """They confirmed here by a mail, and the list knows of no later goodbye."""
        own = self.themselves.get(reader.pk) if reader else None
        if own is None:
            return None
        left = candidate.line.left_at
        return None if left is not None and left > own else Refusal.STAYS
