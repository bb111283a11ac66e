"""Accounts, the names credited in print, and invitations."""

import hashlib
import secrets
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .publication import free_slug


class Role(models.TextChoices):
    AUTHOR = "author", _("Author")
    EDITOR = "editor", _("Editor")
    ADMIN = "admin", _("Admin")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """A new account; without a password one signs in by mailed code."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields):
        return self.create_user(
            email, password, **{"role": Role.ADMIN, "is_superuser": True, **fields}
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def active(self) -> "models.QuerySet[User]":
        return self.filter(is_active=True)

    def named(self, text: str) -> "models.QuerySet[User]":
        """Active accounts with this mail address, or else with this name."""
        found = self.active().filter(email__iexact=text)
        return found if found.exists() else self.active().filter(name=text)

    def editors(self) -> "models.QuerySet[User]":
        """Active accounts that review by their role."""
        return self.active().filter(role__in=[Role.EDITOR, Role.ADMIN])


class User(AbstractBaseUser, PermissionsMixin):
    """An account. Signs in by mail address."""

    email = models.EmailField(_("mail address"), unique=True)
    name = models.CharField(_("name"), max_length=60)
    role = models.CharField(
        _("role"), max_length=8, choices=Role, default=Role.AUTHOR, db_index=True
    )
    language = models.CharField(
        _("language of the desk"), max_length=10, choices=settings.LANGUAGES, blank=True
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_sample = models.BooleanField(_("of the sample"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_addresses_differ")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Django admin is open to editors and admins; `rules` says what they see."""
        return self.is_active and self.role in {Role.EDITOR, Role.ADMIN}

    @property
    def is_editor(self) -> bool:
        return self.is_active and self.role in {Role.EDITOR, Role.ADMIN}

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == Role.ADMIN


class AuthorQuerySet(models.QuerySet["Author"]):
    def printed(self) -> "AuthorQuerySet":
        """Authors with at least one credit in a published issue."""
        return self.filter(credits__issue__state="published").distinct()


class Author(models.Model):
    """A credited name (墨封), with or without an account."""

    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("address"), max_length=80, unique=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="author",
    )
    bio = models.CharField(_("about"), max_length=300, blank=True)
    website = models.URLField(_("website"), blank=True)

    objects = AuthorQuerySet.as_manager()

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="author_names_differ")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        if not self.slug:
            self.slug = free_slug(Author, self.name, "author")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("site:author", args=[self.slug])


def hash_token(token: str) -> str:
    """The form in which a secret link is stored: SHA-256, 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Not expired, not revoked and, where addressed to one person, not yet used."""
        return self.filter(
            models.Q(email="") | models.Q(uses=0),
            expires_at__gt=timezone.now(),
            revoked_at=None,
        )

    def by_token(self, token: str) -> "Invitation | None":
        return self.filter(token_hash=hash_token(token)).first()


class Invitation(models.Model):
    """A way in: mailed to one person, or a link to paste into the team's group.

    The token itself is shown once and stored as a hash only.
    """

    LIFETIME = timedelta(days=14)

    email = models.EmailField(_("mail address"), blank=True)
    name = models.CharField(_("name"), max_length=60, blank=True)
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.AUTHOR)
    token_hash = models.CharField(
        _("hash of the token"), max_length=64, unique=True, editable=False
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("times used"), default=0)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.email or str(_("link for the group"))

    @staticmethod
    def new_token() -> str:
        """256 bits, URL-safe."""
        return secrets.token_urlsafe(32)
