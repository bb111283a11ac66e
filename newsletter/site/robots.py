"""What search engines are told: where everything is, and where not to look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from editorial.models import Issue, Section

from .indexes import printed_authors, printed_sections, printed_topics
from .pages import absolute, reader_page

# Nothing secret is kept secret by this; it saves crawlers the way to a login form.
NOT_FOR_ROBOTS = ("/desk/", "/accounts/", "/admin/", "/language/", "/c/")


class _Map(Sitemap):
    """Addresses from the setting, never from the Host header."""

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.PUBLIC_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.PUBLIC_URL).scheme


class IssueMap(_Map):
    def items(self) -> QuerySet[Issue]:
        issues = Issue.objects.published().select_related("live_revision")
        return issues.defer("live_revision__outline_json").newest_first()

    def lastmod(self, issue: Issue) -> datetime:
        return max(issue.published_at, issue.live_revision.made_at)


class SectionMap(_Map):
    def items(self) -> QuerySet[Section]:
        return printed_sections().recurring()


class TopicMap(_Map):
    items = staticmethod(printed_topics)


class AuthorMap(_Map):
    items = staticmethod(printed_authors)


class PageMap(_Map):
    """The pages that are always there."""

    def items(self) -> Sequence[str]:
        return ("home", "archive", "sections", "topics", "authors", "subscribe")

    def location(self, name: str) -> str:
        return reverse(f"site:{name}")


SITEMAPS = {
    "pages": PageMap,
    "issues": IssueMap,
    "sections": SectionMap,
    "topics": TopicMap,
    "authors": AuthorMap,
}


@require_safe
@reader_page
def sitemap(request: HttpRequest) -> HttpResponse:
    response = sitemap_view(request, SITEMAPS)
    return response.render()


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The address browsers try unasked, on pages that name no icon of their own."""
    return redirect(static("icons/favicon.svg"))


@require_safe
@reader_page
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *"]
    lines += [f"Disallow: {path}" for path in NOT_FOR_ROBOTS]
    lines += ["", f"Sitemap: {absolute(reverse('site:sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
