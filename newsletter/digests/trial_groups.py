"""Whom test mails go to by name: colleagues, and for admins other mailboxes too."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from editorial import rules
from editorial.content.typed_text import clean_line, require_mailable
from editorial.models import User
from newsletter.models import TrialGroup

from .trial import AT_ONCE


@dataclass(frozen=True, slots=True)
class GroupWords:
    """A test group as somebody wrote it; None leaves the addresses as they are."""

    name: str
    members: Sequence[User] = ()
    addresses: Sequence[str] | None = None


@transaction.atomic
def save_trial_group(
    *, by: User, words: GroupWords, group: TrialGroup | None = None
) -> TrialGroup:
    """Save a new group, or `group` anew. Raises ValidationError by field.

    Addresses outside the desk are an admin's to enter, as all addresses are.
    """
    rules.require(rules.is_editor, by)
    group = group or TrialGroup()
    group.name = _clean_name(words.name, group)
    if words.addresses is not None:
        rules.require(rules.can_see_subscribers, by)
        group.addresses = [_clean_address(each) for each in words.addresses]
    count = len(words.members) + len(group.addresses)
    if not 1 <= count <= AT_ONCE:
        message = _("A test group has between 1 and %(n)d mailboxes.")
        raise ValidationError({"members": message % {"n": AT_ONCE}})
    group.save()
    group.members.set(words.members)
    return group


def delete_trial_group(*, by: User, group: TrialGroup) -> None:
    """Forget a group; test mails that went to it stay in the history."""
    rules.require(rules.is_editor, by)
    group.delete()


def _clean_name(name: str, group: TrialGroup) -> str:
    try:
        name = clean_line(name, 60)
    except ValueError as error:
        raise ValidationError({"name": str(error)}) from error
    if TrialGroup.objects.exclude(pk=group.pk).filter(name=name).exists():
        raise ValidationError({"name": _("There is a group of this name already.")})
    return name


def _clean_address(address: str) -> str:
    try:
        validate_email(address)
        require_mailable(address)
    except (ValidationError, ValueError) as error:
        words = _("“%(address)s” is no mail address.")
        raise ValidationError({"addresses": words % {"address": address}}) from error
    return address
