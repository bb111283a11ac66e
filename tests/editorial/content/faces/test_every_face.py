"""What holds on every face, whatever the issue says."""

import re

import pytest
from hypothesis import given
from selectolax.lexbor import LexborHTMLParser

from editorial.content import markdown as commentary
from editorial.content.faces import mail, markdown, text, web
from editorial.content.outline import Group, Item, Outline, Section
from tests.editorial.content import vectors
from tests.editorial.content.neutrality import assert_neutral

from . import issues

BASE = "https://w.example"
HTML = {"web": lambda outline: web.render(outline, base=BASE), "mail": lambda outline: mail.render(outline, base=BASE)}  # fmt: skip
TEXT = {"text": lambda outline: text.render(outline, base=BASE), "markdown": lambda outline: commentary.render(markdown.render(outline, base=BASE))}  # fmt: skip
FACES = HTML | TEXT


def squeeze(value: str) -> str:
    return re.sub(r"\s+", "", value)


def words_on(name: str, outline: Outline) -> str:
    """All words a reader of the face sees, without blanks."""
    face = FACES[name](outline)
    if name == "text":
        return squeeze(face)
    return squeeze(LexborHTMLParser(f"<main>{face}</main>").css_first("main").text())


def links_on(name: str, outline: Outline) -> set[str]:
    face = FACES[name](outline)
    if name == "text":
        return {word.strip("()") for word in re.findall(r"https?://\S+", face)}
    nodes = LexborHTMLParser(face).css("a[href]")
    return {node.attributes["href"] or "" for node in nodes}


@pytest.mark.parametrize("name", FACES)
@given(outline=issues.outlines)
def test_every_word_of_every_item_is_on_the_face(name, outline):
    seen = words_on(name, outline)

    for item in outline.items():
        assert squeeze(item.headline) in seen
        words = re.findall(r"\w+", commentary.plain(item.commentary, links=False))
        assert all(word in seen for word in words)


@pytest.mark.parametrize("name", ["web", "mail", "markdown"])
@given(outline=issues.outlines)
def test_every_link_of_every_item_is_on_the_face(name, outline):
    links = links_on(name, outline)

    for item in outline.items():
        assert {item.link} - {None} <= links
        assert set(commentary.links_in(item.commentary)) <= links


def test_plain_text_names_every_address():
    assert {"https://www.a.test/x", "https://b.test/y宣布"} <= links_on(
        "text", issues.ISSUE
    )


@pytest.mark.parametrize("vector", vectors.ALL)
@pytest.mark.parametrize("name", ["web", "mail", "markdown"])
def test_hostile_words_are_neutral_wherever_they_stand(name, vector):
    item = Item(vector, vector, vector, label=vector, credit=vector)
    section = Section(vector, (Group(vector, (item,)),), note=vector)

    face = FACES[name](
        Outline(sections=(section, section), opening_note=vector, title=vector)
    )

    assert_neutral(face, ids=r"n\d+|s-[a-z0-9_-]+")


@pytest.mark.parametrize("vector", vectors.ALL)
def test_exported_markdown_is_neutral_in_renderers_that_trust_it(vector):
    item = Item(vector, vector, vector, label=vector, credit=vector)
    section = Section(vector, (Group(vector, (item,)),), note=vector)

    exported = markdown.render(
        Outline(sections=(section,), opening_note=vector, title=vector)
    )

    assert commentary.is_neutral(exported)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "//evil.test", "data:x", "x y", ""]
)
@pytest.mark.parametrize("name", FACES)
def test_item_whose_link_is_no_web_address_is_printed_without_it(name, link):
    outline = Outline(sections=(Section("栏", (Group(None, (Item("题", link),)),)),))

    assert links_on(name, outline) <= {"#s-lan"}
    assert "题" in words_on(name, outline)


@pytest.mark.parametrize("name", FACES)
def test_items_are_in_the_order_of_the_issue(name):
    seen = words_on(name, issues.ISSUE)

    positions = [seen.index(word) for word in ("甲题", "乙题", "mvcc:", "短讯")]
    assert positions == sorted(positions)


@pytest.mark.parametrize("name", ["mail", "text", "markdown"])
def test_numbers_run_on_through_the_issue(name):
    seen = words_on(name, issues.ISSUE)

    assert all(squeeze(each) in seen for each in ("1.甲题", "2.乙题", "4.短讯"))


@pytest.mark.parametrize("name", FACES)
def test_headings_without_items_are_left_out(name):
    assert "空" not in words_on(name, issues.ISSUE)


@pytest.mark.parametrize("name", FACES)
def test_empty_issue_is_an_empty_face(name):
    assert words_on(name, Outline()) == ""
