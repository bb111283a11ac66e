"""Accounts, authors and invitations. Who may do what is changed on the team page."""

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from editorial import people
from editorial.models import Author, Invitation, User

from .base import ReadOnlyAdmin, TidyForm, move_each


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """No password, role or staff flag is set here: the domain guards the last admin."""

    list_display = ("name", "email", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("name", "email")
    fields = (
        "name",
        "email",
        "role",
        "language",
        "is_active",
        "last_login",
        "created_at",
    )
    actions = ("deactivate", "reactivate")

    @admin.action(description=_("Close account"), permissions=["view"])
    def deactivate(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        move_each(request, rows, lambda u: people.deactivate(user=u, by=request.user))

    @admin.action(description=_("Open account again"), permissions=["view"])
    def reactivate(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        move_each(request, rows, lambda u: people.reactivate(user=u, by=request.user))


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    form = TidyForm
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    list_display = ("name", "user", "website")
    list_select_related = ("user",)
    search_fields = ("name",)
    fields = ("name", "slug", "bio", "website")
    readonly_fields = ("slug",)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "role", "invited_by", "expires_at", "uses", "revoked_at")
    list_filter = ("role",)
    list_select_related = ("invited_by",)
    fields = ("email", "name", "role", "invited_by", "expires_at", "uses", "revoked_at")
    actions = ("revoke",)

    @admin.action(description=_("Take back"), permissions=["view"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        move_each(
            request,
            rows,
            lambda row: people.revoke_invitation(invitation=row, by=request.user),
        )
