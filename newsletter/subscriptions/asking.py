"""What every request does, whoever asks and for whatever address.

It is the same work each time, so that neither the answer nor the time it takes tells a
stranger who reads this publication: it writes rows, and what becomes of them (a mail to
confirm, a reminder that one is subscribed already, nothing for a suppressed address) is
decided later, by `mailing`.
"""

from django.utils import timezone

from editorial import doorbell
from editorial.models import Publication
from newsletter.models import Confirmation, Consent, Subscriber
from newsletter.networks import network_hash
from newsletter.states import SubscriberState

from .addresses import clean_address
from .hints import require_lasting
from .limits import had_mail_enough, limit_network
from .moves import move, note_consent


def admit(*, address: str, client: str, how: str, source: str = "") -> Subscriber:
    """The subscriber of an address somebody typed, pending unless confirmed before.

    Call it inside a transaction. Raises ValidationError naming `address`, or
    TooManyRequests for the network of `client`.
    """
    address = clean_address(address)
    require_lasting(address)
    network = network_hash(client)
    # One at a time: the limits are counts, which a burst in parallel would pass.
    Publication.objects.select_for_update(no_key=True).current()
    limit_network(network)
    subscriber = Subscriber.objects.get_or_add(address)
    move(subscriber, SubscriberState.PENDING)
    deed = Consent.Deed.REQUESTED
    note_consent(subscriber, deed, how=how, network=network, source=source)
    return subscriber


def owe(
    subscriber: Subscriber,
    purpose: Confirmation.Purpose = Confirmation.Purpose.SUBSCRIBE,
    *,
    replaces: Subscriber | None = None,
) -> bool:
    """Put a mail with a link into the outbox. False: the address had enough of them."""
    if had_mail_enough(subscriber):
        return False
    Confirmation.objects.create(
        subscriber=subscriber,
        purpose=purpose,
        replaces=replaces,
        expires_at=timezone.now() + Confirmation.LIFETIME,
    )
    doorbell.ring("newsletter.send_confirmations")
    return True
