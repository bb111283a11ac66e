"""Lists of readers that an admin brings from elsewhere, or takes away."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from newsletter.states import ImportState, Refusal


class ReaderImport(models.Model):
    """One file of readers, who brought it, where it came from, what became of it."""

    class Kind(models.TextChoices):
        CSV = "csv", _("A table (CSV)")
        MAILCHIMP = "mailchimp", "Mailchimp"
        SUBSTACK = "substack", "Substack"
        BUTTONDOWN = "buttondown", "Buttondown"
        GHOST = "ghost", "Ghost"
        LISTMONK = "listmonk", "listmonk"

    kind = models.CharField(_("exported from"), max_length=10, choices=Kind)
    file_name = models.CharField(_("file"), max_length=200)
    # In the words of whoever brought it: where the list is from, what people agreed to.
    statement = models.TextField(_("where the list comes from"))
    # Our name of a column → its heading in the file.
    mapping = models.JSONField(_("columns"), default=dict, editable=False)
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=ImportState,
        default=ImportState.DRAFT,
        editable=False,
    )
    # Of the check or the import that is going on or was the last: lines, taken by
    # what they became, refused by reason, done (batches).
    counts = models.JSONField(_("counts"), default=dict, editable=False)
    lease_until = models.DateTimeField(_("leased until"), null=True, editable=False)
    error = models.CharField(_("error"), max_length=300, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    by_name = models.CharField(_("name then"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, editable=False)

    class Meta:
        verbose_name = _("import of readers")
        verbose_name_plural = _("imports of readers")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_at_work(self) -> bool:
        return self.state in {ImportState.CHECKING, ImportState.RUNNING}


class ImportedFile(models.Model):
    """The file of an import until it is read to its end; what it became is kept.

    A row of its own, because each batch writes its import's counts anew.
    """

    imported = models.OneToOneField(
        ReaderImport,
        on_delete=models.CASCADE,
        related_name="file",
        verbose_name=_("import"),
    )
    content = models.BinaryField(_("content"), editable=False)

    class Meta:
        verbose_name = _("file of an import")
        verbose_name_plural = _("files of imports")

    def __str__(self) -> str:
        return str(self.imported)


class RefusedLine(models.Model):
    """A line of an import that was not taken, and why."""

    imported = models.ForeignKey(
        ReaderImport,
        on_delete=models.CASCADE,
        related_name="refused",
        verbose_name=_("import"),
    )
    line = models.PositiveIntegerField(_("line"))
    address = models.CharField(_("mail address"), max_length=254, blank=True)
    reason = models.CharField(_("reason"), max_length=12, choices=Refusal)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("line not taken")
        verbose_name_plural = _("lines not taken")
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"


class ReaderExport(models.Model):
    """That somebody took the list of readers away, and when. Append-only."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    by_name = models.CharField(_("name then"), max_length=60, blank=True)
    rows = models.PositiveIntegerField(_("readers"))
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("export of readers")
        verbose_name_plural = _("exports of readers")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.by_name} {self.at:%Y-%m-%d %H:%M}"
