"""An issue, its sections in order, its printed credits and its frozen revisions."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from editorial.content import outline
from editorial.content.slugs import issue_slug
from editorial.states import ISSUE_OPEN, IssueState

from .publication import Publication


class IssueQuerySet(models.QuerySet["Issue"]):
    def published(self) -> "IssueQuerySet":
        """What readers may see: the one definition page, feed, sitemap and API share."""
        return self.filter(state=IssueState.PUBLISHED)

    def unpublished(self) -> "IssueQuerySet":
        """Everything still on the desk."""
        return self.filter(state__in=ISSUE_OPEN)

    def withdrawn(self) -> "IssueQuerySet":
        return self.filter(state=IssueState.WITHDRAWN)

    def due(self, now) -> "IssueQuerySet":
        """Scheduled and ready, oldest first."""
        return self.filter(state=IssueState.APPROVED, publish_at__lte=now).order_by(
            "publish_at", "pk"
        )

    def newest_first(self) -> "IssueQuerySet":
        return self.order_by("-published_at", "-pk")

    def before(self, issue: "Issue") -> "IssueQuerySet":
        """Those published earlier than this published issue, the latest first."""
        earlier = models.Q(published_at__lt=issue.published_at)
        same = models.Q(published_at=issue.published_at, pk__lt=issue.pk)
        return self.filter(earlier | same).newest_first()

    def after(self, issue: "Issue") -> "IssueQuerySet":
        """Those published later than this published issue, the earliest first."""
        later = models.Q(published_at__gt=issue.published_at)
        same = models.Q(published_at=issue.published_at, pk__gt=issue.pk)
        return self.filter(later | same).order_by("published_at", "pk")


class Issue(models.Model):
    """One printed number of the newsletter, from collecting to publication."""

    number = models.CharField(
        _("number"),
        max_length=20,
        unique=True,
        help_text=_("As printed: 23, 40–41 or special."),
    )
    slug = models.SlugField(_("address"), max_length=40, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=200, blank=True)
    dek = models.CharField(_("dek"), max_length=300, blank=True)
    cover = models.ImageField(_("cover"), upload_to="covers/", blank=True)
    cover_alt = models.CharField(_("cover described"), max_length=300, blank=True)
    cover_credit = models.CharField(_("cover credit"), max_length=120, blank=True)
    opening_note = models.TextField(_("opening note"), blank=True)
    closing_note = models.TextField(_("closing note"), blank=True)
    byline_label = models.CharField(_("byline label"), max_length=20, blank=True)
    lead_editor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("lead editor"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="led_issues",
    )
    planned_on = models.DateField(_("planned for"), null=True, blank=True)
    deadline_at = models.DateTimeField(_("copy deadline"), null=True, blank=True)
    publish_at = models.DateTimeField(_("scheduled for"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
        verbose_name=_("scheduled by"),
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=IssueState,
        default=IssueState.DRAFT,
        db_index=True,
        editable=False,
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    approved_hash = models.CharField(
        _("hash of what was approved"), max_length=64, blank=True, editable=False
    )
    imported = models.BooleanField(
        _("imported"),
        default=False,
        editable=False,
        help_text=_("From an archive: never mailed."),
    )
    live_revision = models.ForeignKey(
        "IssueRevision",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("live revision"),
    )
    schedule_failed_at = models.DateTimeField(
        _("schedule failed at"), null=True, blank=True, editable=False
    )
    schedule_error = models.TextField(_("schedule error"), blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="published_issue_has_a_date_and_a_revision",
                condition=models.Q(
                    state__in=[IssueState.PUBLISHED, IssueState.WITHDRAWN],
                    published_at__isnull=False,
                    live_revision__isnull=False,
                )
                | (
                    ~models.Q(state__in=[IssueState.PUBLISHED, IssueState.WITHDRAWN])
                    & models.Q(published_at__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="only_an_approved_issue_is_scheduled",
                condition=models.Q(publish_at__isnull=True)
                | models.Q(state=IssueState.APPROVED),
            ),
        ]

    def __str__(self) -> str:
        return f"№ {self.number}"

    def save(self, *args, **kwargs) -> None:
        if not self.slug:
            self.slug = issue_slug(self.number)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("site:issue", args=[self.slug])

    @cached_property
    def review_policy(self) -> str:
        return Publication.objects.review_policy()

    @property
    def is_open(self) -> bool:
        return self.state in ISSUE_OPEN


class IssueSection(models.Model):
    """A section's place in one issue."""

    issue = models.ForeignKey(
        Issue,
        on_delete=models.CASCADE,
        related_name="issue_sections",
        verbose_name=_("issue"),
    )
    section = models.ForeignKey(
        "Section",
        on_delete=models.PROTECT,
        related_name="issue_sections",
        verbose_name=_("section"),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("section of an issue")
        verbose_name_plural = _("sections of issues")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "section"], name="section_once_per_issue"
            )
        ]

    def __str__(self) -> str:
        return f"{self.issue} · {self.section}"


class Credit(models.Model):
    """A name on an issue's masthead, kept as printed."""

    class CreditRole(models.TextChoices):
        AUTHOR = outline.ROLE_AUTHOR, _("Author")
        EDITOR = outline.ROLE_EDITOR, _("Editor")
        TRANSLATOR = outline.ROLE_TRANSLATOR, _("Translator")
        ILLUSTRATOR = outline.ROLE_ILLUSTRATOR, _("Illustrator")

    issue = models.ForeignKey(
        Issue, on_delete=models.CASCADE, related_name="credits", verbose_name=_("issue")
    )
    author = models.ForeignKey(
        "Author",
        on_delete=models.PROTECT,
        related_name="credits",
        verbose_name=_("author"),
    )
    role = models.CharField(
        _("role"), max_length=12, choices=CreditRole, default=CreditRole.AUTHOR
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("printed name")
        verbose_name_plural = _("printed names")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "author", "role"], name="one_credit_per_name_and_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.author} ({self.get_role_display()})"


class IssueRevision(models.Model):
    """An issue's whole outline, frozen. Append-only: rows outlive issue and user."""

    issue = models.ForeignKey(
        Issue,
        null=True,
        on_delete=models.SET_NULL,
        related_name="revisions",
        verbose_name=_("issue"),
    )
    issue_number = models.CharField(_("issue number"), max_length=20)
    ordinal = models.PositiveIntegerField(_("ordinal"))
    outline_json = models.JSONField(_("frozen outline"))
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    reason = models.CharField(_("reason"), max_length=40, default="published")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("made by"),
    )
    made_by_name = models.CharField(_("made by, name then"), max_length=60, blank=True)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        verbose_name = _("frozen revision")
        verbose_name_plural = _("frozen revisions")
        ordering = ["issue_number", "ordinal"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "ordinal"], name="issue_revision_ordinals_differ"
            )
        ]

    def __str__(self) -> str:
        return f"№ {self.issue_number}, revision {self.ordinal}"

    @property
    def outline(self) -> outline.Outline:
        return outline.Outline.from_dict(self.outline_json)
