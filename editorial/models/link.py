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

    url = models.URLField(max_length=2048)
    key = models.CharField(max_length=2048, unique=True)
    host = models.CharField(max_length=255, db_index=True)
    verdict = models.CharField(
        max_length=10,
        choices=[(v.value, v.label) for v in Verdict],
        default=Verdict.UNCHECKED.value,
    )
    reason = models.CharField(max_length=24, blank=True)
    moved_to = models.URLField(max_length=2048, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    # A worker's claim while it visits; expires so that a killed worker blocks nothing.
    claimed_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

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
        "Item", on_delete=models.CASCADE, related_name="item_links"
    )
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="item_links")
    url = models.URLField(max_length=2048)
    primary = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "link"], name="link_once_per_item")
        ]

    def __str__(self) -> str:
        return self.url


class Check(models.Model):
    """One visit and what it proved. Append-only."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="checks")
    checked_at = models.DateTimeField(db_index=True)
    verdict = models.CharField(max_length=10)
    reason = models.CharField(max_length=24, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    final_url = models.URLField(max_length=2048, blank=True)
    chain = models.JSONField(default=list)
    elapsed_ms = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ["-checked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.link}: {self.verdict}"
