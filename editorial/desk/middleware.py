"""What every page of the desk shares: its language, its clock, its way of refusing.

They apply to views of the namespaces `desk` and `readers` alone, for signed-in users;
readers' pages speak the publication's language by their own means.
"""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from editorial.models import Publication
from editorial.states import (
    ContentChanged,
    IllegalTransition,
    NotReady,
    StaleVersion,
)

NAMESPACES = frozenset({"desk", "readers"})
CONFLICTS = (IllegalTransition, StaleVersion, ContentChanged, NotReady)


def is_desk(request: HttpRequest) -> bool:
    match = request.resolver_match
    on_desk = (
        match is not None
        and bool(match.namespaces)
        and (match.namespaces[0] in NAMESPACES)
    )
    return on_desk and request.user.is_authenticated


class DeskMiddleware:
    """The user's language, the publication's clock, and one answer to each refusal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        if not is_desk(request):
            return
        publication = Publication.objects.current()
        request.publication = publication
        language = request.user.language or (publication and publication.language)
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        if publication:
            timezone.activate(publication.tz)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        if not is_desk(request):
            return None
        if isinstance(error, Http404):
            return render(request, "editorial/errors/404.html", status=404)
        if isinstance(error, PermissionDenied):
            context = {"reason": str(error)}
            return render(request, "editorial/errors/403.html", context, status=403)
        if isinstance(error, BadRequest):
            return render(request, "editorial/errors/400.html", status=400)
        if isinstance(error, CONFLICTS):
            return _conflict(request, error)
        return None


def _conflict(request: HttpRequest, error: Exception) -> HttpResponse:
    """Somebody was faster, or it is not ready: nothing was written; here is the way on."""
    context = {
        "reasons": error.reasons if isinstance(error, NotReady) else [_words(error)],
        "not_ready": isinstance(error, NotReady),
        "back": _same_site(request),
    }
    return render(request, "editorial/errors/409.html", context, status=409)


def _words(error: Exception) -> str:
    if isinstance(error, StaleVersion):
        return _("Somebody saved it after you opened this page.")
    if isinstance(error, IllegalTransition):
        return _("It has moved on since you opened this page.")
    return str(error)


def _same_site(request: HttpRequest) -> str:
    """The page the press came from, where the browser says so and it is ours."""
    referer = request.headers.get("Referer", "")
    host = f"{request.scheme}://{request.get_host()}"
    return referer.removeprefix(host) if referer.startswith(f"{host}/desk/") else ""
