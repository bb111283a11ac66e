"""What the deliverability doctor found, kept so that a page answers at once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class DoctorRunQuerySet(models.QuerySet["DoctorRun"]):
    def finished(self) -> "DoctorRunQuerySet":
        return self.filter(finished_at__isnull=False)

    def waiting(self) -> "DoctorRunQuerySet":
        """Asked for, and not carried out yet."""
        return self.filter(finished_at=None)


class DoctorRun(models.Model):
    """One examination: asked for by a person, carried out by a worker."""

    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("asked by"),
    )
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    # As `doctor.findings` writes them; put into words when they are read.
    findings = models.JSONField(_("findings"), default=list, blank=True)

    objects = DoctorRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("examination of the mail")
        verbose_name_plural = _("examinations of the mail")
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"
