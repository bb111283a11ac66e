"""What every page of the desk shares: its language, its clock, its way of refusing.

They apply to views of the namespaces `desk` and `readers`, for signed-in users, and
language and clock to Django's admin too; readers' pages speak the publication's
language by their own means.
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
# Django's admin refuses by its own pages, but tells times and words as the desk does.
SPEAKING = NAMESPACES | {"admin"}
CONFLICTS = (IllegalTransition, StaleVersion, ContentChanged, NotReady)


def is_of(namespaces: frozenset[str], request: HttpRequest) -> bool:
    """Whether a signed-in person asks for a page of one of these namespaces."""
    match = request.resolver_match
    named = match is not None and bool(match.namespaces)
    return named and match.namespaces[0] in namespaces and request.user.is_authenticated


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
        if not is_of(SPEAKING, request):
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
        if not is_of(NAMESPACES, request):
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
        "reasons": error.reasons if isinstance(error, NotReady) else [words_of(error)],
        "not_ready": isinstance(error, NotReady),
        "back": _same_site(request),
    }
    return render(request, "editorial/errors/409.html", context, status=409)


def words_of(error: Exception) -> str:
    """What a refusal says to a person."""
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
