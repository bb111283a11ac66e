"""Ways into the archive besides time: by section, by topic, by author."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from editorial.content import markdown
from editorial.content.faces import typeset
from editorial.content.faces.copies import CopyNote
from editorial.content.link_keys import host_of
from editorial.models import ArchivedCopy, Author, Issue, Item, Section, Topic

from .pages import canonical, page_of, reader_page


@dataclass(frozen=True, slots=True)
class Clipping:
    """A printed item on its own, away from its issue."""

    item: Item
    link: str
    host: str
    prose: SafeString
    notes: tuple[CopyNote, ...]


def printed_sections() -> QuerySet[Section]:
    """Sections readers have seen something in, with `item_count`."""
    return _counted(Section.objects.all()).order_by("position", "pk")


def printed_topics() -> QuerySet[Topic]:
    """Topics readers have read about, the most covered first, with `item_count`."""
    return _counted(Topic.objects.all()).order_by("-item_count", "name")


def printed_authors() -> QuerySet[Author]:
    """Names on published issues, the most frequent first, with `issue_count`."""
    credited = Author.objects.filter(credits__issue__in=Issue.objects.published())
    counted = credited.annotate(issue_count=Count("credits__issue", distinct=True))
    return counted.order_by("-issue_count", "name")


def _counted(rows: QuerySet[Any]) -> QuerySet[Any]:
    printed = rows.filter(items__in=Item.objects.published())
    return printed.annotate(item_count=Count("items", distinct=True))


@require_safe
@reader_page
def sections(request: HttpRequest) -> HttpResponse:
    """The recurring headings; one that stood in a single issue is found there."""
    context = {
        "sections": printed_sections().recurring(),
        "canonical": canonical(request),
    }
    return render(request, "newsletter/site/sections.html", context)


@require_safe
@reader_page
def topics(request: HttpRequest) -> HttpResponse:
    context = {"topics": printed_topics(), "canonical": canonical(request)}
    return render(request, "newsletter/site/topics.html", context)


@require_safe
@reader_page
def authors(request: HttpRequest) -> HttpResponse:
    context = {"authors": printed_authors(), "canonical": canonical(request)}
    return render(request, "newsletter/site/authors.html", context)


@require_safe
@reader_page
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """What was printed under this heading, newest first; 404 for nothing yet."""
    row = get_object_or_404(printed_sections(), slug=slug)
    return _clippings(request, "section", section=row, items=row.items)


@require_safe
@reader_page
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """What was printed about this subject, newest first; 404 for nothing yet."""
    row = get_object_or_404(printed_topics(), slug=slug)
    return _clippings(request, "topic", topic=row, items=row.items)


@require_safe
@reader_page
def author(request: HttpRequest, slug: str) -> HttpResponse:
    """An author's issues and items; 404 before the first one in print."""
    row = get_object_or_404(printed_authors(), slug=slug)
    issues = Issue.objects.published().filter(credits__author=row).distinct()
    return _clippings(
        request,
        "author",
        author=row,
        items=row.items,
        issues=issues.newest_first(),
    )


def _clippings(
    request: HttpRequest, name: str, *, items: Any, **context: Any
) -> HttpResponse:
    printed = items.published().order_by("-issue__published_at", "position", "pk")
    page = page_of(request, printed.select_related("issue", "topic", "credit"))
    context |= {
        "page": page,
        "clippings": list(_clip(list(page.object_list))),
        "canonical": canonical(request, page),
    }
    return render(request, f"newsletter/site/{name}.html", context)


def _clip(items: Sequence[Item]) -> Iterator[Clipping]:
    copies = ArchivedCopy.objects.of_items([item.pk for item in items])
    for item in items:
        link = typeset.absolute(item.url, "")
        yield Clipping(
            item=item,
            link=copies.lead(link),
            host=host_of(link) if "://" in link else "",
            prose=markdown.render(item.commentary, heading_level=3, lead=copies.leader),
            notes=copies.notes(item.url, item.commentary),
        )
