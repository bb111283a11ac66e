import pytest
from django.utils import translation
from selectolax.lexbor import LexborHTMLParser

from editorial.content.faces import web
from editorial.content.faces.typeset import Addresses
from editorial.content.outline import Group, Item, Outline, Section

from . import issues

ADDRESSES = Addresses(
    section=lambda title: f"/sections/{title}/",
    topic={"Kubernetes": "/topics/kubernetes/"}.get,
    author={"墨客": "/authors/mo-ke/"}.get,
)


@pytest.fixture
def page() -> LexborHTMLParser:
    return LexborHTMLParser(web.render(issues.ISSUE, addresses=ADDRESSES))


def test_contents_lead_to_each_section_with_its_count(page):
    entries = page.css("nav ul.contents li")

    assert [entry.text() for entry in entries] == ["要闻 2", "要闻 2"]
    targets = [entry.css_first("a").attributes["href"] for entry in entries]
    assert targets == ["#s-yao-wen", "#s-yao-wen-2"]
    assert all(page.css_first(target) for target in targets)


def test_single_section_needs_no_contents():
    outline = Outline(sections=(Section("栏", (Group(None, (Item("题"),)),)),))

    assert "contents" not in web.render(outline)
    assert "contents" not in web.render(issues.ISSUE, contents=False)


def test_headings_step_down_by_one(page):
    assert [n.tag for n in page.css("h2, h3, h4")] == [
        "h2",
        "h3",
        "h3",
        "h2",
        "h3",
        "h4",
        "h3",
        "h4",
    ]


def test_each_item_can_be_pointed_at(page):
    assert [node.attributes["id"] for node in page.css("ol.items > li.item")] == [
        "n1",
        "n2",
        "n3",
        "n4",
    ]
    assert [node.attributes["start"] for node in page.css("ol.items")] == [
        "1",
        "3",
        "4",
    ]


def test_meta_line_has_host_and_credit_with_its_page(page):
    meta = page.css_first("#n1 p.meta")

    assert [span.text() for span in meta.css("span")] == ["a.test", "墨客"]
    assert meta.css_first("a").attributes["href"] == "/authors/mo-ke/"


def test_topics_and_sections_lead_to_their_pages(page):
    topics = page.css("h3.topic")

    assert topics[0].css_first("a").attributes["href"] == "/topics/kubernetes/"
    assert topics[1].css_first("a") is None
    assert page.css_first("h2 a").attributes["href"] == "/sections/要闻/"


def test_forms_have_classes_of_their_own(page):
    assert page.css_first("#n3").attributes["class"] == "item runin"
    assert page.css_first("#n4").attributes["class"] == "item brief"
    assert page.css_first("#n4 h4 .meta").text() == "c.test"
    assert page.css_first("#n3 .label").text() == "重要"


def test_picture_has_words_and_size_and_a_missing_one_leaves_no_hole(page):
    (figure,) = page.css("#n2 figure")

    image = figure.css_first("img").attributes
    assert (image["src"], image["alt"], image["width"], image["height"]) == (
        "/media/a.png",
        "图",
        "1072",
        "400",
    )
    assert figure.css_first("figcaption").text() == "延迟 · 甲"


def test_base_makes_every_address_absolute():
    html = web.render(issues.ISSUE, addresses=ADDRESSES, base="https://w.example")

    nodes = LexborHTMLParser(html).css("a[href], img[src]")
    addresses = {
        node.attributes.get("href") or node.attributes.get("src") for node in nodes
    }
    assert all(a.startswith(("https://", "#")) for a in addresses)


def test_notes_stand_before_and_after_the_sections(page):
    notes = [node.text().strip() for node in page.css("div.note")]

    assert notes == ["卷首语", "说明", "再见"]


def test_byline_names_authors_under_the_printed_label_and_others_by_role():
    html = web.byline(issues.ISSUE, addresses=ADDRESSES)

    assert (
        '<dt>本周作者</dt><dd><a href="/authors/mo-ke/">墨客</a></dd><dd>远山</dd>'
        in html
    )
    assert "<dt>Editor</dt><dd>木环</dd>" in html
    assert web.byline(Outline()) == ""


def test_numbers_in_addresses_are_not_localised():
    item = Item("题")
    outline = Outline(sections=(Section("栏", (Group(None, (item,) * 1200),)),))

    with translation.override("de"):
        assert 'id="n1200"' in web.render(outline)
