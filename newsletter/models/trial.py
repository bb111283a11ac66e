"""Test mails: which revision they showed, and to how many."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from editorial.models import IssueRevision

from .digest import Digest


class TrialGroup(models.Model):
    """One's own people, by name, who see a digest before its readers do."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("colleagues"),
    )
    # Mailboxes outside the desk, such as one at each big provider; for admins alone.
    addresses = models.JSONField(_("other addresses"), default=list, blank=True)

    class Meta:
        verbose_name = _("test group")
        verbose_name_plural = _("test groups")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TrialQuerySet(models.QuerySet["Trial"]):
    def arrived(self) -> "TrialQuerySet":
        """Those of which the mail server took at least one copy."""
        return self.filter(accepted__gt=0)


class Trial(models.Model):
    """A test mail of one revision: written down before it leaves, then counted.

    So the limits hold also for what is on its way, and a changed text has no test.
    """

    digest = models.ForeignKey(
        Digest,
        on_delete=models.CASCADE,
        related_name="trials",
        verbose_name=_("digest"),
    )
    revision = models.ForeignKey(
        IssueRevision,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("revision"),
    )
    copies = models.PositiveSmallIntegerField(_("copies"))
    accepted = models.PositiveSmallIntegerField(_("copies accepted"), default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    by_name = models.CharField(_("name then"), max_length=60)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        verbose_name = _("test mail")
        verbose_name_plural = _("test mails")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.digest}: {self.accepted}/{self.copies}"
