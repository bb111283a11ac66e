"""What a reader gets in place of a page, in the publication's language.

The desk answers its own signed-in users before these are asked.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .pages import publication_of, spoken_by

# Pages of the team that anyone may meet: they keep the visitor's language.
TEAM = ("/desk/", "/accounts/", "/admin/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "404.html", 404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    reason = str(exception) if isinstance(exception, PermissionDenied) else ""
    return _page(request, "403.html", 403, reason=reason)


def _page(
    request: HttpRequest, template: str, status: int, **context: str
) -> HttpResponse:
    publication = publication_of(request)
    speaker = None if request.path_info.startswith(TEAM) else publication
    with spoken_by(speaker):
        response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response
