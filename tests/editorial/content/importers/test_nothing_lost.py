"""Each line of the input is in the outline, or in the report with the reason."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from editorial.content import bare_urls
from editorial.content.importers.bylines import read_byline
from editorial.content.importers.lines import Shape, SourceLine, read_lines
from editorial.content.importers.text import Known, Parsed, parse
from editorial.content.outline import Outline
from tests.editorial.content import samples

KNOWN = Known(
    sections=("要闻", "项目", "News"), topics={"Kubernetes": ("k8s",), "etcd": ()}
)
WORDS = st.text("甲乙丙ab，。:：.!- 1（）()[]#*_|/", min_size=1, max_size=30)
URLS = st.sampled_from(["https://a.test/x", "https://b.test/y_z?q=1", "http://c.test"])
MARKERS = st.sampled_from(
    [
        "",
        "",
        "1. ",
        "2. ",
        "3、",
        "1) ",
        "（2）",
        "① ",
        "一、",
        "- ",
        "• ",
        "* ",
        "1.",
        "-",
    ]
)
SPECIAL_LINES = """

要闻
项目
## News
Kubernetes 项目
k8s
etcd
file
【新栏】
新栏
作者：甲、乙
Editor: A and B
----
第 3 期：题
2024-01-02
# 题
1. 题
题
链接：https://a.test/x
![图](https://a.test/p.png)
[重要] 题。文
责任编辑：丙"""
LINES = st.one_of(
    st.sampled_from(SPECIAL_LINES.splitlines()),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "  ", "    ", "\t", "　"]),
        MARKERS,
        WORDS,
        st.one_of(st.just(""), URLS),
    ),
    st.builds("{}{}{}".format, WORDS, URLS, WORDS),
    st.text(max_size=20),
)
TEXTS = st.lists(LINES, max_size=30).map("\n".join)


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def everything_in(outline: Outline) -> str:
    words: list[str] = []

    def collect(value) -> None:
        if isinstance(value, dict):
            for each in value.values():
                collect(each)
        elif isinstance(value, list | tuple):
            for each in value:
                collect(each)
        elif isinstance(value, str):
            words.append(value)

    collect(outline.to_dict())
    return squeeze("".join(words))


def lost_lines(text: str, parsed: Parsed) -> list[str]:
    """Lines whose words are neither in the outline nor spoken of in the report."""
    outline = everything_in(parsed.outline)
    reported = {entry.line for entry in parsed.report}
    return [
        line.raw
        for line in read_lines(text.splitlines())
        if line.number not in reported
        if not all(word in outline for word in words_of(line, parsed))
    ]


def words_of(line: SourceLine, parsed: Parsed) -> list[str]:
    """What of a line must be found again: its words and addresses, not its marks."""
    kind = parsed.lines[line.number - 1].kind
    if kind == "blank" or line.shape is Shape.PICTURE:
        return []
    if kind == "byline":
        return [squeeze(credit.name) for credit in read_byline(line.text).credits]
    if kind == "number":
        return re.findall(r"\d+", line.text)
    urls = [found.url for found in bare_urls.find(line.text)]
    text = line.text
    for url in urls:
        text = text.replace(url, " ", 1)
    if kind == "topic":
        text = re.sub(r"(?:项目|projects?)[：:\s]*$", "", text)
    return [*re.split(r"\W+", text), *urls]


@given(TEXTS)
@example("要闻\n1.\n\n2.\n题")
@example("要闻\n\nfile\n1. [x] https://a.test/x")
@example("作者：甲\n作者：甲、乙\n1. 题\n\n----\n\n- 末")
def test_no_line_is_lost(text):
    assert lost_lines(text, parse(text, KNOWN)) == []


@given(TEXTS)
def test_every_line_is_in_the_account_as_it_was_typed(text):
    parsed = parse(text, KNOWN)

    assert [line.text for line in parsed.lines] == text.splitlines()
    assert [line.number for line in parsed.lines] == list(
        range(1, len(parsed.lines) + 1)
    )


@given(TEXTS)
def test_headlines_are_never_empty_nor_too_long(text):
    for item in parse(text, KNOWN).outline.items():
        assert 1 <= len(item.headline) <= 80


@given(TEXTS)
def test_any_outline_survives_json(text):
    outline = parse(text, KNOWN).outline

    assert Outline.from_dict(outline.to_dict()) == outline


@pytest.mark.parametrize("name", ["weekly-zh", "weekly-en"])
def test_headline_and_commentary_give_back_the_source(name):
    text, expected = samples.read(name)
    parsed = parse(text, samples.known(expected))
    source = squeeze(re.sub(r"(?m)^\s*(?:\d+\.|-)[\s\u00a0]*", "", text))

    for item in parsed.outline.items():
        commentary = re.sub(r"(?m)^\s*- ", "", item.commentary)
        for part in re.split(
            r"\n+",
            f"{item.headline}{commentary}"
            if item.form == "run_in"
            else f"{item.headline}\n{commentary}",
        ):
            assert squeeze(part) in source
