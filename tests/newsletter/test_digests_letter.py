import html
import re
from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.digests.copies import Copy
from newsletter.digests.ledger import Claim
from newsletter.digests.letter import (
    NAME_MARKER,
    PREFERENCES_MARKER,
    SLOTS,
    UNSUBSCRIBE_MARKER,
    Letter,
    shown_to,
)
from newsletter.postbox import smtp_lines

URL = "https://weekly.test/u/" + "k" * 43 + "/"
COPY = Copy(
    to="reader@例え.test",
    message_id="abc",
    delivery_id="7.sig",
    unsubscribe_url=URL,
    one_click_url=URL,
)
HEADERS = {
    "From": "云边周报 <weekly@news.test>",
    "Reply-To": "team@news.test",
    "List-Id": "<digest.news.test>",
}


def letter(text="words\n", html="<p>words</p>\n", subject="第 23 期") -> Letter:
    return Letter(headers=HEADERS, subject=subject, text=text, html=html)


def parsed(raw: bytes):
    message = message_from_bytes(raw, policy=policy.default)
    plain, html = message.iter_parts()
    return SimpleNamespace(message=message, text=content(plain), html=content(html))


def content(part) -> str:
    return part.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize("prefix", ["", "a", "ab", "abc", "中", "中文a"])
@pytest.mark.parametrize("body", ["plain words", "满是汉字的一段话，" * 40])
def test_link_stands_where_its_marker_stood(prefix, body):
    text = f"{prefix}{body}\n退订：{UNSUBSCRIBE_MARKER}\n再见。\n"
    html = f'{prefix}<p>{body}</p><a href="{UNSUBSCRIBE_MARKER}" title="x">退订</a>\n'

    mail = parsed(letter(text, html).stamp(COPY))

    assert mail.text == text.replace(UNSUBSCRIBE_MARKER, URL)
    assert mail.html == html.replace(UNSUBSCRIBE_MARKER, URL)


def test_every_marker_becomes_the_readers_own_link():
    marked = f'<a href="{UNSUBSCRIBE_MARKER}">1</a> {PREFERENCES_MARKER} 2'
    own = "https://weekly.test/p/k/"

    mail = parsed(letter(html=marked).stamp(COPY._replace(preferences_url=own)))

    assert mail.html == f'<a href="{URL}">1</a> {own} 2'
    assert "slot.invalid" not in mail.html


def test_a_paragraph_for_a_name_is_missing_with_the_name():
    marked = f'<p>A</p>\n<p class="x" style="margin: 0">{NAME_MARKER}</p>\n<p>B</p>'

    named = parsed(letter(html=marked).stamp(COPY._replace(name="墨客")))
    bare = parsed(letter(html=marked).stamp(COPY))

    assert named.html == '<p>A</p>\n<p class="x" style="margin: 0">墨客</p><p>B</p>'
    assert bare.html == "<p>A</p>\n<p>B</p>"
    assert shown_to(COPY, marked) == bare.html


def test_name_is_escaped_in_html_and_on_one_line_in_text():
    marked = f"<p>{NAME_MARKER}，你好。</p>"
    copy = COPY._replace(name="Tom\r\n& <Jerry>")

    mail = parsed(letter(marked, marked).stamp(copy))

    assert mail.text == "<p>Tom & <Jerry>，你好。</p>"
    assert mail.html == "<p>Tom &amp; &lt;Jerry&gt;，你好。</p>"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=90)
PARTS = st.lists(st.one_of(WORDS, st.sampled_from([*SLOTS, "\n", ".", "汉字" * 60])))
VALUES = st.builds(
    COPY._replace,
    name=WORDS,
    unsubscribe_url=st.from_regex(r"https://a\.test/u/[\w=&-]{1,90}/", fullmatch=True),
)


@given(parts=PARTS, copy=VALUES)
def test_whatever_stands_around_them_slots_decode_to_their_values(parts, copy):
    body = "".join(parts)
    plain = escaped = body
    for marker, value in SLOTS.items():
        words = value(copy).replace("\r\n", "\n")
        plain = plain.replace(marker, words)
        escaped = escaped.replace(marker, html.escape(words))

    raw = letter(body, body).stamp(copy)

    mail = parsed(raw)
    assert (mail.text, mail.html) == (plain, escaped)
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76


