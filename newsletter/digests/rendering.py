"""An issue as one mail for everybody: subject, text and HTML with markers for slots."""

import email.utils
import re
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from editorial.content.faces import mail as mail_face
from editorial.content.faces import text as text_face
from editorial.content.faces.columns import fold
from editorial.content.faces.typeset import absolute, join_names, names_by_label
from editorial.content.outline import (
    ROLE_AUTHOR,
    ROLE_EDITOR,
    ROLE_ILLUSTRATOR,
    ROLE_TRANSLATOR,
    Image,
    Outline,
)
from editorial.models import Issue, IssueRevision, Publication
from newsletter import inlining
from newsletter.models import Digest

from . import shortening
from .letter import GREETING_MARKERS, PREFERENCES_MARKER, UNSUBSCRIBE_MARKER

_KEPT = ' data-css-inline="keep"'  # the inliner's own word, no reader's
# Room for personal links, which are longer than their markers.
_ROOM = shortening.LIMIT - 2_000
# Keeps a list of mails from showing the text behind a short preheader.
_FILLER = "\u034f\u200c\u00a0" * 50
_RULE = re.compile(r"([^{}]+)(\{[^{}]*\})")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One mail before anything personal."""

    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def sender(self) -> str:
        return self.headers["From"]


class Unrenderable(Exception):
    """This issue cannot be made into a mail; trying again would not mend it."""


def render(issue: Issue, revision: IssueRevision) -> Rendered:
    """The digest of one revision in the publication's language, links absolute.

    Raises Unrenderable for whatever is wrong with the text, its template or settings.
    """
    try:
        return _render(issue, revision)
    except DatabaseError:
        raise
    except Exception as error:
        raise Unrenderable(f"{type(error).__name__}: {error}") from error


def render_now(digest: Digest) -> Rendered:
    """The digest as it would be frozen at this moment."""
    revision = digest.issue.live_revision
    if revision is None:
        raise Unrenderable("The issue was never published.")
    return render(digest.issue, revision)


def _render(issue: Issue, revision: IssueRevision) -> Rendered:
    publication = Publication.objects.current()
    if publication is None:
        raise Publication.DoesNotExist("Found a publication before sending its digest.")
    outline = revision.outline
    with (
        translation.override(publication.language),
        timezone.override(publication.tz),
    ):
        context = _context(publication, issue, outline)
        subject = render_to_string("emails/digest.subject.txt", context)
        return Rendered(
            subject=" ".join(subject.split())[:255],
            text=_text(outline, context),
            html=_html(outline, context),
            headers=headers_of(publication),
        )


def _context(
    publication: Publication, issue: Issue, outline: Outline
) -> dict[str, Any]:
    base = settings.PUBLIC_URL
    return {
        "publication": publication,
        "issue": issue,
        "outline": outline,
        "home_url": base + reverse("site:home"),
        "archive_url": base + reverse("site:archive"),
        "issue_url": base + issue.get_absolute_url(),
        "unsubscribe_url": UNSUBSCRIBE_MARKER,
        "preferences_url": PREFERENCES_MARKER,
        "greeting": GREETING_MARKERS[publication.language],
        "host": urlsplit(base).hostname,
        "byline": _byline(outline, publication),
        "cover": _cover(outline.cover, base),
        "preheader": _preheader(outline),
        "filler": _FILLER,
        "outlook_dark": _outlook_dark(),
    }


def _text(outline: Outline, context: dict[str, Any]) -> str:
    body = text_face.render(outline, base=settings.PUBLIC_URL)
    text = render_to_string("emails/digest.txt", {**context, "body": body})
    folded = fold(re.sub(r"\n{3,}", "\n\n", text).strip()) + "\n"
    # The greeting brings its own line ends, for it may be missing.
    return folded.replace(f"{context['greeting']}\n\n", context["greeting"])


def _html(outline: Outline, context: dict[str, Any]) -> str:
    """The mail's HTML, shortened as far as it takes to be shown whole."""
    html = _inlined(outline, context)
    for shorter in shortening.shorter(outline, context["issue_url"]):
        if len(html.encode()) <= _ROOM:
            break
        html = _inlined(shorter, {**context, "is_shortened": True})
    return html


def _inlined(outline: Outline, context: dict[str, Any]) -> str:
    body = mail_face.render(outline, base=settings.PUBLIC_URL)
    html = render_to_string("emails/digest.html", {**context, "body": body})
    return inlining.inline(html).replace(_KEPT, "")


def _preheader(outline: Outline) -> str:
    """What lists of mails show behind the subject: the dek, or the first headlines."""
    if outline.dek:
        return outline.dek
    headlines = [item.headline for item in islice(outline.items(), 3)]
    return pgettext("between two headlines", "; ").join(headlines)


@cache
def _outlook_dark() -> SafeString:
    """The dark style sheet as Outlook.com wants it, which marks what it darkens.

    data-ogsc stands where it changed a colour, data-ogsb where a background.
    """
    rules = []
    for selectors, style in _RULE.findall(render_to_string("emails/digest.dark.css")):
        mark = "[data-ogsb]" if "background-color" in style else "[data-ogsc]"
        marked = ", ".join(f"{mark} {one.strip()}" for one in selectors.split(","))
        rules.append(f"{marked} {style}")
    return mark_safe("\n".join(rules))  # noqa: S308 - our own style sheet


def _byline(outline: Outline, publication: Publication) -> list[tuple[str, str]]:
    """Labels with their names: "本期作者", "墨封、元毅"."""
    labels = {
        ROLE_AUTHOR: publication.byline_label or pgettext("byline", "Authors"),
        ROLE_EDITOR: _("Editors"),
        ROLE_TRANSLATOR: _("Translators"),
        ROLE_ILLUSTRATOR: _("Illustrators"),
    }
    named = names_by_label(outline, labels)
    return [(label, join_names(names)) for label, names in named.items()]


def _cover(cover: Image | None, base: str) -> Image | None:
    src = absolute(cover.src, base) if cover and cover.src else ""
    if not cover or not src:
        return None
    width, height = cover.width or 0, cover.height or 0
    if width > mail_face.COLUMN:
        width, height = mail_face.COLUMN, round(height * mail_face.COLUMN / width)
    return replace(cover, src=src, width=width, height=height)


def headers_of(publication: Publication) -> dict[str, str]:
    """What every copy shares: RFC 2919's List-Id, RFC 2369's places of the list."""
    base = settings.PUBLIC_URL
    headers = {
        "From": publication.sender,
        "List-Id": _list_id(publication),
        "List-Archive": f"<{base}{reverse('site:archive')}>",
        "List-Help": f"<{base}{reverse('site:subscribe')}>",
        "List-Post": "NO",  # readers cannot write to the list
        "Content-Language": publication.language,
    }
    if publication.reply_to:
        headers["Reply-To"] = publication.reply_to
        headers["List-Owner"] = f"<mailto:{quote(publication.reply_to, safe='@')}>"
    return headers


def _list_id(publication: Publication) -> str:
    name = publication.name
    phrase = f'"{email.utils.quote(name)}"' if name.isascii() else name
    return f"{phrase} <digest.{urlsplit(settings.PUBLIC_URL).hostname}>"
