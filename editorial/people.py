"""Who is in the newsroom: invitations, roles, leaving, and one's own profile."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.models import EmailAddress
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial import notices, rules
from editorial.content.typed_text import clean_line, require_mailable
from editorial.models import (
    Author,
    Invitation,
    Publication,
    Role,
    Transition,
    User,
    hash_token,
)
from editorial.models.people import InvitationQuerySet

logger = logging.getLogger(__name__)

SIGN_IN_SALT = "editorial.people.sign_in"
SIGN_IN_SECONDS = 15 * 60


class InvitationClosed(Exception):
    """The link is not valid: used up, taken back, out of date, or never was."""


class NameIsCredited(ValidationError):
    """A credited author without an account has this name: is it the same person?"""


class MailRefused(Exception):
    """The mail server did not take it; nothing was kept. The text is for a person."""


# --- invitations ------------------------------------------------------------------


def invite_by_mail(
    *, by: User, email: str, name: str = "", role: str = Role.AUTHOR
) -> Invitation:
    """Mail one person a way in that works once, for 14 days.

    An older open invitation to the same address stops working. Raises ValidationError
    by field, and MailRefused when the mail could not be sent (then it never was).
    """
    email = clean_address(email)
    _require_no_account(email)
    invitation, token = _new_invitation(by, role=role, email=email, name=name)
    try:
        notices.mail_invitation(invitation, url=join_url(token))
    except notices.mail_errors() as error:
        invitation.delete()
        logger.warning("invitation not mailed: %s", error)
        raise MailRefused(
            _("The mail could not be sent. Try again, or make a link for the group.")
        ) from error
    open_ones = Invitation.objects.open().exclude(pk=invitation.pk)
    open_ones.filter(email=email).update(revoked_at=timezone.now())
    return invitation


def invite_by_link(*, by: User, role: str = Role.AUTHOR) -> tuple[Invitation, str]:
    """A link to paste into the team's group: many may use it, for 14 days.

    Gives the invitation and its address; the secret in it is stored as a hash only.
    """
    invitation, token = _new_invitation(by, role=role)
    return invitation, join_url(token)


@transaction.atomic
def _new_invitation(
    by: User, *, role: str, email: str = "", name: str = ""
) -> tuple[Invitation, str]:
    rules.require(rules.can_invite, by)
    if role not in Role.values:
        raise ValidationError({"role": _("Choose one of the roles.")})
    rules.require(rules.can_invite_as, by, role)
    token = Invitation.new_token()
    invitation = Invitation.objects.create(
        email=email,
        name=clean_name(name) if name else "",
        role=role,
        token_hash=hash_token(token),
        invited_by=by,
        expires_at=timezone.now() + Invitation.LIFETIME,
    )
    record(by, str(invitation), "invited", to_state=role)
    return invitation, token


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    """Take an invitation back; its link stops working at once. Safe to call twice."""
    rules.require(rules.can_invite, by)
    rules.require(rules.can_invite_as, by, invitation.role)
    open_ones = Invitation.objects.open().filter(pk=invitation.pk)
    if open_ones.update(revoked_at=timezone.now()):
        record(by, str(invitation), "invitation_revoked", from_state=invitation.role)


def open_invitations() -> InvitationQuerySet:
    """Those whose links still work, newest first."""
    return Invitation.objects.open().select_related("invited_by")


def find_invitation(token: str) -> Invitation:
    """The open invitation of this token. Changes nothing; raises InvitationClosed."""
    invitation = Invitation.objects.open().by_token(token)
    if invitation is None:
        raise InvitationClosed
    return invitation


@transaction.atomic
def accept_invitation(
    *, token: str, name: str, email: str = "", is_credited: bool = False
) -> User:
    """Make the account an open invitation promises.

    `email` counts only where the invitation names none. The account gets the credited
    author of the same name, if that one has no account yet and either the invitation
    named them or `is_credited` says that they are the same person; else raises
    NameIsCredited. Raises InvitationClosed, and ValidationError by field.
    """
    # Locked: two presses on a link that works once make one account.
    locked = Invitation.objects.open().select_for_update()
    invitation = locked.filter(token_hash=hash_token(token)).first()
    if invitation is None:
        raise InvitationClosed
    return _join(invitation, name=name, email=email, is_credited=is_credited)


@transaction.atomic
def accept_for_verified_address(*, email: str, name: str) -> User | None:
    """Make the account of an open invitation mailed to this proven address, if any.

    For sign-in by a third party that vouches for the address.
    """
    locked = Invitation.objects.open().select_for_update()
    invitation = locked.filter(email__iexact=email).first()
    if invitation is None or User.objects.filter(email__iexact=email).exists():
        return None
    wanted = invitation.name or name
    if _credited(wanted) is not None and wanted != invitation.name:
        wanted = (
            email  # not asked yet whether they are that author; to be changed later
        )
    return _join(invitation, name=wanted[:60], email="", is_credited=False)


def _join(invitation: Invitation, *, name: str, email: str, is_credited: bool) -> User:
    name = clean_name(name)
    address = invitation.email or clean_address(email)
    _require_no_account(address)
    author = _credited(name)
    if author is not None:
        if author.user_id is not None:
            raise ValidationError(
                {"name": _("Somebody here has this name. Add to it.")}
            )
        if not (is_credited or invitation.name.casefold() == name.casefold()):
            raise NameIsCredited(
                {"is_credited": _("“%(name)s” is in print already.") % {"name": name}}
            )
    publication = Publication.objects.current()
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                address,
                name=name,
                role=invitation.role,
                is_sample=bool(publication and publication.is_sample),
            )
            EmailAddress.objects.create(
                user=user, email=address, primary=True, verified=bool(invitation.email)
            )
            author = author or Author(name=name)
            author.user = user
            author.save()
    except IntegrityError as error:  # somebody joined by this address or name just now
        raise ValidationError(
            {"email": _("There is an account with this address. Sign in with it.")}
        ) from error
    Invitation.objects.filter(pk=invitation.pk).update(uses=F("uses") + 1)
    record(
        user, str(user), "joined", to_state=user.role, note=str(invitation.invited_by)
    )
    return user


def join_url(token: str) -> str:
    return notices.absolute(reverse("desk:join", args=[token]))


def _credited(name: str) -> Author | None:
    return Author.objects.filter(name__iexact=name.strip()).first()


def _require_no_account(email: str) -> None:
    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        return
    if found.is_active:
        words = _("There is an account with this address. Sign in with it.")
    else:
        words = _("This account was deactivated. An admin can bring it back.")
    raise ValidationError({"email": words})


# --- roles and leaving ------------------------------------------------------------


@transaction.atomic
def change_role(*, user: User, by: User, role: str) -> User:
    """Make a colleague author, editor or admin. Nobody changes their own role.

    Raises ValidationError for one's own role and for the last admin's.
    """
    if role not in Role.values:
        raise ValidationError({"role": _("Choose one of the roles.")})
    fresh = _lock_colleague(user, by)
    if fresh.role == role:
        return fresh
    if role != Role.ADMIN:
        _require_another_admin(fresh)
    before, fresh.role = fresh.role, role
    fresh.save(update_fields=["role"])
    record(by, str(fresh), "role_changed", from_state=before, to_state=role)
    return fresh


@transaction.atomic
def deactivate(*, user: User, by: User) -> User:
    """Close an account: its sessions end at once, its words and credits stay."""
    fresh = _lock_colleague(user, by)
    if not fresh.is_active:
        return fresh
    _require_another_admin(fresh)
    fresh.is_active = False
    fresh.save(update_fields=["is_active"])
    record(by, str(fresh), "deactivated", from_state="active", to_state="inactive")
    return fresh


@transaction.atomic
def reactivate(*, user: User, by: User) -> User:
    """Open a closed account again, in the role it had."""
    fresh = _lock_colleague(user, by)
    if fresh.is_active:
        return fresh
    fresh.is_active = True
    fresh.save(update_fields=["is_active"])
    record(by, str(fresh), "reactivated", from_state="inactive", to_state="active")
    return fresh


def _lock_colleague(user: User, by: User) -> User:
    """The colleague's row, read under a lock on every admin's.

    Two admins who demote each other at once come one after the other: the second is
    no admin any more.
    """
    admins = User.objects.active().filter(role=Role.ADMIN).select_for_update()
    acting = {admin.pk: admin for admin in admins.order_by("pk")}.get(by.pk)
    rules.require(rules.can_manage_people, acting or User())
    if user.pk == by.pk:
        raise ValidationError(
            {"role": _("Ask another admin to change your own account.")}
        )
    return User.objects.select_for_update().get(pk=user.pk)


def _require_another_admin(user: User) -> None:
    others = User.objects.active().filter(role=Role.ADMIN).exclude(pk=user.pk)
    if user.is_admin and not others.exists():
        raise ValidationError(
            {"role": _("The last admin stays. Name another one first.")}
        )


def colleagues() -> QuerySet[User]:
    """Every account with its credited name; those who left come last."""
    return User.objects.select_related("author").order_by("-is_active", "name", "pk")


# --- one's own profile ------------------------------------------------------------


@transaction.atomic
def edit_profile(
    *,
    user: User,
    name: str,
    language: str = "",
    author_name: str = "",
    bio: str = "",
    website: str = "",
) -> User:
    """Save one's own name, desk language, and the name and words printed with it.

    An empty `author_name` prints the account's name. Raises ValidationError by field.
    """
    author = Author.objects.filter(user=user).first() or Author(user=user)
    name = clean_name(name)
    author.name = clean_name(author_name or name, field="author_name")
    if Author.objects.exclude(pk=author.pk).filter(name__iexact=author.name).exists():
        raise ValidationError({"author_name": _("Another author has this name.")})
    author.bio = _clean("bio", bio, 300)
    author.website = website.strip()
    if author.website:
        _check("website", URLValidator(schemes=["http", "https"]), author.website)
    user.name, user.language = name, language
    user.clean_fields(exclude=["password", "email"])
    user.save(update_fields=["name", "language"])
    author.save()
    return user


def choose_language(*, user: User, language: str) -> User:
    """Speak to this person in `language` on the desk and in notices."""
    user.language = language
    user.clean_fields(exclude=["password", "email", "name", "role"])
    user.save(update_fields=["language"])
    return user


def clean_name(name: str, *, field: str = "name") -> str:
    """A person's name, tidied. Raises ValidationError naming the field."""
    name = _clean(field, name, 60)
    if not name:
        raise ValidationError({field: _("Give a name.")})
    return name


