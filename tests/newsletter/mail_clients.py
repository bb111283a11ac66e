"""What mail programs do with HTML and CSS, as far as our mail leans on it.

Facts of caniemail.com (data of 2026-06-29; each key is its feature: the page is
caniemail.com/features/<key>/). A name is listed when Gmail, Outlook for Windows (drawn
by Word), Outlook.com, Apple Mail, Yahoo and Samsung either know it or leave a mail that
reads well without it; then the row says what happens there.
"""

from typing import NamedTuple


class Feature(NamedTuple):
    """`lost` is what readers see where it is not known; "" where all know it."""

    key: str
    lost: str = ""


WHOLE = Feature  # known everywhere we look

TAGS = {
    **dict.fromkeys(("html", "head", "title"), WHOLE("html-doctype")),
    "meta": Feature("html-meta-color-scheme", "Apple's dark mode recolours by itself"),
    "style": Feature("html-style", "Gmail with other accounts: no phone margins"),
    "body": Feature("html-body", "webmail makes a div of it: colours stand in .paper"),
    **dict.fromkeys(("table", "tbody", "thead", "tr", "td", "th"), WHOLE("html-table")),
    "div": WHOLE("html-div"),
    "p": WHOLE("html-p"),
    "span": WHOLE("html-span"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), WHOLE("html-h1-h6")),
    "a": WHOLE("html-mailto-links"),
    "img": WHOLE("html-img"),
    "br": WHOLE("html-p"),
    "hr": WHOLE("html-hr"),
    **dict.fromkeys(("ul", "ol", "li"), WHOLE("html-lists")),
    "blockquote": WHOLE("html-blockquote"),
    **dict.fromkeys(("b", "strong", "em"), WHOLE("html-strong")),
    "del": WHOLE("html-del"),
    "code": WHOLE("html-code"),
    "pre": WHOLE("html-pre"),
}

ATTRIBUTES = {
    "lang": Feature("html-lang", "Yahoo: a screen reader guesses the language"),
    "xmlns:o": Feature("html-doctype", "only Word reads it"),
    **dict.fromkeys(("charset", "content"), WHOLE("html-doctype")),
    "role": Feature("html-role", "a screen reader calls the layout a table"),
    "cellpadding": WHOLE("html-cellpadding"),
    "cellspacing": WHOLE("html-cellspacing"),
    "border": WHOLE("html-table"),
    "width": Feature("html-width", "Word at 120 dpi: hence PixelsPerInch"),
    "height": Feature("html-height", "Word at 120 dpi: hence PixelsPerInch"),
    "align": WHOLE("html-align"),
    "start": WHOLE("html-lists"),
    "class": WHOLE("css-selector-class"),
    "style": WHOLE("html-style"),
    "href": WHOLE("html-mailto-links"),
    "rel": WHOLE("html-target"),
    **dict.fromkeys(
        ("id", "name"), Feature("html-anchor-links", "Gmail on iOS: nothing happens")
    ),
    **dict.fromkeys(("src", "alt", "title"), WHOLE("html-img")),
}

PROPERTIES = {
    "background-color": WHOLE("css-background-color"),
    "border": WHOLE("css-border"),
    "border-bottom": Feature("css-border", "unreliable on p and div: on cells only"),
    "border-left": Feature("css-border", "Word: a quotation without its bar"),
    "color": WHOLE("css-rgba"),
    "display": Feature("css-display-none", "Gmail's mobile web: the preheader shows"),
    "font": WHOLE("css-font"),
    "font-family": WHOLE("css-font"),
    "font-size": WHOLE("css-font-size"),
    "font-weight": WHOLE("css-font-weight"),
    "height": WHOLE("css-height"),
    "line-height": WHOLE("css-line-height"),
    "margin": Feature("css-margin", "never negative, never auto"),
    "max-height": Feature("css-max-height", "Word goes by mso-hide"),
    "max-width": Feature("css-max-width", "Word goes by the width attribute"),
    "mso-hide": Feature("css-display-none", "only Word reads it"),
    "overflow": Feature("css-overflow", "Word goes by mso-hide"),
    "padding": Feature("css-padding", "Word: on cells only"),
    "padding-top": Feature("css-padding", "Word: on cells only"),
    "table-layout": Feature("css-table-layout", "Word goes by the width attribute"),
    "text-align": WHOLE("css-text-align"),
    "text-decoration": WHOLE("css-text-decoration"),
    "text-decoration-color": Feature("css-text-decoration-color", "a darker line"),
    "white-space": Feature("css-white-space", "Word: code keeps to its own lines"),
    "width": Feature("css-width", "Word goes by the width attribute"),
    "word-break": Feature("css-word-break", "Yahoo: a long address widens the mail"),
}

# Where Word draws nothing of it, by property: the elements that may have it all the same.
ON_CELLS_ONLY = {
    "padding": {"td", "th", "body", "blockquote"},
    "padding-top": {"td", "th"},
    "border-bottom": {"td", "th"},
}
# In the head only: what a style sheet of our own may be conditional on.
CONDITIONS = {
    "@media (max-width: 620px)": Feature("css-at-media", "wider margins on a phone"),
    "@media (prefers-color-scheme: dark)": Feature(
        "css-at-media-prefers-color-scheme", "Gmail darkens by its own rules"
    ),
    "[data-ogsc]": Feature("css-selector-attribute", "only Outlook.com writes it"),
    "[data-ogsb]": Feature("css-selector-attribute", "only Outlook.com writes it"),
}
