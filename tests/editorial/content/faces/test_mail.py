import css_inline
from selectolax.lexbor import LexborHTMLParser

from editorial.content.faces import mail
from editorial.content.outline import Group, Item, Outline, Section

from . import issues

MAIL = mail.render(issues.ISSUE, base="https://w.example")
PAGE = LexborHTMLParser(MAIL)


def test_every_address_is_absolute_or_leads_to_a_place_in_the_mail():
    nodes = PAGE.css("a[href], img")
    addresses = [n.attributes.get("href") or n.attributes.get("src") for n in nodes]

    assert addresses
    assert all(a.startswith(("https://", "#")) for a in addresses)


def test_contents_lead_to_places_that_have_both_name_and_id():
    places = [node.attributes for node in PAGE.css(".section a[name]")]
    contents = [node.attributes["href"] for node in PAGE.css(".contents a")]

    assert contents == [f"#{place['name']}" for place in places]
    assert contents == [f"#{place['id']}" for place in places]
    assert len(set(contents)) == 2


def test_issue_of_one_section_needs_no_contents():
    section = Section("要闻", (Group(None, (Item("题", "https://a.test/"),)),))

    assert "contents" not in mail.render(Outline(sections=(section,)), base="")


def test_numbers_are_written_out_because_mail_knows_no_counters():
    numbers = [node.text(strip=True)[:2] for node in PAGE.css(".headline, .item b")]

    assert numbers == ["1.", "2.", "3.", "4."]


def test_headlines_stand_below_their_section_and_topic():
    levels = [node.tag for node in PAGE.css("h2, h3, h4")]

    assert levels == ["h2", "h3", "h3", "h2", "h3", "h3", "h4"]


def test_run_in_headline_begins_the_first_paragraph_of_its_text():
    (paragraph,) = (node for node in PAGE.css(".item p") if node.css_first("b"))

    assert paragraph.text() == "3. 重要 mvcc: 调整"


def test_wide_picture_is_made_to_fit_the_column_in_proportion():
    image = PAGE.css_first(".picture img").attributes

    assert (image["width"], image["height"]) == ("536", "200")


def test_classes_are_those_of_the_mails_style_sheet():
    assert PAGE.css_first(".section h2").text() == "要闻"
    assert PAGE.css_first(".topic h3").text() == "Kubernetes"
    assert PAGE.css_first(".item .small").text() == "a.test · 墨客"


def test_style_sheet_can_be_inlined_over_it():
    style = "<style>.item{padding:16px 0}.small{color:#5b554c}</style>"

    html = css_inline.inline(f"<html><head>{style}</head><body>{MAIL}</body></html>")

    assert "padding: 16px 0" in html.replace("padding:16px", "padding: 16px")


def test_nothing_in_it_needs_a_script_or_a_style_attribute():
    assert not PAGE.css("script, style, [style]")
