"""What a reader gets in place of a page, in the publication's language.

The desk answers its own signed-in users before these are asked.
"""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.defaults import bad_request

from .pages import publication_of, spoken_by

# Pages of the team that anyone may meet: they keep the visitor's language.
TEAM = ("/desk/", "/accounts/", "/admin/")
# Where the links in mails lead, each with its reader's own key.
OF_READERS = {
    "site:unsubscribe",
    "site:preferences",
    "site:one_click",
    "site:delete",
}
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
READ_ON = 64 * 1024 * 1024  # bytes; whoever sends more gets no page


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    match = request.resolver_match
    is_reader = match is not None and match.view_name in OF_READERS
    return _page(request, "404.html", 404, is_reader=is_reader)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    is_ours = isinstance(exception, PermissionDenied) and not _is_allauths(request)
    reason = str(exception) if is_ours else ""
    return _page(request, "403.html", 403, reason=reason)


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 with the way on for what is too much at once, else a 400 that asks nobody.

    It may be the Host that is wrong, before anything else was asked for.
    """
    if not isinstance(exception, TOO_MUCH):
        with translation.override(translation.get_language_from_request(request)):
            return bad_request(request, exception)
    _let_it_arrive(request)
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return _page(request, "413.html", 413, limit=limit)


def _let_it_arrive(request: HttpRequest) -> None:
    """Read on: a browser that may not send everything shows no answer at all."""
    left = READ_ON
    with suppress(OSError):
        while left > 0 and (part := request.read(64 * 1024)):
            left -= len(part)


def _page(
    request: HttpRequest, template: str, status: int, **context: object
) -> HttpResponse:
    publication = publication_of(request)
    if request.path_info.startswith(TEAM):
        speaker, language = None, _language_of(request)
    else:
        speaker, language = publication, None
    with (
        spoken_by(speaker),
        translation.override(language or translation.get_language()),
    ):
        response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _is_allauths(request: HttpRequest) -> bool:
    """Whether what refuses speaks to developers, and in English."""
    return request.path_info.startswith("/accounts/")


def _language_of(request: HttpRequest) -> str:
    """What a colleague has chosen; empty for anybody else."""
    return getattr(getattr(request, "user", None), "language", "")
