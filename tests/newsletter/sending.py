"""What tests of sending share: one shift of the pump, and scripts for the server."""

from collections.abc import Callable
from threading import Thread

from django.db import connection

from newsletter import digests
from newsletter.models import Delivery


def send(digest, **options) -> int:
    """One shift; the digest is fresh afterwards."""
    accepted = digests.send_digest(digest_id=digest.pk, **options)
    digest.refresh_from_db()
    return accepted


def states() -> list[str]:
    """Of all deliveries, in the order of their rows."""
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def answer(step: str, words: object, *, to: str = ""):
    """A script that gives this answer at this step, to everyone or to one address."""
    return lambda asked, address: (
        words if asked == step and (not to or address == to) else None
    )


def elsewhere(work: Callable[[], object]) -> None:
    """Do something in the database as another process would, from a script."""

    def run():
        work()
        connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()
