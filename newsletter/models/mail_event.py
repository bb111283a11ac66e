"""What came back after sending, and what was decided about it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .digest import Delivery
from .subscriber import Suppression


class MailEventQuerySet(models.QuerySet["MailEvent"]):
    def of_address(self, canonical_address: str) -> "MailEventQuerySet":
        return self.filter(delivery__canonical_address=canonical_address)

    def soft_bounces(self) -> "MailEventQuerySet":
        return self.filter(kind=MailEvent.Kind.BOUNCE_SOFT)


class MailEvent(models.Model):
    """Something a server or a reader said about one delivery. Append-only."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", _("delivered")
        DELAYED = "delayed", _("delayed, still being tried")
        BOUNCE_SOFT = "bounce_soft", _("bounced for now")
        BOUNCE_HARD = "bounce_hard", _("the mailbox does not exist")
        BOUNCE_OTHER = "bounce_other", _("refused for another reason")
        COMPLAINT = "complaint", _("complained")

    BOUNCES = (Kind.BOUNCE_SOFT, Kind.BOUNCE_HARD, Kind.BOUNCE_OTHER)

    delivery = models.ForeignKey(
        Delivery,
        on_delete=models.CASCADE,
        related_name="mail_events",
        verbose_name=_("delivery"),
    )
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    # RFC 3463, such as "5.1.1"; "" where nobody said it.
    status = models.CharField(_("status"), max_length=11, blank=True)
    # The server's words without addresses: editors see them, addresses they do not.
    diagnostic = models.CharField(_("answer"), max_length=500, blank=True)
    # Names the report it was read from: one that arrives twice is one event.
    source = models.CharField(_("report"), max_length=64, unique=True, editable=False)
    at = models.DateTimeField(_("at"), default=timezone.now)

    objects = MailEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail event")
        verbose_name_plural = _("mail events")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["kind", "at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.status} of delivery {self.delivery_id}"


class Release(models.Model):
    """An address that an admin took off the suppression list, and why. Append-only."""

    canonical_address = models.CharField(
        _("canonical mail address"), max_length=254, db_index=True
    )
    cause = models.CharField(
        _("cause"), max_length=12, choices=Suppression.Cause.choices
    )
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    by_name = models.CharField(_("name then"), max_length=60, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("release from the suppression list")
        verbose_name_plural = _("releases from the suppression list")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.canonical_address} {self.at:%Y-%m-%d %H:%M}"


class Stray(models.Model):
    """A returned mail that could not be understood: kept until a person has looked."""

    class Reason(models.TextChoices):
        NAMELESS = "nameless", _("It names no mail of ours")
        SEVERAL = "several", _("It names several mails of ours")
        NO_REPORT = "no_report", _("It does not say what went wrong")
        BROKEN = "broken", _("It cannot be read as a mail")

    # The message's place in the polled mailbox, or the hash of one piped in.
    place = models.CharField(_("place"), max_length=80, unique=True, editable=False)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    subject = models.CharField(_("mail subject"), max_length=200, blank=True)
    # Only of one piped in: a polled one stays in its mailbox.
    content = models.BinaryField(_("content"), default=bytes, editable=False)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("returned mail not understood")
        verbose_name_plural = _("returned mails not understood")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"
