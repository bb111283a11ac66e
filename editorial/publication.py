"""The publication's own settings: its words and rhythm, its sections, its topics."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from editorial import rules
from editorial.content.typed_text import clean_line, clean_text, require_mailable
from editorial.models import Publication, Section, Topic, User
from editorial.people import record

SETTINGS = (
    *("name", "tagline", "language", "time_zone", "cadence"),
    *("deadline_weekday", "deadline_time", "publish_weekday", "publish_time"),
    *("sender_name", "sender_email", "reply_to", "postal_address", "digest_after"),
    "count_clicks",
    *("byline_label", "topic_word", "licence", "review"),
)


@dataclass(frozen=True, slots=True)
class SectionWords:
    """A recurring section as an admin wrote it; `pk` None for a new one."""

    pk: int | None
    title: str
    guidance: str = ""
    min_items: int = 0
    max_items: int | None = None
    link_required: bool = False
    remove: bool = False


@dataclass(frozen=True, slots=True)
class TopicWords:
    """A topic as an admin wrote it; `pk` None for a new one."""

    pk: int | None
    name: str
    aliases: Sequence[str] = ()
    remove: bool = False


class RowRefused(ValidationError):
    """One of several rows did not pass; `row` counts from 0."""

    def __init__(self, row: int, error: ValidationError) -> None:
        super().__init__(error.error_dict)
        self.row = row


@transaction.atomic
def change_publication(*, by: User, **settings: Any) -> Publication:
    """Save the publication's settings. Raises ValidationError by field."""
    rules.require(rules.can_manage_publication, by)
    publication = Publication.objects.select_for_update().get()
    for name, value in settings.items():
        if name not in SETTINGS:
            raise TypeError(f"a publication's {name} cannot be set by hand")
        setattr(publication, name, _clean(name, value))
    publication.full_clean(validate_unique=False)
    publication.save()
    record(by, publication.name, "settings_changed")
    return publication


@transaction.atomic
def save_sections(*, by: User, rows: Sequence[SectionWords]) -> list[Section]:
    """Save the recurring sections in the given order, all or nothing.

    One that is removed stays in issues that have it and comes into no new one; if none
    has it, it is gone. Raises RowRefused.
    """
    rules.require(rules.can_manage_publication, by)
    kept = [row for row in rows if not row.remove]
    _require_some(kept)
    gone = [row.pk for row in rows if row.remove and row.pk is not None]
    for section in Section.objects.recurring().filter(pk__in=gone):
        _retire(section)
    saved = []
    for position, row in enumerate(rows):
        if not row.remove:
            saved.append(_save_section(row, position))
    record(by, "", "sections_changed", note=", ".join(s.title for s in saved))
    return saved


def _require_some(rows: Sequence[SectionWords]) -> None:
    if not any(row.title.strip() for row in rows):
        raise ValidationError(_("Name at least one section."))


def _save_section(row: SectionWords, position: int) -> Section:
    with _naming_row(position):
        section = _row(Section.objects.recurring(), row.pk) or Section()
        section.position = position
        section.min_items, section.max_items = row.min_items, row.max_items
        section.link_required = row.link_required
        section.title = _clean("title", row.title)
        section.guidance = _clean("guidance", row.guidance)
        if row.max_items is not None and row.max_items < row.min_items:
            raise ValidationError({"max_items": _("Not less than “at least”.")})
        _require_only(Section.objects.recurring(), section, title__iexact=section.title)
        section.clean_fields(exclude=["slug"])
    section.save()
    return section


def _retire(section: Section) -> None:
    if section.items.exists() or section.issue_sections.exists():
        section.recurring = False
        section.save(update_fields=["recurring"])
    else:
        section.delete()


@transaction.atomic
def save_topics(*, by: User, rows: Sequence[TopicWords]) -> list[Topic]:
    """Save the topics, all or nothing. Items of a removed one have no topic then.

    Raises RowRefused.
    """
    rules.require(rules.can_manage_publication, by)
    gone = [row.pk for row in rows if row.remove and row.pk is not None]
    Topic.objects.filter(pk__in=gone).delete()
    saved = []
    for n, row in enumerate(rows):
        if not row.remove:
            saved.append(_save_topic(row, n))
    record(by, "", "topics_changed", note=", ".join(t.name for t in saved))
    return saved


def _save_topic(row: TopicWords, n: int) -> Topic:
    with _naming_row(n):
        topic = _row(Topic.objects.all(), row.pk) or Topic()
        topic.name = _clean("name", row.name)
        topic.aliases = [a for a in (_clean("aliases", x) for x in row.aliases) if a]
        for name in topic.names():
            other = Topic.objects.exclude(pk=topic.pk).named(name)
            if other is not None:
                words = _("“%(name)s” already means %(topic)s.")
                raise ValidationError(
                    {
                        "name" if name == topic.name else "aliases": words
                        % {"name": name, "topic": other.name}
                    }
                )
        topic.clean_fields(exclude=["slug"])
    topic.save()
    return topic


def _row(rows: models.QuerySet[Any], pk: int | None) -> Any:
    """The stored row, or None for a new one. ValidationError where it is gone."""
    if pk is None:
        return None
    found = rows.filter(pk=pk).first()
    if found is None:
        raise ValidationError(
            {"__all__": _("Somebody removed this row. Load the page again.")}
        )
    return found


@contextlib.contextmanager
def _naming_row(row: int) -> Iterator[None]:
    """Say which of several rows a ValidationError inside speaks of."""
    try:
        yield
    except ValidationError as error:
        raise RowRefused(row, error) from error


def _require_only(rows: models.QuerySet, row: Section, **same: str) -> None:
    if rows.exclude(pk=row.pk).filter(**same).exists():
        raise ValidationError({"title": _("There is a section of this title already.")})


def _clean(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        if name in {"sender_email", "reply_to"}:
            require_mailable(value)
        return clean_text(value) if name == "guidance" else clean_line(value, 300)
    except ValueError as error:
        raise ValidationError({name: str(error)}) from error
