import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.content.importers.headlines import MOST_CHARACTERS, read_opening

LONG = "它解释了为什么要这样做以及别人怎么看这件事" * 5


@pytest.mark.parametrize(
    ("line", "headline"),
    [
        ("只有一行的标题", "只有一行的标题"),
        ("第一句。第二句。", "第一句。"),
        (f"mvcc: {LONG}", "mvcc:"),
        (f"调度框架：{LONG}", "调度框架："),
        ("Cilium 1.6：不再需要它", "Cilium 1.6：不再需要它"),
        (f"升级到 v3.0.0-beta.1 与 1.16 版。{LONG}", "升级到 v3.0.0-beta.1 与 1.16 版。"),
        ("Tools, e.g. Helm, are out. More below.", "Tools, e.g. Helm, are out."),
        ("At 10:30 we ship std::move and localhost:80. Then rest.", "At 10:30 we ship std::move and localhost:80."),
        ("真的吗？是的。", "真的吗？"),
        ("它说：“好。”然后走了。", "它说："),
        ("题 https://a.test/x 后文。", "题"),
        ("题（https://a.test/x）。", "题。"),
        ("[题目](https://a.test/x) 后文。", "题目"),
    ],
)  # fmt: skip
def test_headline_ends_at_a_sentence_a_colon_or_the_line(line, headline):
    assert read_opening(line).headline == headline


@pytest.mark.parametrize(
    "line",
    ["第一句。第二句。", f"mvcc: {LONG}", LONG, "word " * 40, "a" * 200, f"题，{LONG}"],
)
def test_headline_and_rest_give_back_the_line(line):
    opening = read_opening(line)

    assert (opening.headline + opening.rest).replace(" ", "") == line.replace(" ", "")
    assert len(opening.headline) <= MOST_CHARACTERS


def test_headline_that_had_to_be_cut_says_so():
    assert read_opening("字" * 81).cut
    assert not read_opening("字" * 80).cut


@pytest.mark.parametrize(
    ("line", "label", "headline"),
    [
        ("[重要] 题", "重要", "题"),
        ("【安全】题", "安全", "题"),
        ("[题](https://a.test)", "", "题"),
        ("[重要]", "", "[重要]"),
    ],
)
def test_brackets_before_a_headline_are_its_label(line, label, headline):
    opening = read_opening(line)

    assert (opening.label, opening.headline) == (label, headline)


def test_address_alone_is_both_link_and_headline():
    opening = read_opening("https://a.test/x")

    assert opening.headline == opening.link == "https://a.test/x"


@given(st.text(min_size=1).filter(str.strip))
def test_any_line_has_a_headline_within_the_limit(line):
    opening = read_opening(line.strip())

    assert 1 <= len(opening.headline) <= MOST_CHARACTERS
