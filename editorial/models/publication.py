"""The newsletter itself: its settings, its recurring headings, its subjects."""

import zoneinfo
from datetime import date, datetime, time, timedelta
from email.headerregistry import Address

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from editorial.content.slugs import slugify
from editorial.states import ReviewPolicy


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is in the IANA time zone database."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name})


class Cadence(models.TextChoices):
    WEEKLY = "weekly", _("Every week")
    FORTNIGHTLY = "fortnightly", _("Every two weeks")
    MONTHLY = "monthly", _("Every month")


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class PublicationQuerySet(models.QuerySet["Publication"]):
    def current(self) -> "Publication | None":
        """The one publication, or None before `found_publication`."""
        return self.filter(pk=Publication.THE_ONE).first()

    def review_policy(self) -> str:
        """The publication's review setting; the strictest before it is founded."""
        publication = self.current()
        return publication.review if publication else ReviewPolicy.EDITORS


class Publication(models.Model):
    """The newsletter's own settings. One row per deployment."""

    THE_ONE = 1

    id = models.PositiveSmallIntegerField(
        primary_key=True, default=THE_ONE, editable=False
    )
    name = models.CharField(_("name"), max_length=80)
    tagline = models.CharField(_("tagline"), max_length=160, blank=True)
    language = models.CharField(
        _("language"),
        max_length=10,
        choices=[("zh-hans", "简体中文"), ("en", "English")],
        default="zh-hans",
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="Asia/Shanghai",
        validators=[validate_time_zone],
    )
    cadence = models.CharField(
        _("cadence"), max_length=12, choices=Cadence, default=Cadence.WEEKLY
    )
    publish_weekday = models.PositiveSmallIntegerField(
        _("publication day"), choices=Weekday, default=Weekday.FRIDAY
    )
    publish_time = models.TimeField(_("publication time"), default=time(18))
    deadline_weekday = models.PositiveSmallIntegerField(
        _("copy deadline day"), choices=Weekday, default=Weekday.FRIDAY
    )
    deadline_time = models.TimeField(_("copy deadline time"), default=time(12))
    sender_name = models.CharField(_("sender name"), max_length=80, blank=True)
    sender_email = models.EmailField(_("sender address"), blank=True)
    reply_to = models.EmailField(_("replies go to"), blank=True)
    postal_address = models.CharField(_("postal address"), max_length=200, blank=True)
    # Minutes between publication and the start of its digest; empty is off.
    digest_after = models.PositiveSmallIntegerField(
        _("minutes until the digest goes by itself"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 60)],
        help_text=_(
            "Time for a last look after publication. Empty: it waits for a press."
        ),
    )
    count_clicks = models.BooleanField(
        _("count which links of the digest are followed"),
        default=True,
        help_text=_("Only how often, never by whom. Off: links lead there directly."),
    )
    licence = models.CharField(_("licence of the text"), max_length=80, blank=True)
    topic_word = models.CharField(
        _("what topics are called"),
        max_length=20,
        blank=True,
        help_text=_("For example “Projects”. Empty: “Topics”."),
    )
    byline_label = models.CharField(
        _("byline label"),
        max_length=20,
        blank=True,
        help_text=_("Printed before the authors' names. Empty: “Authors”."),
    )
    review = models.CharField(
        _("review"), max_length=12, choices=ReviewPolicy, default=ReviewPolicy.EDITORS
    )
    is_sample = models.BooleanField(_("of the sample"), default=False, editable=False)
    founded_at = models.DateTimeField(_("founded at"), auto_now_add=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pk=1), name="publication_is_the_only_one"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def sender(self) -> str:
        """What mail to readers comes from: name and address, ready for a header."""
        if not self.sender_email:
            return settings.DEFAULT_FROM_EMAIL
        name = self.sender_name or self.name
        return str(Address(name, addr_spec=self.sender_email))

    def next_planned_on(self, after: date) -> date:
        """The publication day that follows `after` at this cadence.

        Weekly: the next such weekday; fortnightly: the one after it; monthly: the
        first such weekday of the next month.
        """
        if self.cadence == Cadence.MONTHLY:
            after = after.replace(day=28) + timedelta(days=4)
            after = after.replace(day=1) - timedelta(days=1)
        ahead = (self.publish_weekday - after.weekday() - 1) % 7 + 1
        if self.cadence == Cadence.FORTNIGHTLY:
            ahead += 7
        return after + timedelta(days=ahead)

    def publish_moment(self, planned_on: date) -> datetime:
        """When an issue planned for that day goes out (aware, in our time zone)."""
        return datetime.combine(planned_on, self.publish_time, tzinfo=self.tz)

    def deadline_for(self, planned_on: date) -> datetime:
        """The last copy deadline before that day's publication (aware)."""
        back = (planned_on.weekday() - self.deadline_weekday) % 7
        day = planned_on - timedelta(days=back)
        deadline = datetime.combine(day, self.deadline_time, tzinfo=self.tz)
        late = deadline > self.publish_moment(planned_on)
        return deadline - timedelta(days=7) if late else deadline


class SectionQuerySet(models.QuerySet["Section"]):
    def recurring(self) -> "SectionQuerySet":
        return self.filter(recurring=True)


class Section(models.Model):
    """A heading items stand under: recurring, or once only in a single issue."""

    title = models.CharField(_("title"), max_length=80)
    slug = models.SlugField(_("address"), max_length=80, unique=True, blank=True)
    guidance = models.TextField(
        _("guidance for authors"), blank=True, help_text=_("Shown while writing.")
    )
    recurring = models.BooleanField(_("in every issue"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    min_items = models.PositiveSmallIntegerField(_("at least"), default=0)
    max_items = models.PositiveSmallIntegerField(_("at most"), null=True, blank=True)
    link_required = models.BooleanField(_("each item needs a link"), default=False)

    objects = SectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("title"),
                condition=models.Q(recurring=True),
                name="recurring_section_titles_differ",
            ),
            models.CheckConstraint(
                condition=models.Q(max_items__isnull=True)
                | models.Q(max_items__gte=models.F("min_items")),
                name="section_count_range_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args, **kwargs) -> None:
        if not self.slug:
            self.slug = free_slug(Section, self.title, "section")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("site:section", args=[self.slug])


class TopicQuerySet(models.QuerySet["Topic"]):
    def named(self, name: str) -> "Topic | None":
        """The topic of this name or alias, whatever the case."""
        wanted = name.strip().casefold()
        return next(
            (t for t in self if wanted in {n.casefold() for n in t.names()}), None
        )


class Topic(models.Model):
    """What a group inside a section is about (Kubernetes, etcd, Knative)."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), max_length=80, unique=True, blank=True)
    aliases = models.JSONField(
        _("also written as"), default=list, blank=True, help_text=_("A list of names.")
    )
    description = models.TextField(_("description"), blank=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="topic_names_differ")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        if not self.slug:
            self.slug = free_slug(Topic, self.name, "topic")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("site:topic", args=[self.slug])

    def names(self) -> list[str]:
        return [self.name, *self.aliases]


def free_slug(model: type[models.Model], text: str, fallback: str) -> str:
    """A slug from `text` that no row of `model` has yet; at most 80 characters."""
    base = slugify(text, fallback)[:72]
    taken = set(
        model._default_manager.filter(slug__startswith=base).values_list(
            "slug", flat=True
        )
    )
    if base not in taken:
        return base
    n = 2
    while f"{base}-{n}" in taken:
        n += 1
    return f"{base}-{n}"
