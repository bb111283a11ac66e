"""States of subscriber, digest and delivery, and the tables of allowed moves."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SubscriberState(models.TextChoices):
    PENDING = "pending", _("Waiting for confirmation")
    CONFIRMED = "confirmed", _("Confirmed")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")


class DigestState(models.TextChoices):
    HELD = "held", _("Held")
    FREEZING = "freezing", _("Preparing")
    SENDING = "sending", _("Sending")
    PAUSED = "paused", _("Paused")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    CLAIMED = "claimed", _("Claimed by a sender")
    SENDING = "sending", _("Final dot on its way")
    SENT = "sent", _("Sent")
    RETRY = "retry", _("To be tried again")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Uncertain")
    SKIPPED = "skipped", _("Skipped")


DIGEST_MOVES: dict[DigestState, frozenset[DigestState]] = {
    DigestState.HELD: frozenset({DigestState.FREEZING, DigestState.CANCELLED}),
    DigestState.FREEZING: frozenset({DigestState.SENDING, DigestState.CANCELLED}),
    DigestState.SENDING: frozenset(
        {DigestState.PAUSED, DigestState.DONE, DigestState.CANCELLED}
    ),
    DigestState.PAUSED: frozenset({DigestState.SENDING, DigestState.CANCELLED}),
    # An editor's "resend these N" opens a finished digest again.
    DigestState.DONE: frozenset({DigestState.SENDING}),
    DigestState.CANCELLED: frozenset(),
}

SUBSCRIBER_MOVES: dict[SubscriberState, frozenset[SubscriberState]] = {
    SubscriberState.PENDING: frozenset(
        {SubscriberState.CONFIRMED, SubscriberState.UNSUBSCRIBED}
    ),
    SubscriberState.CONFIRMED: frozenset({SubscriberState.UNSUBSCRIBED}),
    # Subscribing again starts at the beginning: a new confirmation is asked for.
    SubscriberState.UNSUBSCRIBED: frozenset({SubscriberState.PENDING}),
}

# A digest is done only when these sum to its expected count. An uncertain send is
# terminal for the pump: only a person's choice moves it on.
DELIVERY_TERMINAL = frozenset(
    {
        DeliveryState.SENT,
        DeliveryState.FAILED,
        DeliveryState.SKIPPED,
        DeliveryState.UNKNOWN,
    }
)
