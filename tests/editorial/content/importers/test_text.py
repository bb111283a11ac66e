"""What single lines mean to the importer, and where."""

import pytest

from editorial.content.importers.text import Known, parse
from editorial.content.outline import FORM_BRIEF, FORM_FULL, FORM_RUN_IN, Image

KNOWN = Known(sections=("要闻", "项目", "News"), topics={"Kubernetes": ("k8s",)})


def items(text: str):
    return list(parse(text, KNOWN).outline.items())


def kinds(text: str) -> list[str]:
    return [line.kind.value for line in parse(text, KNOWN).lines]


def codes(text: str) -> list[str]:
    return [entry.code.value for entry in parse(text, KNOWN).report]


def test_first_address_is_the_link_and_leaves_the_line_it_ends():
    (item,) = items("要闻\n1. 题\n\n正文。https://a.test/x\n更多 https://b.test")

    assert item.link == "https://a.test/x"
    assert item.commentary == "正文。\n更多 https://b.test"


def test_address_with_text_behind_it_stays_in_the_commentary_too():
    (item,) = items("要闻\n1. 题\n\n见https://a.test/x（旧）。")

    assert item.link == "https://a.test/x"
    assert item.commentary == "见https://a.test/x（旧）。"


@pytest.mark.parametrize(
    "line", ["https://a.test/x", "链接：https://a.test/x", "Link: https://a.test/x"]
)
def test_line_that_is_only_an_address_gives_the_link(line):
    (item,) = items(f"要闻\n1. 题\n{line}")

    assert (item.link, item.commentary) == ("https://a.test/x", "")


def test_deeper_list_belongs_to_the_item_and_keeps_its_nesting():
    (item,) = items("要闻\n1. 题，包括:\n   - 甲\n     - 乙\n   - 丙\n   后文")

    assert item.commentary == "- 甲\n    - 乙\n- 丙\n    后文"


def test_nested_numbers_do_not_become_items():
    first, second = items("要闻\n1. 题\n   1. 甲\n   2. 乙\n2. 题二")

    assert first.commentary == "1. 甲\n2. 乙"
    assert second.headline == "题二"


def test_numbers_of_another_style_are_a_list_within_the_item():
    first, second = items("要闻\n1. 题\n1) 甲\n2) 乙\n2. 题二")

    assert first.commentary == "1. 甲\n2. 乙"
    assert second.headline == "题二"


def test_mixed_numbering_that_goes_on_is_still_items():
    assert len(items("要闻\n1. 题\n2、题二\n（3）题三")) == 3


def test_version_number_at_the_start_of_a_line_is_no_item():
    (item,) = items("要闻\n1. 题\n1.6 版本修复了它")

    assert item.commentary == "1.6 版本修复了它"


def test_numbering_that_restarts_or_jumps_is_reported():
    assert codes("作者：甲\n要闻\n1. 甲\n2. 乙\n1. 丙\n5. 丁") == [
        "numbering",
        "numbering",
    ]


@pytest.mark.parametrize(
    "word", ["file", "File", "[image]", "【图片】", "\u00a0 \u00a0file"]
)
def test_lost_image_belongs_to_the_item_before_it(word):
    (item,) = items(f"要闻\n1. 题\n\n{word}")

    assert item.images == (Image(src=None),)


def test_lost_image_after_a_heading_still_belongs_to_the_item_before():
    item, _ = items("要闻\n1. 题\n\n项目\n\nfile\n\n1. 题二")

    assert item.missing_images == 1


def test_image_before_any_item_is_reported():
    assert codes("作者：甲\nfile\n要闻\n1. 题") == ["dropped"]


@pytest.mark.parametrize(
    "line", ["Kubernetes 项目", "kubernetes project", "K8S", "k8s 项目："]
)
def test_known_topic_opens_a_group_under_the_words_of_the_source(line):
    parsed = parse(f"作者：甲\n要闻\n\n{line}\n\n1. 题", KNOWN)

    (group,) = parsed.outline.sections[0].groups
    assert group.topic == line.removesuffix("：").removesuffix(" 项目").removesuffix(
        " project"
    )
    assert parsed.report == ()


def test_phrase_that_ends_in_project_is_no_topic():
    (item,) = items("项目\n\n一个有趣的开源项目\n\n它做到了别人没做到的事，值得一看。")

    assert item.headline == "一个有趣的开源项目"


def test_bare_line_between_section_and_list_is_a_topic():
    groups = (
        parse("要闻\n\nIstio\n\n1. 题\n\nEnvoy\n\n1. 题二", KNOWN)
        .outline.sections[0]
        .groups
    )

    assert [group.topic for group in groups] == ["Istio", "Envoy"]


def test_unknown_heading_makes_a_section_for_this_issue_only():
    parsed = parse("要闻\n1. 题\n2. 题二\n\n活动预告\n\n1. 聚会", KNOWN)

    assert [(s.title, s.once) for s in parsed.outline.sections] == [
        ("要闻", False),
        ("活动预告", True),
    ]
    assert "unknown_section" in [entry.code for entry in parsed.report]


