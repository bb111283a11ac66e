"""What happened, in the words of those it happened to: append-only rows.

They outlive the item, the issue and the user they speak of.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Via(models.TextChoices):
    """The door a move came through."""

    DESK = "desk", _("desk")
    ADMIN = "admin", _("admin")
    API = "api", _("API")
    COMMAND = "command", _("command line")
    IMPORT = "import", _("import")
    SWEEP = "sweep", _("schedule")


class Transition(models.Model):
    """One move or deed: who, in which role, from what to what, when, and why."""

    item = models.ForeignKey(
        "Item",
        null=True,
        on_delete=models.SET_NULL,
        related_name="transitions",
        verbose_name=_("item"),
    )
    issue = models.ForeignKey(
        "Issue",
        null=True,
        on_delete=models.SET_NULL,
        related_name="transitions",
        verbose_name=_("issue"),
    )
    # The words stay when the row they name is deleted.
    subject = models.CharField(_("subject"), max_length=220)
    verb = models.CharField(_("verb"), max_length=30)
    from_state = models.CharField(_("from state"), max_length=18, blank=True)
    to_state = models.CharField(_("to state"), max_length=18, blank=True)
    version = models.PositiveIntegerField(_("version"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    by_name = models.CharField(_("name then"), max_length=60, blank=True)
    role = models.CharField(_("role"), max_length=12, blank=True)
    note = models.TextField(_("note"), blank=True)
    via = models.CharField(_("via"), max_length=8, choices=Via, default=Via.DESK)
    at = models.DateTimeField(_("at"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("audit trail entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.subject}: {self.verb}"

    @property
    def is_of_an_issue(self) -> bool:
        """Not of one of its items; told by the subject, which outlives both rows."""
        return self.item_id is None and self.subject.startswith("№ ")


class ItemRevision(models.Model):
    """An item's text as it stood before and after each save. Append-only."""

    item = models.ForeignKey(
        "Item",
        null=True,
        on_delete=models.SET_NULL,
        related_name="revisions",
        verbose_name=_("item"),
    )
    version = models.PositiveIntegerField(_("version"))
    text = models.JSONField(_("text"), help_text="The edited fields, by name.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    by_name = models.CharField(_("name then"), max_length=60, blank=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "version"], name="item_revision_versions_differ"
            )
        ]

    def __str__(self) -> str:
        return f"{self.text.get('headline', '')} v{self.version}"


class Comment(models.Model):
    """A word between colleagues about an item."""

    item = models.ForeignKey(
        "Item",
        on_delete=models.CASCADE,
        related_name="comments",
        verbose_name=_("item"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    by_name = models.CharField(_("name then"), max_length=60)
    text = models.TextField(_("comment"), max_length=4000)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]


class Notice(models.Model):
    """A mail owed to a colleague: written with the move, sent once by the sweep.

    `key` names the occasion, so that a repeated move or a second worker owes nothing
    new. `lease_until` is a sender's claim.
    """

    key = models.CharField(_("key"), max_length=120)
    kind = models.CharField(_("kind"), max_length=24)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notices",
        verbose_name=_("recipient"),
    )
    context = models.JSONField(_("context"), default=dict)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "recipient"], name="one_notice_per_occasion"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient}"
