import re
from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest

from newsletter.digests.letter import UNSUBSCRIBE_MARKER, Copy, Letter

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
    """As a reader gets it; blanks behind a link mean nothing."""
    return re.sub(" +(?=\n|title)", " ", part.get_content().replace("\r\n", "\n"))


@pytest.mark.parametrize("prefix", ["", "a", "ab", "abc", "中", "中文a"])
@pytest.mark.parametrize("body", ["plain words", "满是汉字的一段话，" * 40])
def test_link_stands_where_its_marker_stood(prefix, body):
    text = f"{prefix}{body}\n退订：{UNSUBSCRIBE_MARKER}\n再见。\n"
    html = f'{prefix}<p>{body}</p><a href="{UNSUBSCRIBE_MARKER}" title="x">退订</a>\n'

    mail = parsed(letter(text, html).stamp(COPY))

    assert mail.text.replace(" \n", "\n") == text.replace(UNSUBSCRIBE_MARKER, URL)
    assert mail.html == html.replace(UNSUBSCRIBE_MARKER, URL)


def test_every_marker_becomes_the_readers_own_link():
    marked = f'<a href="{UNSUBSCRIBE_MARKER}">1</a> {UNSUBSCRIBE_MARKER} 2'

    mail = parsed(letter(html=marked).stamp(COPY))

    assert mail.html.count(URL) == 2
    assert "slot.invalid" not in mail.html


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
    other = (
        letter()
        .stamp(Copy("b@a.test", "def", "8.sig", URL.replace("k", "j"), URL))
        .split(b"\r\n")
    )

    differing = {
        a.partition(b":")[0] for a, b in zip(one, other, strict=True) if a != b
    }
    assert differing <= {b"To", b"Date", b"Message-ID", b"X-Delivery-ID"}
