"""Links, which items use them, and what each visit found."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from editorial.fetching.verdicts import Reason, Verdict


class LinkQuerySet(models.QuerySet["Link"]):
    def of_issue(self, issue) -> "LinkQuerySet":
        return self.filter(item_links__item__issue=issue).distinct()


class Link(models.Model):
    """A URL as first written, less tracking parameters.

    `key` is its canonical form: it serves "seen before?" and the sharing of checks.
    Visits and readers get the URL as written.
    """

    url = models.URLField(_("address"), max_length=2048)
    key = models.CharField(_("key"), max_length=2048, unique=True)
    host = models.CharField(_("host"), max_length=255, db_index=True)
    verdict = models.CharField(
        _("verdict"),
        max_length=10,
        choices=[(v.value, v.label) for v in Verdict],
        default=Verdict.UNCHECKED.value,
    )
    reason = models.CharField(_("reason"), max_length=24, blank=True)
    moved_to = models.URLField(_("moved to"), max_length=2048, blank=True)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    # A worker's claim while it visits; expires so that a killed worker blocks nothing.
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        indexes = [models.Index(fields=["checked_at"])]

    def __str__(self) -> str:
        return self.url

    @property
    def reason_label(self) -> str:
        return str(Reason(self.reason).label) if self.reason else ""

    @property
    def verdict_label(self) -> str:
        return str(Verdict(self.verdict).label)


class ItemLink(models.Model):
    """A link where an item uses it: its primary one, or one in the commentary."""

    item = models.ForeignKey(
        "Item",
        on_delete=models.CASCADE,
        related_name="item_links",
        verbose_name=_("item"),
    )
    link = models.ForeignKey(
        Link,
        on_delete=models.CASCADE,
        related_name="item_links",
        verbose_name=_("link"),
    )
    url = models.URLField(_("address"), max_length=2048)
    primary = models.BooleanField(_("headline link"), default=False)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("link of an item")
        verbose_name_plural = _("links of items")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "link"], name="link_once_per_item")
        ]

    def __str__(self) -> str:
        return self.url


class Check(models.Model):
    """One visit and what it proved. Append-only."""

    link = models.ForeignKey(
        Link, on_delete=models.CASCADE, related_name="checks", verbose_name=_("link")
    )
    checked_at = models.DateTimeField(_("checked at"), db_index=True)
    verdict = models.CharField(_("verdict"), max_length=10)
    reason = models.CharField(_("reason"), max_length=24, blank=True)
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    final_url = models.URLField(_("final address"), max_length=2048, blank=True)
    chain = models.JSONField(_("redirects"), default=list)
    elapsed_ms = models.PositiveIntegerField(_("milliseconds"), default=0)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ["-checked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.link}: {self.verdict}"
