"""What journeys of sending share: a long list, workers that were told of it, counts."""

from collections import Counter
from datetime import timedelta

from django.core.cache import cache
from django.db.models.functions import Now

from newsletter import digests
from newsletter.models import Delivery, Digest, Subscriber
from newsletter.states import DELIVERY_TERMINAL, DeliveryState, DigestState
from tests.factories import DigestFactory, PublicationFactory

SENDERS, CONNECTIONS = 4, 8


def frozen_digest(*, readers: int, editor) -> Digest:
    """A digest to so many confirmed readers, ready for whoever sends first."""
    PublicationFactory()
    Subscriber.objects.bulk_create(
        Subscriber(
            address=f"r{n}@readers.test",
            canonical_address=f"r{n}@readers.test",
            key=f"{n:043}",
            state="confirmed",
            confirmed_at=Now(),
        )
        for n in range(readers)
    )
    digest = digests.start_digest(digest=DigestFactory(), by=editor)
    digests.freeze_digest(digest_id=digest.pk)
    return digest


def start_worker(launch, **env):
    """A worker that has been told of the digest, as the sweep does every 15 s."""
    # One process more than senders, so that it can answer while they are at work.
    many = {"DIGEST_SENDERS": str(SENDERS), "EMAIL_CONNECTIONS": str(CONNECTIONS)}
    worker = launch.worker(concurrency=SENDERS + 1, **many | env)
    digests.sweep()
    return worker


def let_the_leases_of_the_dead_run_out() -> None:
    Delivery.objects.exclude(lease_until=None).update(
        lease_until=Now() - timedelta(seconds=1)
    )
    cache.clear()  # their seats
    digests.reap()


def is_settled() -> bool:
    return not Delivery.objects.exclude(state__in=DELIVERY_TERMINAL).exists()


def is_done() -> bool:
    return Digest.objects.get().state == DigestState.DONE


def copies(mails) -> Counter:
    return Counter(mail.recipients[0] for mail in mails)


def everybody() -> set[str]:
    return set(Subscriber.objects.values_list("address", flat=True))


def uncertain() -> set[str]:
    rows = Delivery.objects.filter(state=DeliveryState.UNKNOWN)
    return set(rows.values_list("address", flat=True))
