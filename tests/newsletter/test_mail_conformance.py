"""A stamped digest against the texts of its RFCs, by two parsers that are not ours."""

import re
from email import message_from_bytes, policy
from email.header import decode_header
from urllib.parse import urlsplit

import dkim
import pytest

from newsletter import signing
from newsletter.digests.copies import Copy
from newsletter.digests.letter import Letter
from newsletter.digests.rendering import render
from tests.factories import PublicationFactory, PublishedIssueFactory

pytestmark = pytest.mark.django_db

KEY = "k" * 43
NAMES = ["云边周报", "Weekly, the: list", "一份名字很长很长的刊物" * 6, "W"]
ONCE = ["Date", "From", "To", "Subject", "Message-ID", "Reply-To", "MIME-Version"]
LIST = ["List-Id", "List-Unsubscribe", "List-Archive", "List-Help", "List-Owner"]


@pytest.fixture
def key(settings, tmp_path) -> signing.Key:
    settings.PUBLIC_URL = "https://weekly.test"
    settings.DKIM_SELECTOR, settings.DKIM_KEY = "2026a", f"{tmp_path}/2026a.pem"
    return signing.make_key("2026a")


@pytest.fixture(params=NAMES)
def raw(request, key) -> bytes:
    """The copy of a reader with a name, of a publication called so."""
    PublicationFactory(
        name=request.param,
        sender_name=request.param,
        sender_email="weekly@news.test",
        reply_to="team@news.test",
    )
    issue = PublishedIssueFactory(number="23")
    mail = render(issue, issue.live_revision)
    letter = Letter(
        headers=mail.headers,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        sign=signing.signer_for(mail.sender),
    )
    url = f"https://weekly.test/u/{KEY}/"
    return letter.stamp(Copy("r@例え.test", "1" * 40, "7.s", url, url, url, "墨客"))


@pytest.fixture
def message(raw):
    return message_from_bytes(raw, policy=policy.default)


def head_of(raw: bytes) -> list[bytes]:
    return raw.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_rfc_5322_lines_end_in_crlf_and_are_of_seven_bits(raw):
    assert raw.isascii()
    assert b"\0" not in raw
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)


def test_rfc_5322_no_line_is_over_998_and_none_that_can_fold_over_78(raw):
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    foldable = [line for line in head_of(raw) if b" " in line.partition(b": ")[2]]
    assert max(map(len, foldable)) <= 78


def test_rfc_5322_each_line_of_the_head_begins_or_goes_on_with_a_header(raw):
    begun = [line for line in head_of(raw) if not re.match(rb"[!-9;-~]+: ?\S", line)]

    assert all(re.match(rb"[ \t]+\S", line) for line in begun)


def test_rfc_5322_headers_that_may_stand_once_stand_once(message):
    for name in ONCE:
        assert len(message.get_all(name)) == 1, name


def test_rfc_5322_both_parsers_find_the_same_headers(raw, message):
    theirs, body = dkim.rfc822_parse(raw)

    assert [name.decode().lower() for name, _value in theirs] == [
        name.lower()
        for name in message.keys()  # noqa: SIM118 - not a dict
    ]
    assert raw.endswith(body)


def test_rfc_5322_nothing_is_defective(message):
    parts = [message, *message.walk()]

    assert [defect for part in parts for defect in part.defects] == []
    assert all(not message[name].defects for name in message.keys())  # noqa: SIM118


def test_rfc_5322_identification_and_date_are_of_their_form(message):
    assert re.fullmatch(r"<[0-9a-f]{40}@news\.test>", message["Message-ID"])
    assert message["Date"].datetime.utcoffset() is not None


def test_rfc_2047_encoded_words_are_short_and_stand_apart(raw):
    head = b"\r\n".join(head_of(raw))
    words = re.findall(rb"=\?[^?]+\?[bq]\?[^?]*\?=", head, re.IGNORECASE)

    assert all(len(word) <= 75 for word in words)
    assert not re.search(rb"\?==\?", head)


def test_rfc_2046_plain_text_comes_first_and_html_last(message):
    kinds = [part.get_content_type() for part in message.iter_parts()]

    assert message.get_content_type() == "multipart/alternative"
    assert kinds == ["text/plain", "text/html"]
    assert all("墨客，你好：" in part.get_content() for part in message.iter_parts())


def test_rfc_2369_fields_hold_addresses_in_angle_brackets(message):
    for name in [*LIST[1:]]:
        assert re.fullmatch(r"<(https://|mailto:)[!-;=?-~]+>", message[name]), name
    assert message["List-Post"] == "NO"


def test_rfc_2369_each_field_stands_once(message):
    for name in [*LIST, "List-Post"]:
        assert len(message.get_all(name)) == 1, name


def test_rfc_2919_list_id_is_a_name_and_a_dotted_id(raw):
    (value,) = [v for n, v in dkim.rfc822_parse(raw)[0] if n.lower() == b"list-id"]
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", value).strip().decode()

    phrase, identifier = re.fullmatch(r"(.*?)\s*<([a-z0-9.-]+)>", unfolded).groups()
    assert identifier == "digest.weekly.test"
    assert len(identifier) <= 255
    assert re.fullmatch(r'"([^"\\]|\\.)*"|(=\?utf-8\?[bq]\?[^?]*\?=\s*)+', phrase)
    assert decode_header(phrase)


def test_rfc_8058_one_click_is_one_https_address_and_one_fixed_word(message):
    address = message["List-Unsubscribe"].strip("<>")

    assert urlsplit(address).scheme == "https"
    assert KEY in address
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_rfc_8058_signature_covers_both_fields(message):
    covered = re.sub(r"\s", "", message["DKIM-Signature"]).split("h=")[1].split(";")[0]

    assert {"list-unsubscribe", "list-unsubscribe-post"} <= set(covered.split(":"))


def test_rfc_6376_signature_is_that_of_the_senders_domain(raw, message, key):
    published = {b"2026a._domainkey.news.test.": key.record.encode()}

    assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: published[name])
    assert "d=news.test;" in message["DKIM-Signature"]
