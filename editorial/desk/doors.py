"""What every door of the desk begins with: who knocks, how, and for what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.forms import Form
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from editorial import duties
from editorial.models import Issue, Item

Door = Callable[..., HttpResponseBase]

READ = ("GET", "HEAD")
PRESS = ("POST",)
ASK = ("GET", "HEAD", "POST")


def door(methods: tuple[str, ...]) -> Callable[[Door], Door]:
    """A view for members of the newsroom, never kept by a cache."""

    def wrap(view: Door) -> Door:
        return never_cache(login_required(require_http_methods(methods)(view)))

    return wrap


def find_issue(slug: str) -> Issue:
    return get_object_or_404(Issue.objects.select_related("lead_editor"), slug=slug)


def find_item(request: HttpRequest, pk: int) -> Item:
    """The item, or 404 also where it is somebody's private draft."""
    return get_object_or_404(duties.readable_items(request.user), pk=pk)


def seen(row: Any, form: Form) -> Any:
    """The row as the person saw it: the domain refuses it if it is another by now."""
    row.version = parsed(form)["version"]
    return row


def parsed(form: Form) -> dict[str, Any]:
    """What a press sent along; a page of ours never sends anything else."""
    if not form.is_valid():
        raise BadRequest(form.errors.as_text())
    return form.cleaned_data
