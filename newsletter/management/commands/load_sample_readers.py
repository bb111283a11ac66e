"""Load readers for the sample publication. Development only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from editorial.models import Publication
from newsletter.models import Consent, Subscriber
from newsletter.states import SubscriberState

# Invented, on domains that can belong to nobody (RFC 2606).
NAMES = (
    *("aoxue", "baiwei", "changge", "danqing", "erya", "fengqi", "guyu", "hanlu"),
    *("jianjia", "kongshan", "lingyun", "muyu", "nianqing", "oubei", "pinghu"),
    *("qingming", "ruoshui", "shuangjiang", "tingsong", "wangchuan", "xiaoman"),
    *("yuhang", "zhaoxia", "alice", "bjorn", "carla", "dmitri", "emeka", "fatima"),
    *("giulia", "hiroshi", "ines", "jun", "kofi", "lena", "mateo"),
)
DOMAINS = ("readers.example", "cloudfolk.example", "ops.example")
# Every ninth has not confirmed yet, every twelfth has left again.
PENDING, LEFT = 9, 12


class Command(BaseCommand):
    help = (
        "Gives the sample publication a few dozen invented readers, all on .example "
        "addresses. Safe to run twice. Refuses outside development and beside a "
        "publication of one's own."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        publication = Publication.objects.current()
        if not settings.DEVELOPMENT:
            raise CommandError("Sample readers load in development only.")
        if publication is None or not publication.is_sample:
            raise CommandError("There is no sample publication; see load_sample.")
        made = load_readers()
        self.stdout.write(f"{made} sample readers loaded, {len(NAMES)} in all.")


@transaction.atomic
def load_readers() -> int:
    """Make those that are not there yet; returns how many."""
    return sum(_make(number, name) for number, name in enumerate(NAMES, start=1))


def _make(number: int, name: str) -> bool:
    address = f"{name}@{DOMAINS[number % len(DOMAINS)]}"
    asked_at = timezone.now() - timedelta(days=number * 3, hours=number % 11)
    confirmed_at = None if number % PENDING == 0 else asked_at + timedelta(minutes=7)
    left_at = None if number % LEFT or not confirmed_at else asked_at + timedelta(14)
    reader, is_new = Subscriber.objects.get_or_create(
        address=address,
        defaults={
            "state": _state(confirmed_at, left_at),
            "confirmed_at": confirmed_at,
            "unsubscribed_at": left_at,
            "is_sample": True,
        },
    )
    if is_new:
        Subscriber.objects.filter(pk=reader.pk).update(created_at=asked_at)
        _remember(
            reader, requested=asked_at, confirmed=confirmed_at, unsubscribed=left_at
        )
    return is_new


def _state(confirmed_at: Any, left_at: Any) -> SubscriberState:
    if left_at:
        return SubscriberState.UNSUBSCRIBED
    return SubscriberState.CONFIRMED if confirmed_at else SubscriberState.PENDING


def _remember(reader: Subscriber, **deeds: Any) -> None:
    """The consent rows that such a history would have left."""
    for deed, at in deeds.items():
        if at:
            row = Consent.objects.create(subscriber=reader, deed=deed, how="sample")
            Consent.objects.filter(pk=row.pk).update(at=at)
