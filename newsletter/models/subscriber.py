"""Who asked for the digest, what they consented to, and who must not be mailed."""

import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from editorial.models import hash_token
from newsletter.states import SubscriberState


def canonical_address(address: str) -> str:
    """The form under which two spellings are one mailbox: lower case, ASCII domain.

    Plus-tags and dots stay: they are different mailboxes at most providers.
    """
    local, at, domain = address.strip().lower().rpartition("@")
    with suppress(UnicodeError):  # no name that DNS knows stays as it is
        domain = domain.encode("idna").decode()
    return f"{local}{at}{domain}"


def address_hash(canonical: str) -> str:
    """Tells whether an address is one that was deleted, and to nobody what it was.

    Keyed by SECRET_KEY: who has the database alone cannot find it by trying.
    """
    key = salted_hmac("newsletter.erasure", canonical, algorithm="sha256")
    return key.hexdigest()


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def confirmed(self) -> "SubscriberQuerySet":
        return self.filter(state=SubscriberState.CONFIRMED)

    def paused(self) -> "SubscriberQuerySet":
        """Confirmed, and asked for no mail as yet (by the database's clock)."""
        return self.confirmed().filter(paused_until__gt=Now())

    def mailable(self) -> "SubscriberQuerySet":
        """Confirmed, not pausing and not suppressed: who a digest goes to."""
        awake = models.Q(paused_until=None) | models.Q(paused_until__lte=Now())
        suppressed = Suppression.objects.filter(
            canonical_address=models.OuterRef("canonical_address")
        )
        return self.confirmed().filter(awake).exclude(models.Exists(suppressed))

    def suppressed(self) -> "SubscriberQuerySet":
        """Of whatever state, with an address that must not be mailed."""
        listed = Suppression.objects.values("canonical_address")
        return self.filter(canonical_address__in=listed)

    def shown_as(self, word: str) -> "SubscriberQuerySet":
        """Those a word of a list's filter means; everybody for any other word."""
        if word == "paused":
            return self.paused()
        if word == "suppressed":
            return self.suppressed()
        return self.filter(state=word) if word in SubscriberState else self.all()

    def by_state(self) -> dict[SubscriberState, int]:
        """How many there are in each state; every state has its number."""
        counts = dict(self.order_by().values_list("state").annotate(models.Count("pk")))
        return {state: counts.get(state.value, 0) for state in SubscriberState}

    def matching(self, text: str) -> "SubscriberQuerySet":
        """Those whose address or name contains `text`."""
        return self.filter(
            models.Q(address__icontains=text) | models.Q(name__icontains=text)
        )

    def get_or_add(self, address: str) -> "Subscriber":
        """The subscriber of this address, new (pending) or known.

        The same two statements for either, so that the time tells nobody which it was.
        """
        new = Subscriber(address=address)
        new.complete()
        Subscriber.objects.bulk_create([new], ignore_conflicts=True)
        return Subscriber.objects.get(canonical_address=new.canonical_address)


