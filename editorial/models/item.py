"""An item: one thing worth reading, with its pictures."""

import uuid
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from editorial.content import outline
from editorial.states import (
    ITEM_EDITABLE,
    ITEM_UNFINISHED,
    IssueState,
    ItemState,
    ReviewPolicy,
)

from .people import Role, User
from .publication import Publication


class ItemQuerySet(models.QuerySet["Item"]):
    def published(self) -> "ItemQuerySet":
        """Items readers may see: what published issues print."""
        return self.filter(issue__state=IssueState.PUBLISHED, state=ItemState.APPROVED)

    def waiting(self) -> "ItemQuerySet":
        """Submitted, longest waiting first."""
        return self.filter(state=ItemState.SUBMITTED).order_by("submitted_at", "pk")

    def unfinished(self) -> "ItemQuerySet":
        return self.filter(state__in=ITEM_UNFINISHED)

    def approved(self) -> "ItemQuerySet":
        return self.filter(state=ItemState.APPROVED)

    def rejected(self) -> "ItemQuerySet":
        return self.filter(state=ItemState.REJECTED)

    def in_print(self) -> "ItemQuerySet":
        """What an issue would print: everything not rejected."""
        return self.exclude(state=ItemState.REJECTED)

    def backlog(self) -> "ItemQuerySet":
        """Items in no issue. A draft among them is private to its author."""
        return self.filter(issue=None)

    def owned_by(self, user) -> "ItemQuerySet":
        return self.filter(models.Q(submitted_by=user) | models.Q(credit__user=user))

    def readable_by(self, user) -> "ItemQuerySet":
        """Everything but other people's drafts that are in no issue."""
        if user.is_editor:
            return self
        private = models.Q(issue=None, state=ItemState.DRAFT)
        mine = models.Q(submitted_by=user) | models.Q(credit__user=user)
        return self.filter(~private | mine)


class Item(models.Model):
    """A headline with a link and a commentary. Without an issue it is in the backlog."""

    class Form(models.TextChoices):
        FULL = outline.FORM_FULL, _("Full")
        RUN_IN = outline.FORM_RUN_IN, _("Run-in headline")
        BRIEF = outline.FORM_BRIEF, _("Brief")

    headline = models.CharField(_("headline"), max_length=200)
    label = models.CharField(
        _("label"), max_length=30, blank=True, help_text=_("A word or two in front.")
    )
    url = models.URLField(_("link"), max_length=2048, blank=True)
    commentary = models.TextField(_("text"), blank=True)
    form = models.CharField(_("form"), max_length=8, choices=Form, default=Form.FULL)
    issue = models.ForeignKey(
        "Issue",
        verbose_name=_("issue"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="items",
    )
    section = models.ForeignKey(
        "Section",
        verbose_name=_("section"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="items",
    )
    topic = models.ForeignKey(
        "Topic",
        verbose_name=_("topic"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="items",
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    credit = models.ForeignKey(
        "Author",
        verbose_name=_("credit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="items",
    )
    # Whose item it is, from its first draft on; an editor who submits it for them
    # does not become its owner.
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("written by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="items",
    )
    state = models.CharField(
        _("state"),
        max_length=18,
        choices=ItemState,
        default=ItemState.DRAFT,
        db_index=True,
        editable=False,
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    submitted_at = models.DateTimeField(
        _("submitted at"), null=True, blank=True, editable=False
    )
    approved_at = models.DateTimeField(
        _("approved at"), null=True, blank=True, editable=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
        verbose_name=_("approved by"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["issue", "section", "position"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(issue__isnull=True)
                | models.Q(section__isnull=False),
                name="item_in_an_issue_has_a_section",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ItemState.APPROVED)
                | models.Q(approved_at__isnull=False),
                name="approved_item_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    def get_absolute_url(self) -> str:
        return reverse("desk:item", args=[self.pk])

    @property
    def is_editable(self) -> bool:
        return self.state in ITEM_EDITABLE and (
            self.issue is None or self.issue.is_open
        )

    @cached_property
    def review_policy(self) -> str:
        """Who may approve; read once per issue, so a board of items asks once."""
        if self.issue is not None:
            return self.issue.review_policy
        return Publication.objects.review_policy()

    @property
    def owner_ids(self) -> set[int]:
        """Accounts whose item it is: who wrote it, and whom print will name."""
        credited = self.credit.user_id if self.credit else None
        return {pk for pk in (self.submitted_by_id, credited) if pk}

    def other_reviewers(self, user: User) -> "models.QuerySet[User]":
        """Active accounts but `user` that could review this: it is not theirs."""
        others = User.objects.active().exclude(pk__in={user.pk, *self.owner_ids})
        if self.review_policy != ReviewPolicy.EDITORS:
            return others
        lead = self.issue.lead_editor_id if self.issue else None
        return others.filter(
            models.Q(role__in=[Role.EDITOR, Role.ADMIN]) | models.Q(pk=lead)
        )


def image_path(instance: "ItemImage", filename: str) -> str:
    """A generated name: nothing of the uploaded one but its kind survives."""
    return f"images/{uuid.uuid4().hex}{PurePath(filename).suffix.lower()}"


class ItemImage(models.Model):
    """A picture of an item. Without a file it is missing, which preflight flags."""

    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="images", verbose_name=_("item")
    )
    file = models.ImageField(
        _("picture"),
        upload_to=image_path,
        blank=True,
        width_field="width",
        height_field="height",
    )
    alt = models.CharField(_("described in words"), max_length=300, blank=True)
    caption = models.CharField(_("caption"), max_length=200, blank=True)
    picture_credit = models.CharField(_("picture credit"), max_length=120, blank=True)
    # Where it was fetched from; "" where somebody uploaded it.
    source_url = models.URLField(_("came from"), max_length=2048, blank=True)
    width = models.PositiveIntegerField(
        _("width"), null=True, blank=True, editable=False
    )
    height = models.PositiveIntegerField(
        _("height"), null=True, blank=True, editable=False
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.alt or self.file.name or str(_("missing picture"))

    @property
    def missing(self) -> bool:
        return not self.file
