"""What tests of sending share: one shift of the pump, and scripts for the server."""

from collections.abc import Callable
from threading import Barrier, Thread

from django.db import connection

from newsletter import digests
from newsletter.digests.letter import GREETING_MARKERS, PREFERENCES_MARKER
from newsletter.digests.letter import UNSUBSCRIBE_MARKER as UNSUBSCRIBE
from newsletter.models import Delivery, Digest
from tests.factories import DigestFactory


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


def all_at_once(count: int, work: Callable[[], object]) -> list[Exception]:
    """Do the same in so many threads, each with its own connection; what they raised."""
    start, raised = Barrier(count), []

    def run():
        start.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            raised.append(error)
        connection.close()

    threads = [Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


TEXT = f"{GREETING_MARKERS['en']}Hi.\nLeave: {UNSUBSCRIBE}\nYours: {PREFERENCES_MARKER}"


def digest_for(count: int, **fields) -> Digest:
    """A digest that is being sent, with every personal place in its text."""
    html = f'<p>{GREETING_MARKERS["en"]}Hi.</p><a href="{UNSUBSCRIBE}">Leave</a>'
    fields = {"text": TEXT, "html": html} | fields
    return DigestFactory(sending=True, readers=count, **fields)
