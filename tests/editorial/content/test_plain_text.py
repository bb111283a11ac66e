import pytest

from editorial.content.markdown import plain


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("**强调。**后文", "强调。后文"),
        ("一\n二\n\n三", "一\n二\n\n三"),
        ("- a\n    - b\n- c", "- a\n  - b\n- c"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("字\n\n- a\n\n后文", "字\n\n- a\n\n后文"),
        ("[字](https://a.test/x)", "字 (https://a.test/x)"),
        ("https://a.test/x宣布", "https://a.test/x宣布"),
        ("[x](mailto:a@b.test) <a@b.test>", "x (mailto:a@b.test) a@b.test"),
        ("`a <b> c` & d", "a <b> c & d"),
        ("```\na\n  b\n```", "a\n  b"),
        ("![图](https://a.test/x.png)", "图 (https://a.test/x.png)"),
        ("# 题\n\n> 引", "题\n\n引"),
        ("[x](javascript:alert(1))", "x"),
    ],
)
def test_markup_becomes_words(source, expected):
    assert plain(source) == expected


def test_summary_leaves_addresses_out():
    assert plain("[字](https://a.test/x)后文", links=False) == "字后文"


def test_relative_addresses_become_absolute():
    assert plain("[字](/issues/22/)", base="https://w.example") == (
        "字 (https://w.example/issues/22/)"
    )