def test_unknown_heading_needs_no_blank_lines_where_the_numbers_begin_anew():
    outline = parse("要闻\n1. 题\n正文\n活动\n1. 聚会\n周六", KNOWN).outline

    assert [section.title for section in outline.sections] == ["要闻", "活动"]


def test_short_line_between_bullets_stays_text():
    first, _ = items("News\n- One\nGreat stuff\n- Two")

    assert first.commentary == "Great stuff"


def test_short_line_before_the_next_number_stays_text():
    first, _ = items("要闻\n1. 题\n\n值得升级\n\n2. 题二")

    assert first.commentary == "值得升级"


@pytest.mark.parametrize(
    "heading",
    ["一、要闻", "## 要闻", "【要闻】", "🔥 要闻", "**要闻**", "要闻：", "　要闻"],
)
def test_known_section_is_recognised_under_its_decoration(heading):
    (section,) = parse(f"{heading}\n\n1. 题", KNOWN).outline.sections

    assert (section.title, section.once) == ("要闻", False)


def test_text_under_a_heading_before_its_list_is_the_sections_note():
    (section,) = parse("要闻\n\n以下是本周的要闻。\n\n1. 题", KNOWN).outline.sections

    assert section.note == "以下是本周的要闻。"
    assert len(section.items) == 1


def test_items_without_numbers_are_told_by_their_headlines():
    first, second = items(
        "项目\n\n甲工具\n\n它很快，也很小。\n\n乙工具\n\n它更快，也更小。https://b.test"
    )

    assert (first.headline, first.commentary) == ("甲工具", "它很快，也很小。")
    assert (second.headline, second.link) == ("乙工具", "https://b.test")


def test_items_before_any_section_get_one_to_be_chosen():
    parsed = parse("1. 题\n2. 题二", KNOWN)

    assert len(parsed.outline.sections[0].items) == 2
    assert "no_section" in [entry.code for entry in parsed.report]


def test_front_gives_number_title_and_opening_note():
    outline = parse(
        "周刊 第 40-41 期：双份\n2024-05-01\n\n卷首语。\n\n要闻\n1. 题", KNOWN
    ).outline

    assert (outline.number, outline.title) == ("40–41", "双份")
    assert outline.opening_note == "卷首语。"


def test_words_below_a_rule_at_the_end_are_the_closing_note():
    outline = parse("要闻\n1. 题\n\n----\n\n欢迎来信。", KNOWN).outline

    assert outline.closing_note == "欢迎来信。"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("1. 题\n\n正文", FORM_FULL),
        ("1. 题。正文接着写。", FORM_RUN_IN),
        ("1. 题 https://a.test", FORM_BRIEF),
        ("1. 题", FORM_FULL),
    ],
)
def test_form_follows_how_the_item_stands_on_the_page(text, form):
    (item,) = items(f"要闻\n{text}")

    assert item.form == form


def test_label_in_brackets_is_taken_off_the_headline():
    (item,) = items("要闻\n1. [重要] 题")

    assert (item.label, item.headline) == ("重要", "题")


def test_byline_below_the_items_counts_only_where_it_speaks_of_the_issue():
    assert (
        parse("要闻\n1. 题\n\n责任编辑：木环", KNOWN).outline.credits[0].name == "木环"
    )
    assert parse("要闻\n1. 题\n\n作者：木环", KNOWN).outline.credits == ()


def test_hard_wrapped_lines_are_one_paragraph():
    wrapped = (
        "This line was broken by a mail program at some narrow column\nand goes on."
    )
    (item,) = items(f"News\n- Headline\n\n{wrapped}")

    assert item.commentary == wrapped.replace("\n", " ")


def test_short_lines_keep_their_breaks():
    (item,) = items("要闻\n1. 题\n\n甲\n乙")

    assert item.commentary == "甲\n乙"


def test_each_line_is_accounted_for_by_kind():
    text = "作者：甲\n\n要闻\n1. 题\n正文\n - 甲\nhttps://a.test\nfile\n----"

    assert kinds(text) == [
        "byline",
        "blank",
        "section",
        "headline",
        "body",
        "list",
        "link",
        "image",
        "dropped",
    ]


def test_missing_byline_and_empty_sections_are_reported():
    assert codes("要闻\n1. 题\n项目\n") == ["no_byline", "empty_section"]


def test_empty_text_says_that_nothing_was_found():
    assert codes("") == ["no_byline", "no_items"]


def test_address_that_cannot_be_opened_stays_text():
    parsed = parse("要闻\n1. 题\n\n见 https://a..test/x", KNOWN)

    (item,) = parsed.outline.items()
    assert (item.link, item.commentary) == (None, "见 https://a..test/x")
    assert "bad_link" in [entry.code for entry in parsed.report]
