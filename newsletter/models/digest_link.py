"""The links of a digest, frozen with it, and how often they were followed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .digest import Digest


class DigestLink(models.Model):
    """One address a digest leads to. Counts, and nothing about who followed it."""

    digest = models.ForeignKey(
        Digest,
        on_delete=models.CASCADE,
        related_name="links",
        verbose_name=_("digest"),
    )
    position = models.PositiveSmallIntegerField(_("position"))
    # What the mail says instead of the address. Kept, so that links in old mails work
    # under a new secret key too.
    token = models.CharField(_("token"), max_length=24, unique=True, editable=False)
    url = models.TextField(_("address"))
    # Where it stands in the issue as printed; "" and None outside its items.
    section = models.CharField(_("section"), max_length=80, blank=True)
    item = models.CharField(_("item"), max_length=200, blank=True)
    item_number = models.PositiveSmallIntegerField(_("number"), null=True, blank=True)
    clicks = models.PositiveIntegerField(_("clicks"), default=0)
    # Followed by programs that look for harm; nobody read anything.
    scans = models.PositiveIntegerField(_("visits by scanners"), default=0)
    # The batch counted last: one that is counted twice adds nothing.
    batch = models.CharField(_("batch"), max_length=24, blank=True, editable=False)

    class Meta:
        verbose_name = _("link of a digest")
        verbose_name_plural = _("links of digests")
        ordering = ["digest", "position"]

    def __str__(self) -> str:
        return self.url