def clean_address(email: str) -> str:
    """One mail address, in lower case. Raises ValidationError naming the field."""
    email = email.strip().lower()
    if len(email) > 254:
        raise ValidationError({"email": _("This is no mail address.")})
    _check("email", validate_email, email)
    try:
        require_mailable(email)
    except ValueError as error:
        raise ValidationError({"email": str(error)}) from error
    return email


def _clean(field: str, value: str, limit: int) -> str:
    try:
        return clean_line(value, limit)
    except ValueError as error:
        raise ValidationError({field: str(error)}) from error


def _check(field: str, validator: Any, value: str) -> None:
    try:
        validator(value)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error


# --- signing in by a mailed link --------------------------------------------------


def sign_in_token(user: User) -> str:
    """A secret that signs `user` in once, within 15 minutes: any sign-in ends it."""
    return signing.dumps([user.pk, _last_sign_in(user)], salt=SIGN_IN_SALT)


def user_of_sign_in_token(token: str) -> User | None:
    """Whom a mailed link signs in; None when it is used, out of date or made up."""
    try:
        pk, last = signing.loads(token, salt=SIGN_IN_SALT, max_age=SIGN_IN_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.active().filter(pk=pk).first()
    return user if user is not None and _last_sign_in(user) == last else None


def _last_sign_in(user: User) -> str:
    return user.last_login.isoformat() if user.last_login else ""


def record(by: User, subject: str, verb: str, *, note: str = "", **states: str) -> None:
    """An audit row about a person; belongs into the deed's own transaction."""
    Transition.objects.create(
        subject=subject[:220],
        verb=verb,
        version=0,
        by=by,
        by_name=str(by)[:60],
        role=by.role,
        note=note,
        **states,
    )
