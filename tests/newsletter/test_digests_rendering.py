import re
from email import message_from_bytes, policy

import pytest

from editorial.content import outline
from editorial.content.faces.columns import width
from newsletter.digests.copies import Copy
from newsletter.digests.letter import (
    GREETING_MARKERS,
    PREFERENCES_MARKER,
    UNSUBSCRIBE_MARKER,
    Letter,
)
from newsletter.digests.rendering import Unrenderable, render, render_now
from newsletter.digests.shortening import LIMIT
from tests.factories import (
    SAMPLE_OUTLINE,
    DigestFactory,
    IssueFactory,
    IssueRevisionFactory,
    PublicationFactory,
    PublishedIssueFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def publication(settings):
    settings.PUBLIC_URL = "https://weekly.test"
    return PublicationFactory(reply_to="team@weekly.test")


def rendered(**fields):
    issue = PublishedIssueFactory(number="23")
    shape = {**SAMPLE_OUTLINE.to_dict(), **fields}
    return render(
        issue, IssueRevisionFactory(outline_json=shape, issue=issue, ordinal=2)
    )


def test_every_link_and_picture_is_absolute():
    section = outline.Section(
        "新闻",
        (
            outline.Group(
                None,
                (
                    outline.Item(
                        "一",
                        link="/issues/1/",
                        commentary="[旧闻](/issues/2/)",
                        images=(outline.Image("/media/a.png", "图"),),
                    ),
                ),
            ),
        ),
    )
    shape = outline.Outline(sections=(section,)).to_dict()

    html = rendered(sections=shape["sections"]).html

    addresses = re.findall(r'(?:href|src)="([^"]*)"', html)
    assert "https://weekly.test/issues/1/" in addresses
    assert "https://weekly.test/issues/2/" in addresses
    assert "https://weekly.test/media/a.png" in addresses
    assert all(address.startswith(("https://", "#")) for address in addresses)


def test_mail_leads_to_the_page_and_to_the_way_out():
    mail = rendered()

    for body in (mail.html, mail.text):
        assert "https://weekly.test/issues/23/" in body
        assert UNSUBSCRIBE_MARKER in body
        assert PREFERENCES_MARKER in body


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "墨客，你好："), ("en", "Hello 墨客,")]
)
def test_reader_with_a_name_is_greeted_in_the_mails_language(
    publication, language, words
):
    publication.language = language
    publication.save()
    mail = rendered()
    letter = Letter(headers=mail.headers, subject="x", text=mail.text, html=mail.html)
    copy = Copy("a@readers.test", "1", "7", "https://a.test/")

    greeted, bare = letter.stamp(copy._replace(name="墨客")), letter.stamp(copy)

    for part in message_from_bytes(greeted, policy=policy.default).iter_parts():
        assert words in part.get_content()
    for part in message_from_bytes(bare, policy=policy.default).iter_parts():
        assert "slot.invalid" not in part.get_content()
    plain, html = message_from_bytes(bare, policy=policy.default).iter_parts()
    assert "\n\n\n" not in plain.get_content()
    assert not re.search(r"<p[^>]*>\s*</p>", html.get_content())


def test_mail_has_one_place_for_a_greeting():
    mail = rendered()

    for body in (mail.html, mail.text):
        assert body.count(GREETING_MARKERS["zh-hans"]) == 1


def test_styles_are_in_the_elements_and_nothing_is_fetched():
    html = rendered().html

    assert re.search(r'<h1 style="[^"]*font-size', html)
    assert "@media (prefers-color-scheme: dark)" in html
    assert "<link" not in html
    assert "<script" not in html


def test_mail_opens_with_its_dek_for_the_list_of_mails():
    html = rendered(dek="一句话").html

    assert re.search(
        r'<div class="preheader" style="display: none[^>]*>一句话\u034f', html
    )


def test_mail_without_a_dek_opens_with_its_first_headlines():
    html = rendered(dek="").html

    assert re.search(r'<div class="preheader"[^>]*>给 API 请求排优先级\u034f', html)


def test_dark_sheet_is_there_for_outlook_com_too():
    html = rendered().html

    assert "[data-ogsc] .small, [data-ogsc] .small a" in html
    assert "[data-ogsb] .sheet { background-color" in html
    assert "css-inline" not in html


@pytest.mark.parametrize("count", [40, 400])
def test_long_issue_is_shortened_below_what_gmail_cuts(count):
    item = outline.Item("题目" * 10, "https://a.test/", "一句很长的话。" * 400)
    group = outline.Group(None, (item,) * count)
    shape = outline.Outline(sections=(outline.Section("新闻", (group,)),)).to_dict()

    mail = rendered(sections=shape["sections"])

    assert len(mail.html.encode()) <= LIMIT
    assert "https://weekly.test/issues/23/#n1" in mail.html or count == 400
    assert "在网页上看全文" in mail.html
    assert UNSUBSCRIBE_MARKER in mail.html


def test_issue_that_fits_is_not_shortened():
    assert "在网页上看全文" not in rendered().html


def test_plain_text_is_folded_and_keeps_its_links_whole():
    text = rendered(opening_note="一句很长的话。" * 40).text

    text = text.replace(GREETING_MARKERS["zh-hans"], "")
    assert all(width(line) <= 72 for line in text.splitlines())
    assert f"：{UNSUBSCRIBE_MARKER}" in text.replace(" ", "")


def test_list_id_names_the_publication_beside_its_id(publication):
    publication.name = 'Weekly, "the" list'
    publication.save()

    assert (
        rendered().headers["List-Id"] == r'"Weekly, \"the\" list" <digest.weekly.test>'
    )


def test_mail_speaks_the_publications_language(publication):
    publication.language = "en"
    publication.save()
    assert "Unsubscribe" in rendered().html

    publication.language = "zh-hans"
    publication.save()
    digest = DigestFactory()
    assert "Unsubscribe" not in render_now(digest).html
    assert 'lang="zh-hans"' in render_now(digest).html


def test_headers_carry_sender_reply_address_and_list():
    assert rendered().headers == {
        "From": "云边周报 <weekly@masthead.test>",
        "Reply-To": "team@weekly.test",
        "List-Id": "云边周报 <digest.weekly.test>",
        "List-Archive": "<https://weekly.test/issues/>",
        "List-Help": "<https://weekly.test/subscribe/>",
        "List-Post": "NO",
        "List-Owner": "<mailto:team@weekly.test>",
        "Content-Language": "zh-hans",
    }


def test_sender_name_with_a_comma_stays_one_sender(publication):
    publication.sender_name = "Weekly, the desk"
    publication.save()

    assert rendered().sender == '"Weekly, the desk" <weekly@masthead.test>'


def test_line_break_in_a_title_cannot_reach_the_subject():
    subject = rendered(title="a\r\nBcc: all@weekly.test").subject

    assert "\n" not in subject
    assert "\r" not in subject


def test_issue_never_published_cannot_be_rendered():
    with pytest.raises(Unrenderable):
        render_now(DigestFactory(issue=IssueFactory()))
