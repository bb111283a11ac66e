"""A test mail of the check-up, and what its headers said when it had arrived."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CheckMailQuerySet(models.QuerySet["CheckMail"]):
    def read(self) -> "CheckMailQuerySet":
        """Arrived, and its source is known."""
        return self.filter(read_at__isnull=False)


class CheckMail(models.Model):
    """Sent like a digest to an address of our own; its source tells who signed it."""

    sent_at = models.DateTimeField(_("sent at"), auto_now_add=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("sent by"),
    )
    # Stands in the mail's X-Delivery-ID.
    token = models.CharField(_("token"), max_length=32, unique=True)
    # From whom and by which way; another sender or relay needs another mail.
    sender = models.CharField(_("sender"), max_length=254)
    relay = models.CharField(_("mail server"), max_length=254)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    # As `doctor.findings` writes them.
    findings = models.JSONField(_("findings"), default=list, blank=True)

    objects = CheckMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("test mail of the check-up")
        verbose_name_plural = _("test mails of the check-up")
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H:%M}"
