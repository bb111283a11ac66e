"""An issue in its faces: as readers will see it, as Markdown, as plain text."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from editorial.content.faces import markdown, text, web
from editorial.content.outline import Outline
from editorial.desk.doors import READ, door, find_issue
from editorial.models import Issue
from editorial.models.outlines import load_outline

# By name: how it is made, its file's ending and its type.
FACES = {
    "markdown": (markdown.render, "md", "text/markdown"),
    "text": (text.render, "txt", "text/plain"),
}


def _publication_language(request: HttpRequest) -> str:
    publication = getattr(request, "publication", None)
    return publication.language if publication else settings.LANGUAGE_CODE


@door(READ)
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The web page as it would go out now, under a bar that leads back."""
    issue = find_issue(slug)
    outline = _as_printed(issue)
    language = _publication_language(request)
    with translation.override(language):
        faces: dict[str, Any] = {
            "body": web.render(outline),
            "byline": web.byline(outline),
        }
    context = {"issue": issue, "outline": outline, "spoken": language, **faces}
    return render(request, "editorial/preview.html", context)


def _as_printed(issue: Issue) -> Outline:
    """What readers have, with its corrections; before that, what they would get."""
    revision = issue.live_revision
    return revision.outline if revision else load_outline(issue)


@door(READ)
def face(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """A face to copy, or with ?download=1 as a file."""
    if name not in FACES:
        raise Http404
    issue = find_issue(slug)
    make, ending, kind = FACES[name]
    with translation.override(_publication_language(request)):
        words = make(_as_printed(issue), base=settings.PUBLIC_URL)
    if request.GET.get("download"):
        response = HttpResponse(words, content_type=f"{kind}; charset=utf-8")
        filename = f"issue-{issue.slug}.{ending}"
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
        return response
    context = {"issue": issue, "face": name, "words": words}
    return render(request, "editorial/face.html", context)
