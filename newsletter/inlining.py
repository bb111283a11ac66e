"""Style sheets written into the elements of a mail, where its clients look for them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import css_inline


def inline(html: str, *, keep_styles: bool = True) -> str:
    """The page with its rules in `style` attributes; nothing is fetched for it.

    With `keep_styles` the style sheet stays too; otherwise only what no attribute can
    say stays of it, such as what holds in the dark.
    """
    return _inliner(keep_styles).inline(html)


@cache
def _inliner(keep_styles: bool) -> css_inline.CSSInliner:
    import css_inline  # here: 2 MB that only who writes mail needs

    if keep_styles:
        return css_inline.CSSInliner(load_remote_stylesheets=False)
    return css_inline.CSSInliner(
        keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
    )
