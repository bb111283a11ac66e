import pytest

from editorial.content.markdown import links_in, list_items_in, render

LINK = '<a href="https://a.test/x" rel="noopener">https://a.test/x</a>'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://a.test/x宣布", f"{LINK}宣布"),
        ("（https://a.test/x）", f"（{LINK}）"),
        ("见https://a.test/x，后文", f"见{LINK}，后文"),
        ("**https://a.test/x**", f"<strong>{LINK}</strong>"),
        ("(https://a.test/x).", f"({LINK})."),
    ],
)
def test_bare_address_becomes_a_link_and_ends_before_the_text_around_it(
    source, expected
):
    assert render(source).strip() == f"<p>{expected}</p>"


def test_underscores_and_asterisks_of_an_address_are_no_emphasis():
    assert links_in("https://a.test/_x_/*y*/~z~/w") == ["https://a.test/_x_/*y*/~z~/w"]


@pytest.mark.parametrize(
    "code",
    [
        "`https://a.test/x宣布`",
        "```\nhttps://a.test/_x_宣布\n```",
        "    https://a.test/x",
    ],
)
def test_address_in_code_stays_code(code):
    html = render(code)

    assert "<a" not in html
    assert code.strip("`\n ") in html


@pytest.mark.parametrize(
    "source",
    [
        "[字](https://a.test/_x_)",
        "<https://a.test/_x_>",
        "[字]\n\n[字]: https://a.test/_x_",
        "[字](<https://a.test/_x_> '题')",
    ],
)
def test_links_that_are_links_already_are_left_alone(source):
    assert links_in(source) == ["https://a.test/_x_"]


def test_address_as_the_words_of_a_link_does_not_become_a_second_link():
    assert render("[https://b.test](https://a.test)").count("<a") == 1


def test_emphasis_beside_chinese_punctuation_is_strong():
    assert render("**强调。**后文") == "<p><strong>强调。</strong>后文</p>\n"


def test_html_is_printed_as_typed():
    assert render("Vec<T> <b>x</b>") == "<p>Vec&lt;T&gt; &lt;b&gt;x&lt;/b&gt;</p>\n"


def test_escaped_bracket_is_printed_without_its_backslash():
    assert render(r"1 \<a \\<a") == "<p>1 &lt;a \\&lt;a</p>\n"


def test_markdown_within_typed_html_still_works():
    assert "<strong>x</strong>" in render("<div>\n**x**\n</div>")


def test_line_break_stays_one():
    assert render("一\n二") == "<p>一<br>\n二</p>\n"


def test_headings_begin_at_the_level_asked_for():
    assert render("# a\n\n### b", heading_level=5) == "<h5>a</h5>\n<h6>b</h6>\n"


def test_base_makes_relative_addresses_absolute():
    html = render("[x](/issues/22/) ![y](/media/y.png)", base="https://w.example")

    assert 'href="https://w.example/issues/22/"' in html
    assert 'src="https://w.example/media/y.png"' in html


def test_links_come_once_and_in_order():
    source = (
        "[b](https://b.test) https://a.test/x宣布 https://b.test [m](mailto:a@b.test)"
    )

    assert links_in(source) == ["https://b.test", "https://a.test/x"]


def test_list_entries_are_counted():
    assert list_items_in("字\n\n- a\n- b\n    - c") == 3
