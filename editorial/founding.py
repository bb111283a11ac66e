"""Founding a publication of one's own, which takes the sample away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from functools import partial
from typing import Any

from allauth.account.models import EmailAddress
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.storage import Storage, default_storage
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from editorial.content.typed_text import clean_line, require_mailable
from editorial.models import (
    Author,
    Cadence,
    Invitation,
    Issue,
    IssueRevision,
    Item,
    ItemImage,
    ItemRevision,
    Link,
    Notice,
    Publication,
    Role,
    Section,
    Topic,
    Transition,
    User,
    Weekday,
)
from editorial.people import clean_address, clean_name, record
from editorial.signals import sample_removed

SETUP_SALT = "editorial.founding.setup"
SETUP_SECONDS = 24 * 60 * 60


class AlreadyFounded(Exception):
    """There is a publication that is no sample; it is never replaced."""


@dataclass(frozen=True, slots=True)
class Charter:
    """What a new publication begins with. `sections` are titles, in order."""

    name: str
    admin_email: str
    admin_name: str
    language: str = "zh-hans"
    time_zone: str = "Asia/Shanghai"
    cadence: str = Cadence.WEEKLY
    deadline_weekday: int = Weekday.FRIDAY
    deadline_time: time = time(12)
    publish_weekday: int = Weekday.FRIDAY
    publish_time: time = time(18)
    sections: Sequence[str] = field(default_factory=tuple)
    sender_name: str = ""
    sender_email: str = ""


@dataclass(frozen=True, slots=True)
class SampleSize:
    """What goes when the sample goes, for the question that is asked first."""

    name: str
    issues: int
    items: int
    people: int


def sample_size() -> SampleSize | None:
    """How much sample there is; None where there is none."""
    publication = Publication.objects.current()
    if publication is None or not publication.is_sample:
        return None
    return SampleSize(
        name=publication.name,
        issues=Issue.objects.count(),
        items=Item.objects.count(),
        people=User.objects.filter(is_sample=True).count(),
    )


def is_open() -> bool:
    """Whether a publication can still be founded here."""
    publication = Publication.objects.current()
    return publication is None or publication.is_sample


def found_publication(charter: Charter) -> tuple[Publication, User]:
    """Make the publication and its first admin; the sample, if any, goes with its readers.

    All or nothing. Raises AlreadyFounded beside a publication of one's own, and
    ValidationError by field of the charter.
    """
    try:
        return _found(charter)
    except IntegrityError as error:
        # Where there is no row yet to wait for, the table's one row decides the race.
        if is_open():
            raise
        raise AlreadyFounded(_("Somebody founded it a moment ago.")) from error


@transaction.atomic
def _found(charter: Charter) -> tuple[Publication, User]:
    current = Publication.objects.select_for_update().filter(pk=1).first()
    if current is not None and not current.is_sample:
        raise AlreadyFounded(
            _("“%(name)s” is founded already; its settings are on the desk.")
            % {"name": current.name}
        )
    titles = _clean_sections(charter.sections)
    if current is not None:
        remove_sample(current)
    publication = _make_publication(charter)
    for position, title in enumerate(titles):
        Section.objects.create(title=title, position=position)
    return publication, _make_admin(charter)


def _make_publication(charter: Charter) -> Publication:
    publication = Publication(
        name=_line("name", charter.name, 80),
        language=charter.language,
        time_zone=charter.time_zone,
        cadence=charter.cadence,
        deadline_weekday=charter.deadline_weekday,
        deadline_time=charter.deadline_time,
        publish_weekday=charter.publish_weekday,
        publish_time=charter.publish_time,
        sender_name=_line("sender", charter.sender_name, 80),
        sender_email=charter.sender_email.strip(),
    )
    publication.full_clean(validate_unique=False)
    try:
        require_mailable(publication.sender_email)
    except ValueError as error:
        raise ValidationError({"sender_email": str(error)}) from error
    publication.save()
    return publication


def _make_admin(charter: Charter) -> User:
    try:
        address = clean_address(charter.admin_email)
        name = clean_name(charter.admin_name)
    except ValidationError as error:
        named = {f"admin_{key}": words for key, words in error.message_dict.items()}
        raise ValidationError(named) from error
    admin = User.objects.filter(email__iexact=address).first()
    if admin is None:
        admin = User.objects.create_user(
            address, name=name, role=Role.ADMIN, language=charter.language
        )
    else:  # made by createsuperuser before
        admin.role, admin.is_active, admin.name = Role.ADMIN, True, name
        admin.save()
    EmailAddress.objects.update_or_create(
        user=admin, email=address, defaults={"primary": True, "verified": True}
    )
    Author.objects.get_or_create(name=name, defaults={"user": admin})
    record(admin, charter.name, "founded", to_state=Role.ADMIN)
    return admin


def _clean_sections(titles: Sequence[str]) -> list[str]:
    cleaned = [_line("sections", title, 80) for title in titles]
    cleaned = [title for title in cleaned if title]
    folded = [title.casefold() for title in cleaned]
    for title in cleaned:
        if folded.count(title.casefold()) > 1:
            raise ValidationError(
                {"sections": _("“%(title)s” is there twice.") % {"title": title}}
            )
    if not cleaned:
        raise ValidationError({"sections": _("Name at least one section.")})
    return cleaned


def _line(name: str, value: str, limit: int) -> str:
    try:
        return clean_line(value, limit)
    except ValueError as error:
        raise ValidationError({name: str(error)}) from error


@transaction.atomic
def remove_sample(publication: Publication) -> None:
    """Take away the sample: its readers, words, people and pictures.

    Whoever joined the sample goes too. An account that was made by hand stays.
    """
    if not publication.is_sample:
        raise AlreadyFounded(str(publication))
    sample_removed.send(Publication, publication=publication)
    _remove_files(ItemImage.objects.exclude(file=""), "file")
    _remove_files(Issue.objects.exclude(cover=""), "cover")
    # Items before what protects them: sections, authors; issues before revisions.
    for model in (
        *(Notice, Item, Issue, IssueRevision, ItemRevision, Transition),
        *(Link, Section, Topic, Author, Invitation),
    ):
        model.objects.all().delete()
    User.objects.filter(is_sample=True).delete()
    publication.delete()


def _remove_files(rows: models.QuerySet[Any], name: str) -> None:
    """Delete the files of these rows once the transaction that removes them stands."""
    storage: Storage = default_storage
    for path in rows.values_list(name, flat=True):
        transaction.on_commit(partial(storage.delete, path))


def setup_token() -> str:
    """The secret of a link that opens set-up in production for a day."""
    return signing.dumps("setup", salt=SETUP_SALT)


def is_setup_token(token: str) -> bool:
    try:
        return signing.loads(token, salt=SETUP_SALT, max_age=SETUP_SECONDS) == "setup"
    except signing.BadSignature:
        return False
