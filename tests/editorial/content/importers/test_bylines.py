import pytest

from editorial.content.importers.bylines import read_byline, read_names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("本周作者 | 墨客、远山、小满", ["墨客", "远山", "小满"]),
        ("本期作者：墨客，远山", ["墨客", "远山"]),
        ("作者: 墨客/远山&小满", ["墨客", "远山", "小满"]),
        ("作者：墨客；远山;小满", ["墨客", "远山", "小满"]),
        ("> 本周作者：墨客 远山 小满", ["墨客", "远山", "小满"]),
        ("**作者**：墨客和远山", ["墨客", "远山"]),
        ("作者｜墨客｜远山", ["墨客", "远山"]),
        ("撰稿：墨客、李和平", ["墨客", "李和平"]),
        ("Authors: Ann Lee, Bo Y. & Cy", ["Ann Lee", "Bo Y.", "Cy"]),
        ("Author: Ann Lee and Bo", ["Ann Lee", "Bo"]),
        ("By Ann Lee, Bo, and Cy", ["Ann Lee", "Bo", "Cy"]),
        ("Written by Ann Lee", ["Ann Lee"]),
        ("作者：墨客（某厂，杭州）、远山", ["墨客（某厂，杭州）", "远山"]),
    ],
)
def test_names_are_parted_as_teams_part_them(line, names):
    assert [credit.name for credit in read_byline(line).credits] == names


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("责任编辑：木环", ["editor"]),
        ("Editor: Ann", ["editor"]),
        ("作者：墨客　编辑：木环", ["author", "editor"]),
        ("译者：甲 | 校对：乙 | 插画：丙", ["translator", "editor", "illustrator"]),
        ("Edited by Ann", ["editor"]),
    ],
)
def test_labels_say_the_role(line, roles):
    assert [credit.role for credit in read_byline(line).credits] == roles


def test_label_is_kept_as_printed():
    assert read_byline("本周作者 | 墨客").label == "本周作者"


@pytest.mark.parametrize(
    "line",
    [
        "By the way, we moved",
        "作者在文中说：这很好。",
        "作者",
        "作者：",
        "作者：见 https://a.test/x",
        "Editor: this is a long sentence about editors. It ends here.",
        "编辑器：新版发布",
        "要闻",
        "",
    ],
)
def test_other_lines_are_no_byline(line):
    assert read_byline(line) is None


def test_one_name_twice_is_one_credit():
    assert len(read_byline("作者：墨客、墨客").credits) == 1


def test_blanks_part_chinese_names_only():
    assert read_names("墨客 远山") == ["墨客", "远山"]
    assert read_names("Ann Lee") == ["Ann Lee"]
