"""The body of an issue's page: contents, notes, sections, items."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from editorial.content import markdown
from editorial.content.outline import (
    ROLE_AUTHOR,
    ROLE_EDITOR,
    ROLE_ILLUSTRATOR,
    ROLE_TRANSLATOR,
    Outline,
)

from .copies import NO_COPIES, Copies
from .typeset import Addresses, absolute, names_by_label, typeset


def render(
    outline: Outline,
    *,
    addresses: Addresses | None = None,
    base: str = "",
    contents: bool = True,
    copies: Copies = NO_COPIES,
) -> SafeString:
    """The issue as it stands under its front: a fragment of safe, semantic HTML.

    Words of the interface are in the language in force. With `base` every address is
    absolute, as a feed needs it; `contents` opens with a list of the sections. Dead
    links lead to their `copies`, with a note.
    """
    issue = typeset(
        outline,
        prose=lambda text, level: markdown.render(
            text, base=base, heading_level=level, lead=copies.leader
        ),
        addresses=addresses,
        base=base,
        copies=copies,
    )
    context = {"issue": issue, "contents": contents and len(issue.sections) > 1}
    return render_to_string("components/outline/web.html", context)


def byline(
    outline: Outline, *, addresses: Addresses | None = None, base: str = ""
) -> SafeString:
    """The names on the masthead by role, each leading to its page; empty for none."""
    if not outline.credits:
        return SafeString()
    find = (addresses or Addresses()).author
    rows = [
        (label, [(name, absolute(find(name) or "", base)) for name in names])
        for label, names in names_by_label(outline, role_labels()).items()
    ]
    return render_to_string("components/outline/byline.html", {"rows": rows})


def role_labels() -> dict[str, str]:
    """What each role is called on an issue, in the language in force."""
    return {
        ROLE_AUTHOR: pgettext("byline", "Authors"),
        ROLE_EDITOR: _("Editor"),
        ROLE_TRANSLATOR: _("Translation"),
        ROLE_ILLUSTRATOR: _("Illustration"),
    }
