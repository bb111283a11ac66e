"""The body of an issue's mail: the page's design in 600 px, for any mail program.

Classes are those of the digest's template, which inlines its style sheet over the whole
mail afterwards; widths and numbers stand in attributes and text, because mail programs
know neither max-width nor counters.
"""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from editorial.content import markdown
from editorial.content.outline import Outline

from .typeset import Addresses, typeset

COLUMN = 536  # 600 px less the margins


def render(
    outline: Outline, *, base: str, addresses: Addresses | None = None
) -> SafeString:
    """What stands between the mail's front and its foot, every address absolute.

    `base` is where the publication lives ("https://weekly.example"); words of the
    interface are in the language in force.
    """
    issue = typeset(
        outline,
        prose=lambda text, level: markdown.render(text, base=base, heading_level=level),
        addresses=addresses,
        base=base,
        column=COLUMN,
    )
    return render_to_string("components/outline/mail.html", {"issue": issue})