@given(parts=PARTS, copy=VALUES, text_only=st.booleans())
def test_copy_for_the_wire_has_nothing_to_be_put_right(parts, copy, text_only):
    body = "".join(parts)

    text = letter(body, body).text(copy._replace(text_only=text_only))

    sent = b"".join(text.pieces)
    assert sent == smtp_lines(sent)
    assert b"\r\n." not in sent


def test_reader_who_wants_text_gets_text_alone():
    raw = letter(f"退订 {UNSUBSCRIBE_MARKER}").stamp(COPY._replace(text_only=True))

    message = message_from_bytes(raw, policy=policy.default)
    assert message.get_content_type() == "text/plain"
    assert content(message) == f"退订 {URL}"
    assert message["List-Unsubscribe"] == f"<{URL}>"


def test_copy_of_a_delivery_says_the_same_however_often_it_is_made():
    claim = Claim(7, 1, "token", 3, "a@b.test", "k" * 43, 0, 0, "Lin", text_only=True)

    copy = Copy.for_claim(claim)

    assert copy == Copy.for_claim(claim)
    assert copy.unsubscribe_url == f"http://testserver/unsubscribe/{'k' * 43}/"
    assert copy.one_click_url == f"http://testserver/u/{'k' * 43}/"
    assert copy.preferences_url == f"http://testserver/p/{'k' * 43}/"
    assert (copy.name, copy.text_only) == ("Lin", True)


def test_signature_goes_before_the_message_it_was_made_of():
    signed = []

    def sign(message: bytes) -> bytes:
        signed.append(message)
        return b"DKIM-Signature: v=1\r\n"

    plain = Letter(headers=HEADERS, subject="x", text="x", html="x", sign=sign)
    raw = plain.stamp(COPY)

    assert raw == b"DKIM-Signature: v=1\r\n" + signed[0]
    assert signed[0].startswith(b"To: reader@")


def test_bounces_go_to_the_letters_sender_unless_the_copy_has_an_address_for_them():
    own = COPY._replace(envelope_sender="bounces+7.abc@news.test")

    assert letter().envelope_sender(COPY) == "weekly@news.test"
    assert letter().envelope_sender(own) == "bounces+7.abc@news.test"


@pytest.mark.parametrize("body", ["plain words", "满是汉字" * 500, "é" * 100, "." * 90])
def test_lines_are_short_seven_bit_and_end_in_crlf(body):
    raw = letter(f"{body} {UNSUBSCRIBE_MARKER}", f"<p>{body}</p>").stamp(COPY)

    assert raw.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    _, _, message_body = raw.partition(b"\r\n\r\n")
    assert max(map(len, message_body.split(b"\r\n"))) <= 76


def test_headers_say_who_from_where_and_how_to_leave():
    message = parsed(letter().stamp(COPY)).message

    assert message["Subject"] == "第 23 期"
    assert message["From"] == "云边周报 <weekly@news.test>"
    assert message["To"] == "reader@xn--r8jz45g.test"
    assert message["Message-ID"] == "<abc@news.test>"
    assert message["X-Delivery-ID"] == "7.sig"
    assert message["List-Unsubscribe"] == f"<{URL}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Date"].datetime.tzinfo is not None
    assert message.get_content_type() == "multipart/alternative"
    assert not message.defects


def test_long_subject_survives_folding():
    subject = "很长的标题，" * 30

    message = parsed(letter(subject=subject).stamp(COPY)).message

    assert message["Subject"] == subject


def test_subject_cannot_bring_headers_of_its_own():
    with pytest.raises(ValueError, match="linefeed"):
        letter(subject="x\r\nBcc: all@news.test")


def test_copies_differ_only_where_they_are_personal():
    one = letter().stamp(COPY).split(b"\r\n")
    theirs = Copy("b@a.test", "def", "8.sig", URL.replace("k", "j"), URL)
    other = letter().stamp(theirs).split(b"\r\n")

    differing = {
        a.partition(b":")[0] for a, b in zip(one, other, strict=True) if a != b
    }
    assert differing <= {b"To", b"Date", b"Message-ID", b"X-Delivery-ID"}
