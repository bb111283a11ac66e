"""Digests that were sent, with what came back: for the pages that tell of it."""

from django.utils import timezone

from newsletter.models import Delivery, Digest, DigestLink, MailEvent
from newsletter.states import DeliveryState, Outcome
from tests.factories import DeliveryFactory, DigestFactory


def sent(digest: Digest, count: int = 1) -> list[Delivery]:
    """Deliveries of this digest that the server took."""
    return [
        DeliveryFactory(
            digest=digest,
            state=DeliveryState.SENT,
            outcome=Outcome.ACCEPTED,
            sent_at=timezone.now(),
        )
        for _ in range(count)
    ]


def came_back(delivery: Delivery, kind: str, name: str = "") -> MailEvent:
    source = f"{delivery.pk}/{kind}/{name}"
    return MailEvent.objects.create(delivery=delivery, kind=kind, source=source)


def followed(digest: Digest, item: int | None, clicks: int, **fields) -> DigestLink:
    """A link of the digest, so often followed."""
    words = {"item": f"第 {item} 条", "section": "新闻"} if item else {}
    position = digest.links.count()
    return DigestLink.objects.create(
        digest=digest,
        position=position,
        token=f"{digest.pk}-{position}",
        url=f"https://a.test/{position}",
        item_number=item,
        clicks=clicks,
        **(words | fields),
    )


def received_digest(**fields) -> Digest:
    """Four mails taken: one bounced, one complained about; two items followed."""
    digest = DigestFactory(sending=True, **fields)
    first, second, *_rest = sent(digest, 4)
    came_back(first, MailEvent.Kind.BOUNCE_HARD)
    came_back(second, MailEvent.Kind.COMPLAINT)
    followed(digest, 1, 3)
    followed(digest, 2, 6, scans=9)
    return digest
