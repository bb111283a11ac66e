"""What every page for readers shares: its language, its clock, its addresses.

Readers' pages set no cookie and read none: they are the same for everybody, so that a
browser, a proxy or a CDN may keep them and ask only whether they changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject

from editorial.models import Publication

View = Callable[..., HttpResponse]

PER_PAGE = 20
# What a rendered page is made of besides the database.
_SOURCES = ("templates", "locale", "editorial/content", "newsletter/site")


def publication_of(request: HttpRequest) -> Publication | None:
    """The publication, asked for once per request."""
    if not hasattr(request, "publication"):
        request.publication = Publication.objects.current()
    return request.publication


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the publication (asked for only where a page names it)."""
    return {
        "publication": SimpleLazyObject(lambda: publication_of(request)),
        "public_url": settings.PUBLIC_URL,
    }


def absolute(path: str) -> str:
    """A link that works elsewhere: from the setting, never from the Host header."""
    return f"{settings.PUBLIC_URL}{path}"


@contextmanager
def spoken_by(publication: Publication | None):
    """The publication's language and time zone; the visitor's where there is none."""
    if publication is None:
        yield
        return
    with (
        translation.override(publication.language),
        timezone.override(publication.tz),
    ):
        yield


def reader_page(view: View) -> View:
    """Answer in the publication's language and time zone, whatever the visitor's.

    A copy may be kept but must be asked about each time: a withdrawn issue is gone from
    caches at once.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with spoken_by(publication_of(request)):
            response = view(request, *args, **kwargs)
            response.headers.setdefault(
                "Content-Language", translation.get_language() or ""
            )
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, public=True, no_cache=True)
        return response

    return answer


def private_page(view: View) -> View:
    """A page about one reader's subscription: kept by no cache, found by no search.

    Its address may hold a secret, so it is not passed on as a referrer either.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return reader_page(answer)


def etag(request: HttpRequest, *parts: object) -> str:
    """Names one state of a page: what was published, the publication, our own code."""
    publication = publication_of(request)
    fields = sorted(vars(publication).items()) if publication else []
    state = [(name, value) for name, value in fields if not name.startswith("_")]
    text = repr((request.get_full_path(), state, _code_version(), parts))
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


@cache
def _code_version() -> str:
    """Changes with each release that may print a page differently."""
    digest = hashlib.sha256()
    for source in _SOURCES:
        for path in sorted(Path(settings.BASE_DIR, source).rglob("*.*")):
            if path.suffix in {".html", ".py", ".mo"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def page_of(
    request: HttpRequest, rows: QuerySet[Any], per_page: int = PER_PAGE
) -> Page:
    """The page of `rows` that `?page=` asks for: the first or last for nonsense."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def canonical(request: HttpRequest, page: Page | None = None) -> str:
    """The one address of this page, without whatever else its query string holds."""
    number = f"?page={page.number}" if page is not None and page.number > 1 else ""
    return absolute(f"{request.path}{number}")
