"""Subscription bombing: what one address gets, what one network may ask for."""

from datetime import timedelta

from django.utils import timezone

from newsletter.models import Consent, Subscriber

ADDRESS_REST = timedelta(minutes=15)
ADDRESS_DAILY = 3
NETWORK_WINDOW = timedelta(minutes=5)
NETWORK_REQUESTS = 5


class TooManyRequests(Exception):
    """This network asked too often; `retry_after` says in how many seconds it may."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many requests, again in {retry_after} s")
        self.retry_after = retry_after


def limit_network(network: str) -> None:
    now = timezone.now()
    recent = Consent.objects.filter(
        network_hash=network,
        deed=Consent.Deed.REQUESTED,
        at__gt=now - NETWORK_WINDOW,
    ).order_by("-at")
    times = list(recent.values_list("at", flat=True)[:NETWORK_REQUESTS])
    if len(times) == NETWORK_REQUESTS:
        wait = times[-1] + NETWORK_WINDOW - now
        raise TooManyRequests(retry_after=max(1, round(wait.total_seconds())))


def had_mail_enough(subscriber: Subscriber) -> bool:
    now = timezone.now()
    asked = subscriber.confirmations.filter(created_at__gt=now - timedelta(days=1))
    times = list(asked.order_by("-created_at").values_list("created_at", flat=True)[:3])
    return len(times) >= ADDRESS_DAILY or any(at > now - ADDRESS_REST for at in times)
