"""The front page, an issue, and the archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from editorial.content.faces import web
from editorial.content.faces.copies import Copies
from editorial.content.faces.typeset import Addresses
from editorial.models import ArchivedCopy, Issue, Item, Topic

from .pages import absolute, canonical, etag, page_of, publication_of, reader_page
from .reading import minutes

EARLIER_ON_HOME = 4


def _newest() -> Issue | None:
    return _readable().newest_first().first()


def _readable():
    return Issue.objects.published().select_related("live_revision")


def _home_etag(request: HttpRequest) -> str:
    # The archive's slugs too: it lists earlier issues below the newest.
    rows = Issue.objects.published().newest_first()[: EARLIER_ON_HOME + 1]
    printed = list(rows.values_list("slug", "live_revision__content_hash"))
    newest = [slug for slug, _content_hash in printed[:1]]
    request.copies = copies_in(Issue.objects.filter(slug__in=newest))
    return etag(request, *printed, _named(request.copies))


@require_safe
@reader_page
@condition(etag_func=_home_etag)
def home(request: HttpRequest) -> HttpResponse:
    """The newest issue in full; before the first one a welcome.

    Reading starts at once, without a click. Where the publication is the sample, or
    there is none yet, the page also offers the two ways on: look around, or set up
    one's own (from a browser in development only; in production that is the command
    `found_publication`, because a page anyone can reach must not hand out the keys).
    """
    publication = publication_of(request)
    newest = _newest() if publication else None
    if newest is None:
        template = "newsletter/site/before_first.html"
        return render(request, template, _welcome(request))
    earlier = Issue.objects.published().newest_first().exclude(pk=newest.pk)
    context = {
        **_welcome(request),
        **_issue_context(newest, publication.byline_label, request.copies),
        "canonical": canonical(request),
        "earlier": earlier[:EARLIER_ON_HOME],
    }
    return render(request, "newsletter/site/home.html", context)


def _welcome(request: HttpRequest) -> dict[str, Any]:
    publication = publication_of(request)
    is_sample = publication is not None and publication.is_sample
    return {
        "is_sample": is_sample,
        "offers_setup": settings.DEVELOPMENT and (is_sample or publication is None),
        "canonical": canonical(request),
    }


def _issue_etag(request: HttpRequest, slug: str) -> str | None:
    issue = _readable().filter(slug=slug).first()
    if issue is None:
        return None
    request.issue = issue
    request.neighbours = _neighbours(issue)
    around = [neighbour and neighbour.slug for neighbour in request.neighbours]
    request.copies = copies_in([issue])
    named = _named(request.copies)
    return etag(request, issue.live_revision.content_hash, named, *around)


def _named(copies: Copies) -> list[tuple[str, str]]:
    """What of them changes a page."""
    return sorted((key, copy.url) for key, copy in copies.by_key.items())


@require_safe
@reader_page
@condition(etag_func=_issue_etag)
def issue(request: HttpRequest, slug: str) -> HttpResponse:
    """One published issue, as its live revision froze it.

    A withdrawn one answers 410: it was here, and it is gone on purpose. Whether an
    issue that is still on the desk exists is nobody's business: 404.
    """
    found = getattr(request, "issue", None)
    if found is None:
        return _absent(request, slug)
    previous, following = request.neighbours
    publication = publication_of(request)
    label = publication.byline_label if publication else ""
    context = {
        **_issue_context(found, label, request.copies),
        "canonical": canonical(request),
        "previous": previous,
        "following": following,
    }
    return render(request, "newsletter/site/issue.html", context)


def _absent(request: HttpRequest, slug: str) -> HttpResponse:
    withdrawn = Issue.objects.withdrawn().filter(slug=slug).first()
    if withdrawn is None:
        raise Http404(_("There is no such issue."))
    return render(request, "410.html", {"number": withdrawn.number}, status=410)


def _neighbours(issue: Issue) -> tuple[Issue | None, Issue | None]:
    """The published issues before and after this one."""
    published = Issue.objects.published()
    return published.before(issue).first(), published.after(issue).first()


def _issue_context(issue: Issue, label: str, copies: Copies) -> dict[str, Any]:
    """`label` is what the authors are called where the issue does not say."""
    outline = issue.live_revision.outline
    outline = replace(outline, byline_label=outline.byline_label or label)
    addresses = addresses_in(issue)
    cover = outline.cover
    return {
        "issue": issue,
        "outline": outline,
        "title": outline.title,
        "minutes": minutes(outline),
        "byline": web.byline(outline, addresses=addresses),
        "body": web.render(outline, addresses=addresses, copies=copies),
        "cover_url": absolute(cover.src) if cover and cover.src else "",
    }


def copies_in(issues: Iterable[Issue]) -> Copies:
    """Where dead links of these issues lead readers now."""
    items = Item.objects.published().filter(issue__in=issues)
    return ArchivedCopy.objects.of_items(items)


def addresses_in(issue: Issue) -> Addresses:
    """Where the names printed on a published issue lead."""
    places = issue.issue_sections.select_related("section")
    topics = Topic.objects.filter(items__issue=issue).distinct()
    credits = issue.credits.select_related("author")
    return Addresses(
        section={p.section.title: p.section.get_absolute_url() for p in places}.get,
        topic={topic.name: topic.get_absolute_url() for topic in topics}.get,
        author={c.author.name: c.author.get_absolute_url() for c in credits}.get,
    )


@require_safe
@reader_page
def archive(request: HttpRequest) -> HttpResponse:
    """Every published issue, newest first."""
    page = page_of(request, Issue.objects.published().newest_first())
    context = {"page": page, "canonical": canonical(request, page)}
    return render(request, "newsletter/site/archive.html", context)
