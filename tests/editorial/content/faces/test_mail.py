import css_inline
from selectolax.lexbor import LexborHTMLParser

from editorial.content.faces import mail

from . import issues

MAIL = mail.render(issues.ISSUE, base="https://w.example")
PAGE = LexborHTMLParser(MAIL)


def test_every_address_is_absolute():
    addresses = [
        node.attributes.get("href") or node.attributes.get("src")
        for node in PAGE.css("a, img")
    ]

    assert addresses
    assert all(address.startswith("https://") for address in addresses)


def test_numbers_are_written_out_because_mail_knows_no_counters():
    assert [node.text()[:2] for node in PAGE.css(".item > b")] == [
        "1.",
        "2.",
        "3.",
        "4.",
    ]


def test_wide_picture_is_made_to_fit_the_column_in_proportion():
    image = PAGE.css_first(".picture img").attributes

    assert (image["width"], image["height"]) == ("536", "200")


def test_classes_are_those_of_the_mails_style_sheet():
    assert PAGE.css_first("h2.serif").text() == "要闻"
    assert PAGE.css_first("div.topic").text() == "Kubernetes"
    assert PAGE.css_first(".item .small").text() == "a.test · 墨客"


def test_style_sheet_can_be_inlined_over_it():
    style = "<style>.item b{display:block}.small{color:#5b554c}</style>"

    html = css_inline.inline(f"<html><head>{style}</head><body>{MAIL}</body></html>")

    assert 'style="display: block' in html.replace("display:block", "display: block")


def test_nothing_in_it_needs_a_script_or_a_style_attribute():
    assert not PAGE.css("script, style, [style]")
