"""An issue as one mail for everybody: subject, text and HTML with markers for slots."""

import re
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from editorial.content.faces import mail as mail_face
from editorial.content.faces import text as text_face
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
from newsletter.models import Digest

from .letter import UNSUBSCRIBE_MARKER

# @media rules cannot be inlined and stay in the head; nothing is fetched.
_inliner = css_inline.CSSInliner(
    keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
)


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
    base = settings.PUBLIC_URL
    with (
        translation.override(publication.language),
        timezone.override(publication.tz),
    ):
        context = {
            "publication": publication,
            "issue": issue,
            "outline": outline,
            "home_url": base + reverse("site:home"),
            "issue_url": base + issue.get_absolute_url(),
            "unsubscribe_url": UNSUBSCRIBE_MARKER,
            "host": urlsplit(base).hostname,
            "byline": _byline(outline, publication),
            "cover": _cover(outline.cover, base),
        }
        html = render_to_string(
            "emails/digest.html",
            {**context, "body": mail_face.render(outline, base=base)},
        )
        text = render_to_string(
            "emails/digest.txt",
            {**context, "body": text_face.render(outline, base=base)},
        )
        subject = render_to_string("emails/digest.subject.txt", context)
    return Rendered(
        subject=" ".join(subject.split())[:255],
        text=re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        html=_inliner.inline(html),
        headers=_headers(publication),
    )


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
    return replace(cover, src=src) if cover and src else None


def _headers(publication: Publication) -> dict[str, str]:
    headers = {
        "From": publication.sender,
        "List-Id": f"<digest.{urlsplit(settings.PUBLIC_URL).hostname}>",
        "Content-Language": publication.language,
    }
    if publication.reply_to:
        headers["Reply-To"] = publication.reply_to
    return headers
