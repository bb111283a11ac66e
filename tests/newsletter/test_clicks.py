"""Links of a digest: rewritten, followed, counted."""

import re
from dataclasses import replace

import pytest

from editorial.content import outline as plain
from newsletter import clicks
from newsletter.models import DigestLink
from tests.factories import SAMPLE_OUTLINE

pytestmark = pytest.mark.django_db

MAIL = """<a class="name" href="http://testserver/">周报</a>
<a title="a > b" href="https://example.com/kep">给 API</a>
<a href="https://a.test/?x=1&amp;y=2">在正文里</a> <a href="https://b.test/">别处</a>
<a href="https://example.com/kep">又一次</a> <a href="mailto:a@b.test">写信</a>
<a href="https://slot.invalid/unsubscribe">退订</a>"""
HREF = re.compile(r'href="([^"]+)"')


def outline(**words) -> plain.Outline:
    item = plain.Item(
        "第一条", "https://example.com/kep", "见[这里](https://a.test/?x=1&y=2)。"
    )
    second = plain.Item("第二条", "https://example.com/kep", **words)
    section = plain.Section("新闻", (plain.Group(None, (item, second)),))
    return replace(SAMPLE_OUTLINE, sections=(section,))


def instrumented(mail: str = MAIL, **words) -> clicks.Instrumented:
    return clicks.instrument(mail, digest_id=1, outline=outline(**words))


def test_links_away_lead_through_an_address_of_ours():
    done = instrumented()

    hrefs = HREF.findall(done.html)
    assert hrefs[1:4] == [clicks.address(link) for link in done.links]
    assert hrefs[4] == hrefs[1]
    assert [link.url for link in done.links] == [
        "https://example.com/kep",
        "https://a.test/?x=1&y=2",
        "https://b.test/",
    ]


def test_own_pages_personal_links_and_addresses_stay_as_they_are():
    hrefs = HREF.findall(instrumented().html)

    assert [hrefs[0], *hrefs[5:]] == [
        "http://testserver/",
        "mailto:a@b.test",
        "https://slot.invalid/unsubscribe",
    ]


def test_an_item_about_one_of_our_own_pages_is_counted():
    own = "http://testserver/issues/7/"
    mail = f'<a href="{own}">第七期</a>'

    done = instrumented(mail, commentary=f"见 <{own}>")

    assert [(link.url, link.item) for link in done.links] == [(own, "第二条")]


def test_a_link_knows_its_item_and_section():
    links = instrumented().links

    assert [(link.section, link.item, link.item_number) for link in links] == [
        ("新闻", "第一条", 1),
        ("新闻", "第一条", 1),
        ("", "", None),
    ]


def test_the_same_mail_is_instrumented_in_the_same_words():
    assert instrumented().html == instrumented().html


def test_no_copy_s_links_differ_from_another_digest_s_by_less_than_the_token():
    one = instrumented().links[0]
    other = clicks.instrument(MAIL, digest_id=2, outline=outline()).links[0]

    assert one.token != other.token
    assert one.url == other.url


def test_an_address_too_long_to_be_redirected_to_stays_as_it_is():
    mail = f'<a href="https://a.test/{"周" * 400}">长</a>'

    assert instrumented(mail).html == mail
    assert not DigestLink.objects.exists()
