"""Whether a browser finds anything in HTML that could act on its own."""

import re

from selectolax.lexbor import LexborHTMLParser

_TAG_NAMES = """
    a b blockquote br code dd del div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr
    img li nav ol p pre section span strong table tbody td th thead tr ul
"""
TAGS = frozenset(_TAG_NAMES.split())
ATTRIBUTES = frozenset(
    {"href", "src", "alt", "title", "rel", "class", "id", "start", "align"}
    | {"loading", "width", "height", "aria-label"}
    | {"name", "role", "cellpadding", "cellspacing", "border"}  # of mail
)


def assert_neutral(html: str, *, ids: str = r"(?!)") -> None:
    """Only known tags and attributes, web addresses, and names matching `ids`."""
    body = LexborHTMLParser(f"<body><main>{html}</main>").css("main *")
    for node in body:
        assert node.tag in TAGS, node.html
        for name, value in node.attributes.items():
            assert name in ATTRIBUTES, node.html
            if name in {"id", "name"}:
                assert re.fullmatch(ids, value or ""), node.html
            if name in {"href", "src"}:
                assert re.match(r"https?://|mailto:|/|#|[\w.%]", value or ""), node.html
                assert not re.match(r"(?!https?:|mailto:)[a-z\s]+:", value or "", re.I)
