"""An issue as one mail for everybody: subject, text and HTML with markers for slots."""

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from editorial.models import Issue, IssueRevision, Publication

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


def render(issue: Issue, revision: IssueRevision) -> Rendered:
    """The digest of one revision in the publication's language, links absolute."""
    from editorial.content.faces import mail as mail_face
    from editorial.content.faces import text as text_face

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
        }
        html = render_to_string(
            "emails/digest.html", {**context, "body": mail_face.render(outline)}
        )
        text = render_to_string(
            "emails/digest.txt", {**context, "body": text_face.render(outline)}
        )
        subject = render_to_string("emails/digest.subject.txt", context)
    return Rendered(
        subject=" ".join(subject.split())[:255],
        text=re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        html=_inliner.inline(html),
        headers=_headers(publication),
    )


def _headers(publication: Publication) -> dict[str, str]:
    headers = {
        "From": _sender(publication),
        "List-Id": f"<digest.{urlsplit(settings.PUBLIC_URL).hostname}>",
        "Content-Language": publication.language,
    }
    if publication.reply_to:
        headers["Reply-To"] = publication.reply_to
    return headers


def _sender(publication: Publication) -> str:
    if not publication.sender_email:
        return settings.DEFAULT_FROM_EMAIL
    name = publication.sender_name or publication.name
    return str(Address(name, addr_spec=publication.sender_email))