class Subscriber(models.Model):
    """One mailbox of a reader."""

    class Wants(models.TextChoices):
        HTML = "html", _("With pictures and layout (HTML)")
        TEXT = "text", _("Plain text only")

    address = models.EmailField(_("mail address"))
    canonical_address = models.CharField(
        _("canonical mail address"), max_length=254, unique=True, editable=False
    )
    name = models.CharField(_("name"), max_length=60, blank=True)
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=SubscriberState,
        default=SubscriberState.PENDING,
        db_index=True,
        editable=False,
    )
    wants = models.CharField(
        _("form of the mail"), max_length=4, choices=Wants, default=Wants.HTML
    )
    # The first moment at which mail is welcome again; a digest before it passes by.
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    # Part of the unsubscribe link; does not expire, names subscriber and list.
    key = models.CharField(_("key"), max_length=43, unique=True, editable=False)
    is_sample = models.BooleanField(_("of the sample"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    confirmed_at = models.DateTimeField(
        _("confirmed at"), null=True, blank=True, editable=False
    )
    unsubscribed_at = models.DateTimeField(
        _("unsubscribed at"), null=True, blank=True, editable=False
    )

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="confirmed_subscriber_says_when",
                condition=~models.Q(state=SubscriberState.CONFIRMED)
                | models.Q(confirmed_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.address

    def save(self, *args, **kwargs) -> None:
        self.complete()
        super().save(*args, **kwargs)

    def complete(self) -> None:
        """Work out what follows from the address; a new subscriber gets a key."""
        self.canonical_address = canonical_address(self.address)
        if not self.key:
            self.key = secrets.token_urlsafe(32)

    @property
    def masked_address(self) -> str:
        """Enough of the address for its owner: links are forwarded and logged.

        A word joiner keeps the end of a line from parting it before its @.
        """
        local, _at, domain = self.address.rpartition("@")
        return f"{local[:1]}…\u2060@{domain}"

    @property
    def is_paused(self) -> bool:
        """Whether mail waits; the ledger asks the database's clock (`paused`)."""
        return self.paused_until is not None and self.paused_until > timezone.now()

    @property
    def has_left(self) -> bool:
        return self.state == SubscriberState.UNSUBSCRIBED


class ConfirmationQuerySet(models.QuerySet["Confirmation"]):
    def owed(self, now: datetime) -> "ConfirmationQuerySet":
        """Mails still to be sent that no worker is busy with, oldest first."""
        free = models.Q(lease_until=None) | models.Q(lease_until__lte=now)
        return self.filter(free, sent_at=None, used_at=None, failed_at=None)

    def by_token(
        self, token: str, purpose: "Confirmation.Purpose"
    ) -> "Confirmation | None":
        """The one this token was mailed for; a token serves no other purpose."""
        return (
            self.filter(token_hash=hash_token(token), purpose=purpose)
            .select_related("subscriber", "replaces")
            .first()
        )


class Confirmation(models.Model):
    """A mailed link that proves whose mailbox it is: its token (256 bits) as a hash.

    The row is the outbox as well: while `sent_at`, `used_at` and `failed_at` are empty
    the mail is owed. The token is made when the mail is, afresh by each attempt.
    """

    class Purpose(models.TextChoices):
        SUBSCRIBE = "subscribe", _("to subscribe")
        MOVE = "move", _("to change the address")
        DATA = "data", _("to download one's data")

    LIFETIME = timedelta(hours=48)

    subscriber = models.ForeignKey(
        Subscriber,
        on_delete=models.CASCADE,
        related_name="confirmations",
        verbose_name=_("subscriber"),
    )
    purpose = models.CharField(
        _("purpose"), max_length=9, choices=Purpose, default=Purpose.SUBSCRIBE
    )
    # The subscription that this one takes the place of when its address is confirmed.
    replaces = models.ForeignKey(
        Subscriber,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="moves",
        verbose_name=_("in place of"),
    )
    token_hash = models.CharField(  # noqa: DJ001  (unique: two empty ones would clash)
        _("hash of the token"),
        max_length=64,
        unique=True,
        null=True,
        editable=False,
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="only_a_move_replaces",
                condition=models.Q(purpose="move", replaces__isnull=False)
                | models.Q(~models.Q(purpose="move"), replaces__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"confirmation for subscriber {self.subscriber_id}"

    @property
    def expired(self) -> bool:
        return timezone.now() >= self.expires_at


# How a reader's deed came about, in words; what is not here is told as it is kept.
MEANS = {
    "form": pgettext_lazy("how a reader agreed", "form on our site"),
    "embed": pgettext_lazy("how a reader agreed", "form on another site"),
    "link": pgettext_lazy("how a reader agreed", "link in the mail to confirm"),
    "page": pgettext_lazy("how a reader agreed", "page behind the mail's link"),
    "one-click": pgettext_lazy("how a reader agreed", "mail program's own button"),
    "again": pgettext_lazy("how a reader agreed", "asked again"),
    "move": pgettext_lazy("how a reader agreed", "change of address"),
    "import": pgettext_lazy("how a reader agreed", "imported list"),
    "desk": pgettext_lazy("how a reader agreed", "on the desk"),
    "admin": pgettext_lazy("how a reader agreed", "in Django admin"),
    "api": pgettext_lazy("how a reader agreed", "API"),
    "provider": pgettext_lazy("how a reader agreed", "told by the mail provider"),
    "sample": pgettext_lazy("how a reader agreed", "sample"),
}


class Consent(models.Model):
    """What a reader asked for, and when. Append-only."""

    class Deed(models.TextChoices):
        REQUESTED = "requested", _("asked to subscribe")
        CONFIRMED = "confirmed", _("confirmed")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")

    subscriber = models.ForeignKey(
        Subscriber,
        null=True,
        on_delete=models.SET_NULL,
        related_name="consents",
        verbose_name=_("subscriber"),
    )
    deed = models.CharField(_("deed"), max_length=12, choices=Deed)
    how = models.CharField(_("by what means"), max_length=20)
    # Keyed hash of the network (IPv4 address or IPv6 /64) it came from; serves the
    # rate limit and as proof, and tells no address.
    network_hash = models.CharField(
        _("hash of the network"), max_length=64, blank=True, db_index=True
    )
    # Where it was given: the site of an embedded form, or what an imported list says.
    source = models.CharField(_("where from"), max_length=300, blank=True)
    imported = models.ForeignKey(
        "ReaderImport",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="consents",
        verbose_name=_("import"),
    )
    # An imported one is as old as the list says.
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.deed} {self.at:%Y-%m-%d %H:%M}"

    @property
    def means(self) -> str:
        return str(MEANS.get(self.how, self.how))


class Erasure(models.Model):
    """That somebody had everything about them deleted: no address, a keyed hash of it.

    It keeps an old list from bringing them back; they themselves may subscribe again.
    """

    address_hash = models.CharField(
        _("hash of the address"), max_length=64, unique=True
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"


class Suppression(models.Model):
    """An address that must never be mailed again, and why."""

    class Cause(models.TextChoices):
        HARD_BOUNCE = "hard_bounce", _("The mailbox does not exist")
        BOUNCES = "bounces", _("Bounced at three issues")
        COMPLAINT = "complaint", _("Complained")
        BY_HAND = "by_hand", _("Entered by hand")

    canonical_address = models.CharField(
        _("canonical mail address"), max_length=254, unique=True
    )
    cause = models.CharField(_("cause"), max_length=12, choices=Cause)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.canonical_address
