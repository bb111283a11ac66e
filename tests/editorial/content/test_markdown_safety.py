import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.content.markdown import MAX_DEPTH, is_neutral, links_in, plain, render

from . import vectors
from .neutrality import assert_neutral

MARKUP = st.text(
    st.sampled_from("<>\"'`&#;:/()[]!*_~|\\\n\t ax1=javscript宣。\u0000\U0010ff3c"),
    max_size=80,
)


@pytest.mark.parametrize("vector", vectors.ALL)
@pytest.mark.parametrize(
    "around", ["{}", "字{}字", "- {}", "> {}", "**{}**", "[字 {}](/x)"]
)
def test_hostile_markup_is_neutral(vector, around):
    assert_neutral(render(around.format(vector), base="https://w.example"))
    assert_neutral(render(around.format(vector)))


@pytest.mark.parametrize("vector", vectors.LINKS)
def test_links_lead_to_web_addresses_only(vector):
    assert all(url.startswith("https://a.test/") for url in links_in(vector))


def test_link_with_a_refused_scheme_leads_nowhere():
    assert render(
        "[x](javascript:a)", base="https://w.example"
    ) == "<p><a>x</a></p>\n".replace("<a>", '<a rel="noopener">')


@given(MARKUP)
def test_any_text_renders_neutral(text):
    assert_neutral(render(text))


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Z", "C"])))
def test_no_text_makes_any_renderer_fail(text):
    render(text)
    plain(text)
    links_in(text)
    is_neutral(text)


@pytest.mark.parametrize(
    "bomb",
    [
        ">" * 250_000,
        "> - " * 60_000,
        "[" * 250_000,
        "*a " * 40_000 + "a* " * 40_000,
        "<a@" * 80_000,
    ],
)
def test_deep_or_long_markup_renders_within_the_time_of_a_request(bomb):
    started = time.process_time()

    render(bomb)

    assert time.process_time() - started < 2


def test_text_nested_past_any_sense_is_printed_as_typed():
    typed = ">" * (MAX_DEPTH + 1) + " x"

    assert render(typed) == f"<p>{'&gt;' * (MAX_DEPTH + 1)} x</p>"
