"""Sources of mails that arrived, as providers write them."""

import pytest
from django.utils import translation

from newsletter.doctor import arrival, words
from newsletter.doctor.names import Names

SIGNED_NAMES = "from:to:subject:list-unsubscribe:list-unsubscribe-post"
SIGNED = (
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=news.test;\r\n"
    f" s=s1; h={SIGNED_NAMES};\r\n bh=x; b=abc\r\n def\r\n"
)
TO_LEAVE = (
    "List-Unsubscribe: <https://weekly.test/u/0/>\r\n"
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)
GMAIL = (
    "Authentication-Results: mx.google.com;\r\n"
    "       dkim=pass header.i=@news.test header.s=s1 header.b=abc;\r\n"
    "       spf=pass (google.com: domain of b@news.test designates 192.0.2.1 as permitted"
    " sender) smtp.mailfrom=b@news.test;\r\n"
    "       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=news.test\r\n"
)
OUTLOOK = (
    "Authentication-Results: spf=fail (sender IP is 192.0.2.1)"
    " smtp.mailfrom=news.test; dkim=pass (signature was verified)"
    " header.d=news.test;dmarc=pass action=none header.from=news.test\r\n"
)
FORGED = (
    "Authentication-Results: mx.google.com; dkim=neutral (body hash did not verify)"
    " header.i=@news.test; spf=softfail smtp.mailfrom=b@news.test;"
    " dmarc=fail header.from=news.test\r\n"
)
OF_THE_RELAY = "Authentication-Results: relay.test; dkim=fail header.d=news.test\r\n"


@pytest.fixture(autouse=True)
def _published(name_server):
    name_server.records["s1._domainkey.news.test", "TXT"] = ['"v=DKIM1; p=abc"']


def judged(case, *headers: str, sender: str = "weekly@news.test") -> dict:
    source = "".join([*headers, f"From: Weekly <{sender}>\r\n", "\r\nHello"])
    found = arrival.judge(arrival.parse(source.encode()), case(), Names())
    return {one.topic: one for one in found}


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ((TO_LEAVE, SIGNED), "signed"),
        ((TO_LEAVE,), "unsigned"),
        ((TO_LEAVE, SIGNED.replace("d=news", "d=mail.news")), "keyless"),
        ((TO_LEAVE, SIGNED.replace("d=news.test", "d=relay.test")), "foreign"),
        ((TO_LEAVE, SIGNED.replace(":list-unsubscribe-post", "")), "uncovered"),
        ((SIGNED,), "stripped"),
        ((TO_LEAVE, SIGNED.replace("s=s1", "s=s2")), "keyless"),
    ],
)
def test_signature(case, headers, kind):
    found = judged(case, *headers)

    assert found["arrival"].kind == kind


def test_a_relay_that_signs_beside_the_domain_does_no_harm(case):
    beside = SIGNED.replace("d=news.test", "d=relay.test")

    assert judged(case, TO_LEAVE, beside, SIGNED)["arrival"].kind == "signed"


def test_headers_left_out_are_named_as_mail_servers_know_them(case):
    bare = SIGNED.replace(f"h={SIGNED_NAMES}", "h=From:To")

    found = judged(case, TO_LEAVE, bare)["arrival"]

    assert found.values["headers"] == "List-Unsubscribe, List-Unsubscribe-Post"


def test_a_sender_the_relay_put_in_is_told(case):
    found = judged(case, TO_LEAVE, SIGNED, sender="bulk@relay.test")

    assert [one.kind for one in found.values()] == ["rewritten"]


@pytest.mark.parametrize(
    ("headers", "kind", "said"),
    [
        ((GMAIL,), "ok", "mx.google.com: dkim=pass, spf=pass, dmarc=pass"),
        ((OUTLOOK,), "spf", "spf=fail, dkim=pass, dmarc=pass"),
        ((FORGED,), "refused", "mx.google.com: dkim=neutral, spf=softfail, dmarc=fail"),
        ((GMAIL, OF_THE_RELAY), "ok", "mx.google.com: dkim=pass, spf=pass, dmarc=pass"),
        ((), "silent", None),
    ],
)
def test_receiver(case, headers, kind, said):
    found = judged(case, *headers, TO_LEAVE, SIGNED)["receiver"]

    assert found.kind == kind
    assert found.values.get("said") == said


@pytest.mark.parametrize(
    "header",
    [
        "Authentication-Results: ;;; dkim\r\n",
        "Authentication-Results:\r\n",
        "DKIM-Signature: nothing of the kind\r\n",
        "DKIM-Signature: d=; s=;\r\n",
    ],
)
def test_broken_headers_break_nothing(case, header):
    assert judged(case, header, TO_LEAVE)["arrival"].kind == "unsigned"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_finding_has_its_words(case, language):
    found = [
        *judged(case, GMAIL, TO_LEAVE, SIGNED).values(),
        *judged(case, FORGED, TO_LEAVE, SIGNED.replace("s=s1", "s=s2")).values(),
        *judged(case, SIGNED).values(),
    ]

    with translation.override(language):
        assert all(words.words_of(one) and words.title_of(one.topic) for one in found)
