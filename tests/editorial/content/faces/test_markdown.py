import pytest

from editorial.content.faces import markdown
from editorial.content.markdown import is_neutral, render

from . import issues


def test_whole_issue_reads_as_markdown():
    assert markdown.render(issues.ISSUE, base="https://w.example") == (
        "# 题目\n\n> 提要\n\n"
        "本周作者: 墨客, 远山\n\nEditor: 木环\n\n"
        "卷首**语**\n\n"
        "## 要闻\n\n说明\n\n"
        "### 1. [甲题](<https://www.a.test/x>)\n\n正文 <https://b.test/y>宣布\n\n— 墨客\n\n"
        "### 2. 乙题\n\n![图](<https://w.example/media/a.png>)\n延迟 · 甲\n\n"
        "## 要闻\n\n"
        "### Kubernetes\n\n#### 3. \\[重要\\] mvcc:\n\n调整\n\n"
        "### etcd\n\n#### 4. [短讯](<https://c.test/>)\n\n"
        "再见\n"
    )


@pytest.mark.parametrize(
    "source",
    [
        "**强调。**后文",
        "- a\n- b",
        "`<i>` 与 <https://a.test>",
        "[x](/rel)",
        "a < b & c",
    ],
)
def test_harmless_markdown_goes_out_as_written(source):
    assert markdown.neutralise(source) == source


def test_html_is_escaped_and_code_and_links_beside_it_stay():
    source = "Vec<T> `Vec<T>` [x](https://a.test) <https://b.test>"

    exported = markdown.neutralise(source)

    assert exported == "Vec&lt;T> `Vec<T>` [x](https://a.test) <https://b.test>"
    assert render(exported) == render(source)


def test_text_with_a_harmful_link_goes_out_without_any_markup():
    exported = markdown.neutralise("**a** [x](javascript:alert(1))")

    assert is_neutral(exported)
    assert render(exported) == "<p>**a** [x](javascript:alert(1))</p>\n"


@pytest.mark.parametrize(
    "source", ["`https://a.test/x宣布`", "[https://a.test/x宣布](/y)"]
)
def test_addresses_in_code_and_links_are_not_delimited(source):
    assert markdown.delimit_urls(source) == source


def test_address_before_chinese_text_is_delimited_for_other_renderers():
    assert markdown.delimit_urls("见https://a.test/x宣布 https://b.test ok") == (
        "见<https://a.test/x>宣布 https://b.test ok"
    )


@pytest.mark.parametrize(
    "source", ["~~~\n码", "````\n码\n```", "~~~ `\n码\n~~~ x", "码\n\n   ~~~\n码"]
)
def test_code_nobody_closed_takes_nothing_that_follows_with_it(source):
    exported = f"{markdown.contain(source)}\n\n乙题"

    assert render(exported).rstrip().endswith("</pre>\n<p>乙题</p>")


def test_text_that_ends_by_itself_goes_out_as_written():
    source = "~~~\n码\n~~~\n\n- 甲\n  ~~~\n  码"

    assert markdown.contain(source) == source
