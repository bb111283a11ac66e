import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.content.faces.columns import COLUMNS, fold, width

URL = "https://a.test/" + "long/" * 20
text = st.text("甲乙，。（）“” ab1-*.\n", max_size=400)


@pytest.mark.parametrize(
    ("line", "columns"), [("", 0), ("ab", 2), ("甲，", 4), ("e\u0301", 1), ("Ａ", 2)]
)
def test_width_is_that_of_a_terminal(line, columns):
    assert width(line) == columns


@given(text)
def test_folding_changes_nothing_but_blanks_and_line_breaks(line):
    assert re.sub(r"\s+", "", fold(line)) == re.sub(r"\s+", "", line)


@given(text)
def test_folding_twice_folds_no_further(line):
    lines = fold(line).split("\n")

    assert all(fold(one) == one for one in lines if width(one) <= COLUMNS)


@pytest.mark.parametrize("line", ["甲" * 100, "word " * 40, "两个 words 混排，" * 20])
def test_no_line_is_wider_than_the_columns(line):
    assert all(width(one) <= COLUMNS for one in fold(line).split("\n"))


@pytest.mark.parametrize("before", ["", "见 ", "说明（", "甲" * 40])
def test_address_is_never_broken(before):
    assert URL in fold(f"{before}{URL} 里写得很清楚。").replace("\n", " ")


def test_chinese_line_begins_with_no_closing_sign():
    lines = fold("一二三四，" * 30).split("\n")

    assert not any(line[0] in "，。" for line in lines)


def test_chinese_line_ends_with_no_opening_sign():
    lines = fold("一二三（四）" * 30).split("\n")

    assert not any(line.endswith("（") for line in lines)


@pytest.mark.parametrize(("mark", "indent"), [("- ", "  "), ("12. ", "    ")])
def test_further_lines_of_an_entry_are_set_in_under_it(mark, indent):
    first, *others = fold(mark + "word " * 30).split("\n")

    assert first.startswith(mark + "word")
    assert all(line.startswith(indent + "word") for line in others)


def test_short_lines_stay_as_they_are_blanks_included():
    assert fold("-- \n  x\n\n") == "-- \n  x\n\n"
