"""Differences word by word, also where words have no blanks between them."""

import pytest

from editorial.desk.diffs import MOST_WORDS, changes, compare


def shown(before, after):
    marks = {"same": "{}", "ins": "+{}+", "del": "-{}-"}
    return "".join(marks[p.kind].format(p.text) for p in compare(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("仓库已归档", "仓库未归档", "仓库-已-+未+归档"),
        ("one two", "one three", "one -two-+three+"),
        ("", "new", "+new+"),
        ("gone", "", "-gone-"),
        ("same", "same", "same"),
    ],
)
def test_words_that_went_and_came(before, after, expected):
    assert shown(before, after) == expected


def test_very_long_texts_are_compared_by_line():
    before = "字" * MOST_WORDS + "\nlast"
    after = "字" * MOST_WORDS + "\nend"

    parts = compare(before, after)

    assert [p.kind for p in parts] == ["same", "del", "ins"]


@pytest.mark.parametrize("word", ["的", "a ", "a\n", "\n"])
def test_one_word_a_thousand_times_takes_no_time(word):
    before = word * 2000 + "end"
    after = f"new{word}" * 2000

    parts = compare(before, after)

    assert "".join(p.text for p in parts if p.kind != "ins") == before
    assert "".join(p.text for p in parts if p.kind != "del") == after


def test_only_fields_that_differ_are_named():
    found = changes({"headline": "a", "url": "x"}, {"headline": "b", "url": "x"})

    assert [str(change.label) for change in found] == ["Headline"]
