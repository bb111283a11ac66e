"""What people see of a page, from its bytes."""

import pytest

from editorial.fetching.pages import clean_line, condense, find_title, visible_text


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title>Hello</title>", "Hello"),
        ("<TITLE data-x='1'>\n  云原生 &amp; 开源\n</TITLE>", "云原生 & 开源"),
        ("<script>'<title>no</title>'</script><title>yes</title>", "yes"),
        ("<svg><title>icon</title></svg><title>page</title>", "page"),
        ("<h1>Only a heading</h1>", ""),
        ("<title>", ""),
    ],
)
def test_a_page_calls_itself_by_its_title(page, title):
    assert find_title(condense(page)) == title


def test_only_words_are_visible():
    page = """<head><title>t</title><style>p{}</style></head><body class="x">
        <!-- hidden --><p>Fish &amp; <b>chips</b></p><script>alert(1)</script></body>"""

    assert visible_text(condense(page)).split() == ["Fish", "&", "chips"]


def test_a_page_without_a_body_tag_is_all_visible():
    assert visible_text("<p>Hello").split() == ["Hello"]


def test_control_characters_and_lone_surrogates_are_dropped():
    assert clean_line("a\x00b\ud800c\n d", 10) == "abc d"
