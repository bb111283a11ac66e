"""Deleting a reader on their word: what goes, and the little that has to stay.

Gone: the subscriber with address, name and choices, every consent, every link that was
mailed. The ledger keeps its counts with the address taken out of its rows. What stays:
a keyed hash (`Erasure`), by which an old list brings nobody back, and a suppression
where there is one, because only the address itself can keep it from being mailed
(GDPR, Article 17(3)(e) and 21(3): the wish not to be mailed outlives the data).
"""

from django.db import transaction

from newsletter.digests import ledger
from newsletter.models import (
    Consent,
    Erasure,
    RefusedLine,
    Release,
    Subscriber,
    address_hash,
)


@transaction.atomic
def erase(*, reader: Subscriber) -> None:
    """Delete everything about a reader but what the module's text says."""
    ledger.forget(reader)
    released = Release.objects.filter(canonical_address=reader.canonical_address)
    released.update(canonical_address="")
    refused = RefusedLine.objects.filter(address__iexact=reader.address)
    refused.update(address="")
    Consent.objects.filter(subscriber=reader).delete()
    Erasure.objects.get_or_create(address_hash=address_hash(reader.canonical_address))
    reader.delete()
