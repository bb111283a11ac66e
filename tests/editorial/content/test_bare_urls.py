import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.content import bare_urls


def urls(text: str) -> list[str]:
    return [found.url for found in bare_urls.find(text)]


@pytest.mark.parametrize(
    "after",
    [
        "宣布",
        "，见",
        "。",
        "、",
        "）",
        "》",
        "」",
        "；",
        "：",
        "！",
        "【注】",
        "　",
        " ",
        "\n",
    ],
)
def test_address_ends_at_chinese_text_and_full_width_punctuation(after):
    assert urls(f"见https://a.test/x{after}后文") == ["https://a.test/x"]


@pytest.mark.parametrize(
    "after", [".", ",", ";", ":", "!", "?", "'", "*", "**", "...", ")."]
)
def test_closing_ascii_punctuation_is_not_part_of_an_address(after):
    assert urls(f"see https://a.test/x{after}") == ["https://a.test/x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(https://a.test/x)", "https://a.test/x"),
        ("(https://a.test/x_(y))", "https://a.test/x_(y)"),
        ("https://a.test/x_(y)", "https://a.test/x_(y)"),
        ("https://a.test/x(草案)", "https://a.test/x"),
        ("https://a.test/?a=1&b=%E4%B8%AD#c", "https://a.test/?a=1&b=%E4%B8%AD#c"),
        ("https://a.test/?t[]=1", "https://a.test/?t[]=1"),
        ("[https://a.test/x]", "https://a.test/x"),
        ("HTTPS://A.test/X", "HTTPS://A.test/X"),
        ("https://a.test:8080/~u/a_b-c.d", "https://a.test:8080/~u/a_b-c.d"),
        ('"https://a.test/x"', "https://a.test/x"),
        ("https://w.test/web/https://a.test/x", "https://w.test/web/https://a.test/x"),
    ],
)
def test_address_is_taken_whole(text, expected):
    assert urls(text) == [expected]


def test_comma_parts_two_addresses():
    assert urls("https://a.test/x,https://b.test/y") == [
        "https://a.test/x",
        "https://b.test/y",
    ]


@pytest.mark.parametrize(
    "text", ["http://", "https://，", "xhttps://a.test", "ftp://a.test", "//a"]
)
def test_what_is_no_web_address_is_not_found(text):
    assert urls(text) == []


@given(st.text(alphabet=st.sampled_from("htps:/.aA1()[]=，。宣 \n?*_%#"), max_size=60))
def test_found_addresses_stand_where_they_say_and_are_ascii(text):
    for start, end, url in bare_urls.find(text):
        assert text[start:end] == url
        assert url.isascii()


def test_addresses_are_swapped_where_they_stand():
    text = "见 https://a.test/x宣布，[这里](https://b.test/y) 和 https://a.test/x/z。"

    swapped = bare_urls.swap(
        text, lambda url: "https://c.test/" if url == "https://a.test/x" else url
    )

    assert (
        swapped
        == "见 https://c.test/宣布，[这里](https://b.test/y) 和 https://a.test/x/z。"
    )
