"""The newest issues in full, as Atom (RFC 4287) and as RSS 2.0.

Built on Django's feed generator without its view, which would take the addresses from
the Host header.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from editorial.content import markdown
from editorial.content.faces import web
from editorial.models import Issue

from .pages import absolute, etag, publication_of, reader_page

ISSUES = 20

# What XML 1.0 cannot hold at all; one such character would make the feed a 500.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class AtomFeed(Atom1Feed):
    """Atom with the whole issue in <content>, and a short <summary>."""

    content_type = "application/atom+xml; charset=utf-8"

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


class RssFeed(Rss201rev2Feed):
    """RSS with the whole issue in <content:encoded>, and a short <description>."""

    content_type = "application/rss+xml; charset=utf-8"

    def rss_attributes(self) -> dict[str, str]:
        module = {"xmlns:content": "http://purl.org/rss/1.0/modules/content/"}
        return super().rss_attributes() | module

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content:encoded", item["content"])


def _newest() -> Any:
    return Issue.objects.published().newest_first()[:ISSUES]


def _feed_etag(request: HttpRequest) -> str:
    return etag(request, *_newest().values_list("slug", "live_revision__content_hash"))


@require_safe
@reader_page
@condition(etag_func=_feed_etag)
def atom(request: HttpRequest) -> HttpResponse:
    return _answer(request, AtomFeed)


@require_safe
@reader_page
@condition(etag_func=_feed_etag)
def rss(request: HttpRequest) -> HttpResponse:
    return _answer(request, RssFeed)


def _answer(request: HttpRequest, kind: type[SyndicationFeed]) -> HttpResponse:
    publication = publication_of(request)
    feed = kind(
        title=xml_safe(publication.name if publication else "Masthead"),
        link=absolute(reverse("site:home")),
        description=xml_safe(publication.tagline if publication else ""),
        language=publication.language if publication else "en",
        feed_url=absolute(request.path),
        author_name=xml_safe(publication.name if publication else "Masthead"),
        feed_copyright=xml_safe(publication.licence if publication else "") or None,
    )
    for issue in _newest().select_related("live_revision"):
        feed.add_item(**_entry(issue))
    response = HttpResponse(content_type=kind.content_type)
    feed.write(response, "utf-8")
    return response


def _entry(issue: Issue) -> dict[str, Any]:
    outline = issue.live_revision.outline
    address = absolute(issue.get_absolute_url())
    # A typo fix is no reason to show it as unread again (RFC 4287, section 4.2.15).
    corrected = outline.corrections[-1].at if outline.corrections else None
    body = web.render(outline, base=absolute(""), contents=False)
    heading = _("Issue %(number)s") % {"number": outline.number}
    return {
        "title": xml_safe(": ".join(filter(None, [heading, outline.title]))),
        "link": address,
        "unique_id": address,
        "unique_id_is_permalink": True,
        "pubdate": issue.published_at,
        "updateddate": corrected or issue.published_at,
        "description": xml_safe(outline.dek or _opening(outline.opening_note)),
        "author_name": xml_safe(", ".join(outline.authors)) or None,
        "categories": [xml_safe(section.title) for section in outline.sections],
        "content": xml_safe(body),
    }


def _opening(note: str) -> str:
    return markdown.plain(note, links=False).split("\n", 1)[0]


def xml_safe(text: str) -> str:
    """`text` without the characters that XML 1.0 has no way to write."""
    return _NOT_XML.sub("", text)
