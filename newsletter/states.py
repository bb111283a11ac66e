"""States of subscriber, digest and delivery, and the tables of allowed moves."""

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
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


class Outcome(models.TextChoices):
    """What the last attempt at a delivery came to; more than a state can say."""

    ACCEPTED = "accepted", _("Accepted by the mail server")
    ASSUMED = "assumed", _("Assumed delivered by an editor")
    DEFERRED = "deferred", _("The mail server asked to come back later")
    CUT = "cut", _("The connection broke")
    BOUNCED = "bounced", _("The mailbox does not exist")
    REFUSED = "refused", _("Refused by the mail server")
    EXHAUSTED = "exhausted", _("Put off until the last attempt")
    UNWRITTEN = "unwritten", _("The copy could not be written")
    CRASHED = "crashed", _("The sender stopped in the middle")
    LEFT = "left", _("Unsubscribed before their turn")
    PAUSED = "paused", _("Paused before their turn")
    SUPPRESSED = "suppressed", _("On the list of suppressed addresses")
    CANCELLED = "cancelled", _("The rest was cancelled")


class DigestVerb(models.TextChoices):
    """What can happen to a digest, as its history tells it."""

    HOLD = "hold", _("Held")
    COUNT = "count", _("Set to start by itself")
    TEST = "test", _("Test mail sent")
    UNTESTED = "untested", _("Ticked to go without a test mail")
    OVERRULED = "overruled", _("Sent despite the mail check-up")
    START = "start", _("Sending asked for")
    SELF_START = "self_start", _("Started by itself")
    FREEZE = "freeze", _("Text and readers written down")
    RATE = "rate", _("Speed changed")
    FIX = "fix", _("Text changed after publication")
    REFREEZE = "refreeze", _("Text frozen again after a fix")
    PAUSE = "pause", _("Paused")
    RESUME = "resume", _("Sending goes on")
    CANCEL = "cancel", _("Cancelled")
    FINISH = "finish", _("Done")
    REOPEN = "reopen", _("Opened again")
    ASSUME = "assume", _("Uncertain ones assumed delivered")
    RESEND = "resend", _("Uncertain ones sent again")


class PauseReason(models.TextChoices):
    """Why a digest stands still; what a person must look at before it goes on."""

    BY_HAND = "by_hand", _("Paused by hand")
    WITHDRAWN = "withdrawn", _("The issue was withdrawn")
    STREAK = "streak", _("Too many errors in a row")
    SHARE = "share", _("Too many errors among the last 200 mails")
    RELAY = "relay", _("The mail server does not let us in")
    LEDGER = "ledger", _("The ledger does not add up to the number frozen")
    RENDERING = "rendering", _("The mail could not be rendered")
    MISSED = "missed", _("Nothing was running when it was to start by itself")
    REFUSED = "refused", _("It could not start by itself")
    RESTORED = (
        "restored",
        _(
            "Restored from a backup: it may have been sent since, so look before resuming"
        ),
    )


# By class: the values of two choices of different classes may be the same.
_WORDS_OF_A_PROVIDER: dict[type, dict[str, str | Promise]] = {
    Outcome: {
        Outcome.ACCEPTED: _("Accepted by the provider"),
        Outcome.DEFERRED: _("The provider asked to come back later"),
        Outcome.REFUSED: _("Refused by the provider"),
    },
    PauseReason: {PauseReason.RELAY: _("The provider does not let us in")},
}


def words_of(choice: Outcome | PauseReason) -> str:
    """Its label, which names what takes our mail: a mail server, or a provider."""
    if not settings.EMAIL_PROVIDER:
        return str(choice.label)
    return str(_WORDS_OF_A_PROVIDER[type(choice)].get(choice, choice.label))


class ImportState(models.TextChoices):
    DRAFT = "draft", _("Columns to be chosen")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked, nothing written yet")
    RUNNING = "running", _("Being imported")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Stopped by an error")


class Refusal(models.TextChoices):
    """Why a line of an imported list is not taken."""

    BROKEN = "broken", _("The line cannot be read")
    NO_ADDRESS = "no_address", _("No address in it")
    INVALID = "invalid", _("Not a mail address")
    STANDING = "standing", _("Its state is a word we do not know")
    UNCONFIRMED = "unconfirmed", _("Never confirmed there")
    DUPLICATE = "duplicate", _("In the file before")
    KNOWN = "known", _("Known here already, with the same state")
    LEFT = "left", _("Unsubscribed here: never brought back")
    SUPPRESSED = "suppressed", _("On the list of suppressed addresses")
    ERASED = "erased", _("Asked us to delete everything about them")
    STAYS = "stays", _("Confirmed here themselves since")


IMPORT_MOVES: dict[ImportState, frozenset[ImportState]] = {
    ImportState.DRAFT: frozenset({ImportState.CHECKING}),
    ImportState.CHECKING: frozenset({ImportState.CHECKED, ImportState.FAILED}),
    # Back to checking: the columns were chosen anew.
    ImportState.CHECKED: frozenset({ImportState.CHECKING, ImportState.RUNNING}),
    ImportState.RUNNING: frozenset({ImportState.DONE, ImportState.FAILED}),
    ImportState.DONE: frozenset(),
    ImportState.FAILED: frozenset(),
}

DIGEST_MOVES: dict[DigestState, frozenset[DigestState]] = {
    DigestState.HELD: frozenset({DigestState.FREEZING, DigestState.CANCELLED}),
    # Back to held: it could not be rendered, or its issue was withdrawn meanwhile.
    DigestState.FREEZING: frozenset(
        {DigestState.SENDING, DigestState.HELD, DigestState.CANCELLED}
    ),
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

# What a worker has not finished with.
DELIVERY_OPEN = frozenset(DeliveryState) - DELIVERY_TERMINAL

DELIVERY_MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PENDING: frozenset({DeliveryState.CLAIMED, DeliveryState.SKIPPED}),
    DeliveryState.RETRY: frozenset({DeliveryState.CLAIMED, DeliveryState.SKIPPED}),
    # Nothing left the house yet: whatever happens, the row may simply wait again.
    DeliveryState.CLAIMED: frozenset(
        {
            DeliveryState.SENDING,
            DeliveryState.PENDING,
            DeliveryState.RETRY,
            DeliveryState.FAILED,
            DeliveryState.SKIPPED,
        }
    ),
    # From here on only an answer of the server, or its absence, moves the row.
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.SENT,
            DeliveryState.RETRY,
            DeliveryState.FAILED,
            DeliveryState.UNKNOWN,
        }
    ),
    # A late answer, or a person: assume delivered (sent) or resend (pending).
    DeliveryState.UNKNOWN: frozenset(
        {
            DeliveryState.SENT,
            DeliveryState.RETRY,
            DeliveryState.FAILED,
            DeliveryState.PENDING,
        }
    ),
    DeliveryState.SENT: frozenset(),
    DeliveryState.FAILED: frozenset(),
    DeliveryState.SKIPPED: frozenset(),
}


class Fitness(models.TextChoices):
    """What the deliverability doctor says of one thing, the worst last."""

    OK = "ok", _("In order")
    ADVICE = "advice", _("Advice")
    UNKNOWN = "unknown", _("Could not look")
    FAILING = "failing", _("Must be mended")
