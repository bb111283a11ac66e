"""Changing one's address: the new mailbox is asked first, as by a new subscription."""

from django.db import transaction
from django.utils import timezone

from newsletter.digests import ledger
from newsletter.models import Confirmation, Consent, Subscriber
from newsletter.networks import network_hash
from newsletter.states import SubscriberState

from .asking import admit, owe
from .moves import move, note_consent
from .opting import Token


@transaction.atomic
def request_move(*, reader: Subscriber, address: str, client: str) -> None:
    """Ask at `address` whether a reader's mail may come there instead.

    Until that is confirmed nothing changes. Returns nothing, and the same nothing for
    every address; raises as `request_subscription` does.
    """
    target = admit(address=address, client=client, how="move")
    if target.pk == reader.pk:
        owe(target)  # the reminder that one is subscribed already
    else:
        owe(target, Confirmation.Purpose.MOVE, replaces=reader)


def look_at_move(*, token: str) -> tuple[Token, Confirmation | None]:
    """What a press on this link would do, and for whom. Changes nothing."""
    confirmation = Confirmation.objects.by_token(token, Confirmation.Purpose.MOVE)
    return _worth(confirmation), confirmation


@transaction.atomic
def confirm_move(*, token: str, client: str) -> tuple[Token, Confirmation | None]:
    """Let the mail come to the new address from now on; DONE however often asked.

    What the reader chose goes with it, and so does the copy of a digest that is being
    sent and has not been their turn. Both addresses keep their trail.
    """
    rows = Confirmation.objects.select_for_update(of=("self",))
    confirmation = rows.by_token(token, Confirmation.Purpose.MOVE)
    worth = _worth(confirmation)
    old = confirmation.replaces if confirmation else None
    if confirmation is None or old is None or worth is not Token.OPEN:
        return worth, confirmation
    new = confirmation.subscriber
    now, network = timezone.now(), network_hash(client)
    if not move(old, SubscriberState.UNSUBSCRIBED, unsubscribed_at=now):
        return Token.EXPIRED, confirmation  # left this very moment
    note_consent(old, Consent.Deed.UNSUBSCRIBED, how="move", network=network)
    move(new, SubscriberState.PENDING)  # unsubscribed since it asked
    if move(new, SubscriberState.CONFIRMED, confirmed_at=now):
        note_consent(new, Consent.Deed.CONFIRMED, how="move", network=network)
        Subscriber.objects.filter(pk=new.pk).update(
            name=old.name, wants=old.wants, paused_until=old.paused_until
        )
    ledger.readdress(old, new)
    Confirmation.objects.filter(pk=confirmation.pk).update(used_at=now)
    return Token.DONE, confirmation


def _worth(confirmation: Confirmation | None) -> Token:
    if confirmation is None or confirmation.replaces is None:
        return Token.UNKNOWN
    if confirmation.used_at:
        return Token.DONE
    stays = confirmation.replaces.state == SubscriberState.CONFIRMED
    return Token.OPEN if stays and not confirmation.expired else Token.EXPIRED
