import pytest

from editorial.content.outline import Group, Item, Outline, Section
from editorial.content.words import count_words, reading_minutes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, 0)),
        ("云原生周刊", (5, 0)),
        ("it's a well-known fact", (0, 4)),
        ("用 kube-proxy 转发", (3, 1)),
        ("v3.0.0-beta.1 发布。", (2, 1)),
        ("ありがとう", (5, 0)),
    ],
)
def test_chinese_is_counted_by_character_and_latin_by_word(text, expected):
    assert count_words(text) == expected


def test_empty_issue_still_takes_a_minute():
    assert reading_minutes(Outline()) == 1


def test_reading_time_adds_both_scripts_and_leaves_addresses_out():
    commentary = "字" * 800 + " word" * 476 + " [x](https://a.test/" + "y" * 500 + ")"
    item = Item("题", commentary=commentary)

    assert (
        reading_minutes(Outline(sections=(Section("要闻", (Group(None, (item,)),)),)))
        == 4
    )
