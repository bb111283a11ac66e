"""Links, which items use them, what each visit found, and what that came to."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from editorial.content.faces.copies import Copies, Copy
from editorial.fetching.fingerprints import differs_much
from editorial.fetching.verdicts import Reason, Verdict
from editorial.states import IssueState, ItemState

_VERDICTS = [(v.value, v.label) for v in Verdict]


class LinkQuerySet(models.QuerySet["Link"]):
    def of_issue(self, issue) -> "LinkQuerySet":
        return self.filter(item_links__item__issue=issue).distinct()

    def in_use(self) -> "LinkQuerySet":
        """Those an item still has; a link taken out of every text is not visited."""
        return self.filter(models.Exists(ItemLink.objects.for_link()))

    def printed(self) -> "LinkQuerySet":
        """Those readers meet: what published issues print."""
        return self.filter(models.Exists(ItemLink.objects.for_link().printed()))

    def free(self, now) -> "LinkQuerySet":
        """Those nobody is visiting."""
        free = models.Q(claimed_until=None) | models.Q(claimed_until__lt=now)
        return self.filter(free)

    def due(self, now) -> "LinkQuerySet":
        """Those whose visit has come and nobody is making, the longest due first."""
        return self.free(now).filter(next_check_at__lte=now).order_by("next_check_at")

    def broken(self) -> "LinkQuerySet":
        return self.filter(verdict=Verdict.BROKEN.value)


class Link(models.Model):
    """A URL as first written, less tracking parameters.

    `key` is its canonical form: it serves "seen before?" and the sharing of checks.
    Visits and readers get the URL as written. `verdict` and `reason` are what is held
    of it, weighed over time (`links.weighing`); what the last visit said by itself is
    `last_check`.
    """

    url = models.URLField(_("address"), max_length=2048)
    key = models.CharField(_("key"), max_length=2048, unique=True)
    host = models.CharField(_("host"), max_length=255, db_index=True)
    verdict = models.CharField(
        _("verdict"),
        max_length=10,
        choices=_VERDICTS,
        default=Verdict.UNCHECKED.value,
    )
    reason = models.CharField(_("reason"), max_length=24, blank=True)
    verdict_since = models.DateTimeField(_("verdict since"), null=True, blank=True)
    # Failures in a row that count, each at least most of a day after the one before.
    failures = models.PositiveSmallIntegerField(_("failures"), default=0)
    failed_at = models.DateTimeField(_("last counted failure"), null=True, blank=True)
    moved_to = models.URLField(_("moved to"), max_length=2048, blank=True)
    fingerprint = models.CharField(_("fingerprint"), max_length=64, blank=True)
    last_check = models.ForeignKey(
        "Check",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("last check"),
    )
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    # Nothing is planned for a link that no item has any more, or that is settled
    # until its issue comes out.
    next_check_at = models.DateTimeField(_("next check at"), null=True, blank=True)
    # A worker's claim while it visits; expires so that a killed worker blocks nothing.
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("opened by"),
    )
    opened_by_name = models.CharField(_("opened by"), max_length=60, blank=True)
    # Comes and goes: its changes are kept but told to nobody until it is steady.
    muted_at = models.DateTimeField(_("muted at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        indexes = [
            models.Index(fields=["checked_at"]),
            models.Index(
                fields=["next_check_at"],
                condition=models.Q(next_check_at__isnull=False),
                name="link_next_check",
            ),
            models.Index(
                fields=["verdict_since"],
                condition=models.Q(verdict=Verdict.BROKEN.value),
                name="link_broken_since",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def reason_label(self) -> str:
        return str(Reason(self.reason).label) if self.reason else ""

    @property
    def verdict_label(self) -> str:
        return str(Verdict(self.verdict).label)


class ItemLinkQuerySet(models.QuerySet["ItemLink"]):
    def for_link(self) -> "ItemLinkQuerySet":
        """Those of the link of an outer query, for an EXISTS."""
        return self.filter(link=models.OuterRef("pk"))

    def printed(self) -> "ItemLinkQuerySet":
        """Those in what published issues print."""
        return self.filter(
            item__issue__state=IssueState.PUBLISHED, item__state=ItemState.APPROVED
        )


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
    # What the page was like when the author wrote of it, or when a colleague last
    # opened it for this item; as far as a visit can tell.
    seen_fingerprint = models.CharField(_("fingerprint"), max_length=64, blank=True)

    objects = ItemLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link of an item")
        verbose_name_plural = _("links of items")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "link"], name="link_once_per_item")
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def has_changed(self) -> bool:
        """Whether the page became another one since this item first linked to it."""
        return differs_much(self.seen_fingerprint, self.link.fingerprint)


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
    # A short code of what went wrong: expired, dns_timeout, reset …
    detail = models.CharField(_("detail"), max_length=24, blank=True)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ["-checked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.link}: {self.verdict}"


class VerdictChange(models.Model):
    """The verdict held of a link became another: when, and whether people are told.

    `to_tell` is set where somebody can act on it, until they were told at `told_at`.
    """

    link = models.ForeignKey(
        Link, on_delete=models.CASCADE, related_name="changes", verbose_name=_("link")
    )
    was = models.CharField(_("was"), max_length=10, choices=_VERDICTS)
    now = models.CharField(_("is now"), max_length=10, choices=_VERDICTS)
    reason = models.CharField(_("reason"), max_length=24, blank=True)
    at = models.DateTimeField(_("at"))
    to_tell = models.BooleanField(_("to be told"), default=False)
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of a verdict")
        verbose_name_plural = _("changes of verdicts")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["at"]),
            models.Index(
                fields=["at"], condition=models.Q(to_tell=True), name="change_to_tell"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.link}: {self.was} → {self.now}"


class HostQuerySet(models.QuerySet["Host"]):
    def answered(self) -> "HostQuerySet":
        return self.filter(answered_at__isnull=False)


class Host(models.Model):
    """A host as this machine knows it: whether anything on it ever answered from here.

    Where nothing ever did, a time-out says as much about our line as about the host.
    """

    name = models.CharField(_("name"), max_length=255, unique=True)
    answered_at = models.DateTimeField(_("last answered at"), null=True, blank=True)
    unreachable_at = models.DateTimeField(_("unreachable since"), null=True, blank=True)
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    objects = HostQuerySet.as_manager()

    class Meta:
        verbose_name = _("host")
        verbose_name_plural = _("hosts")

    def __str__(self) -> str:
        return self.name


class ArchivedCopyQuerySet(models.QuerySet["ArchivedCopy"]):
    def shown(self) -> "ArchivedCopyQuerySet":
        """Those that published pages lead to in place of the original."""
        return self.filter(shown_at__isnull=False)

    def of_items(self, items) -> Copies:
        """Where dead links of these items lead readers now."""
        shown = self.shown().filter(link__item_links__item__in=items)
        rows = shown.values_list("link__key", "url", "taken_at").distinct()
        return Copies({key: Copy(url, taken_at) for key, url, taken_at in rows})


class ArchivedCopy(models.Model):
    """A copy of a dead page in a web archive, and whether readers are led to it.

    Showing it is a decision about how a page is presented, kept beside the link: what
    was published stays frozen as it was.
    """

    link = models.OneToOneField(
        Link,
        on_delete=models.CASCADE,
        related_name="archived_copy",
        verbose_name=_("link"),
    )
    # Empty where the archive was asked and had none.
    url = models.URLField(_("address"), max_length=2048, blank=True)
    taken_at = models.DateTimeField(_("copy taken at"), null=True, blank=True)
    asked_at = models.DateTimeField(_("archive asked at"))
    shown_at = models.DateTimeField(_("shown since"), null=True, blank=True)
    shown_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("shown by"),
    )

    objects = ArchivedCopyQuerySet.as_manager()

    class Meta:
        verbose_name = _("archived copy")
        verbose_name_plural = _("archived copies")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shown_at__isnull=True) | ~models.Q(url=""),
                name="only_a_copy_there_is_can_be_shown",
            )
        ]

    def __str__(self) -> str:
        return self.url
