import re

import pytest

from editorial.content import outline
from newsletter.digests.letter import UNSUBSCRIBE_MARKER
from newsletter.digests.rendering import Unrenderable, render, render_now
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
    assert all(address.startswith("https://") for address in addresses)


def test_mail_leads_to_the_page_and_to_the_way_out():
    mail = rendered()

    for body in (mail.html, mail.text):
        assert "https://weekly.test/issues/23/" in body
        assert UNSUBSCRIBE_MARKER in body


def test_styles_are_in_the_elements_and_nothing_is_fetched():
    html = rendered().html

    assert re.search(r'<h1 style="[^"]*font-size', html)
    assert "@media (prefers-color-scheme: dark)" in html
    assert "<link" not in html
    assert "<script" not in html


def test_mail_opens_with_its_dek_for_the_list_of_mails():
    html = rendered(dek="一句话").html

    assert re.search(r'<div class="preheader" style="display: none[^>]*>一句话<', html)


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
        "List-Id": "<digest.weekly.test>",
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
