"""What the newsroom's admin pages share: nothing is decided or moved by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from editorial.content.typed_text import clean_line, clean_text
from editorial.desk.middleware import words_of
from editorial.states import ContentChanged, IllegalTransition, NotReady, StaleVersion

REFUSALS = (
    ContentChanged,
    IllegalTransition,
    NotReady,
    PermissionDenied,
    StaleVersion,
    ValidationError,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that are looked at here and changed elsewhere, or never."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest, *_obj: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TidyForm(forms.ModelForm):
    """What is typed here obeys the same rule as on the desk: no control characters."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):
            if not isinstance(value, str):
                continue
            is_long = isinstance(self.fields[name].widget, forms.Textarea)
            try:
                cleaned[name] = (
                    clean_text(value) if is_long else clean_line(value, 2048)
                )
            except ValueError as error:
                self.add_error(name, str(error))
        return cleaned


class ReadOnlyInline(admin.TabularInline):
    """Rows shown with what they belong to."""

    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields  # a form has no place for the uneditable ones

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _why(row: Any, error: Exception) -> str:
    if isinstance(error, IllegalTransition):
        row.refresh_from_db(fields=["state"])
        words = _("not possible in the state “%(state)s”.")
        return words % {"state": row.get_state_display()}
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, StaleVersion):
        return words_of(error)
    return str(error) or _("You may not do this; an editor or an admin can.")


def move_each(
    request: HttpRequest, rows: QuerySet[Any], move: Callable[[Any], Any]
) -> None:
    """Make a move with each chosen row; say how many went and why the others did not."""
    done = 0
    for row in rows:
        try:
            move(row)
        except REFUSALS as error:
            messages.error(request, f"{row}: {_why(row, error)}")
        else:
            done += 1
    if done:
        words = ngettext("%(n)d done.", "%(n)d done.", done)
        messages.success(request, words % {"n": done})
