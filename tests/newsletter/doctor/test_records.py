import dns.rdata
import pytest

from newsletter import signing
from newsletter.doctor import records
from newsletter.doctor.names import Names, Unanswered
from newsletter.states import Fitness
from tests.nameserver import BROKEN

OK, ADVICE, FAILING = Fitness.OK, Fitness.ADVICE, Fitness.FAILING
KEY_AT = ("2026a._domainkey.news.test", "TXT")


def texts(*records: str) -> list[str]:
    """TXT records as a zone file has them, in strings of at most 255 octets."""
    return [" ".join(f'"{p}"' for p in signing.txt_strings(one)) for one in records]


def seen(look, case) -> list[tuple[str, str]]:
    return [(found.kind, found.status) for found in look(case, Names())]


@pytest.fixture
def key(settings, tmp_path) -> signing.Key:
    settings.DKIM_KEY = f"{tmp_path}/{{selector}}.pem"
    return signing.make_key("2026a")


@pytest.mark.parametrize(
    ("published", "kind", "status"),
    [
        (["v=spf1 mx -all"], "ok", OK),
        (["v=spf1 redirect=_spf.relay.test"], "ok", OK),
        (["V=SPF1 include:_spf.relay.test ~ALL"], "ok", OK),
        ([], "none", FAILING),
        (["google-site-verification=1"], "none", FAILING),
        (["v=spf1 mx -all", "v=spf1 -all"], "many", FAILING),
        (["v=spf1 +all"], "everybody", FAILING),
        (["v=spf1 mx all"], "everybody", FAILING),
        (["v=spf1 mx ?all"], "open", ADVICE),
        (["v=spf1 mx"], "open", ADVICE),
        (["v=spf1 " + "include:_spf.relay.test " * 6 + "-all"], "lookups", FAILING),
        (["v=spf1 include:loop.test -all"], "lookups", FAILING),
    ],
)
def test_spf(name_server, case, published, kind, status):
    name_server.records = {
        ("news.test", "TXT"): texts(*published),
        ("_spf.relay.test", "TXT"): texts("v=spf1 a:one.test -all"),
        ("loop.test", "TXT"): texts("v=spf1 include:loop.test -all"),
    }

    assert seen(records.look_at_spf, case()) == [(kind, status)]


def test_missing_spf_says_what_to_publish_for_the_relay(name_server, case):
    (found,) = records.look_at_spf(case(), Names())

    assert found.put == ('news.test. IN TXT "v=spf1 a:mail.relay.test ~all"',)


@pytest.mark.parametrize("record", ["v=spf1 mx +all", "v=spf1 mx ?ALL", "v=spf1 mx"])
def test_open_spf_comes_back_closed(name_server, case, record):
    name_server.records["news.test", "TXT"] = texts(record)

    (found,) = records.look_at_spf(case(), Names())

    assert found.put == ('news.test. IN TXT "v=spf1 mx ~all"',)


def test_spf_is_about_where_mail_bounces_to(name_server, case):
    name_server.records["bounce.test", "TXT"] = texts("v=spf1 -all")

    sender = case(bounce_address="b@bounce.test")

    assert seen(records.look_at_spf, sender) == [("ok", OK)]


def test_key_of_a_relay_cannot_be_looked_at(name_server, case):
    assert seen(records.look_at_dkim, case()) == [("relay", Fitness.UNKNOWN)]


def test_published_key_is_the_one_we_sign_with(name_server, case, key):
    name_server.records[KEY_AT] = texts(key.record)

    assert seen(records.look_at_dkim, case(selector="2026a")) == [("ok", OK)]


@pytest.mark.parametrize(
    ("change", "kind", "status"),
    [
        (lambda record: [], "unpublished", FAILING),
        (lambda record: [record, record], "ok", OK),
        (lambda record: [record, record + ";"], "many", FAILING),
        (lambda record: [record.replace("p=MIIB", "p=MIIC")], "other", FAILING),
        (lambda record: ["v=DKIM1; k=rsa; p="], "other", FAILING),
        (lambda record: [record.replace("k=rsa", "t=y:s; k=rsa")], "testing", ADVICE),
        (lambda record: [record.replace("p=", "p = ")], "ok", OK),
    ],
)
def test_published_key(name_server, case, key, change, kind, status):
    name_server.records[KEY_AT] = texts(*change(key.record))

    assert seen(records.look_at_dkim, case(selector="2026a")) == [(kind, status)]


def test_missing_record_can_be_copied_as_a_zone_file_has_it(name_server, case, key):
    (found,) = records.look_at_dkim(case(selector="2026a"), Names())

    _name, _in, kind, value = found.put[0].split(" ", 3)
    strings = dns.rdata.from_text("IN", kind, value).strings
    assert b"".join(strings).decode() == key.record


def test_missing_private_key_is_found(name_server, case, settings, tmp_path):
    settings.DKIM_KEY = f"{tmp_path}/none.pem"

    assert seen(records.look_at_dkim, case(selector="x")) == [("no_key", FAILING)]


@pytest.mark.parametrize(
    ("name", "published", "kind", "status"),
    [
        ("_dmarc.news.test", ["v=DMARC1; p=none"], "ok", OK),
        ("_dmarc.news.test", ["v=DMARC1;p=reject;rua=mailto:a@b.test"], "ok", OK),
        ("_dmarc.news.test", ["v=DMARC1; rua=mailto:a@b.test"], "invalid", FAILING),
        ("_dmarc.news.test", ["v=DMARC1; p=no"], "invalid", FAILING),
        ("_dmarc.news.test", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "many", FAILING),
        ("_dmarc.news.test", ["something"], "none", FAILING),
        ("_dmarc.other.test", ["v=DMARC1; p=none"], "none", FAILING),
    ],
)  # fmt: skip
def test_dmarc(name_server, case, name, published, kind, status):
    name_server.records[name, "TXT"] = texts(*published)

    assert seen(records.look_at_dmarc, case()) == [(kind, status)]


def test_dmarc_of_the_domain_above_holds_for_a_subdomain(name_server, case):
    name_server.records["_dmarc.news.test", "TXT"] = texts("v=DMARC1; p=none")

    sender = case(sender="weekly@mail.news.test")

    assert seen(records.look_at_dmarc, sender) == [("ok", OK)]


@pytest.mark.parametrize(
    ("fields", "kind", "status"),
    [
        ({}, "envelope", OK),
        ({"bounce_address": "b@bounce.news.test"}, "envelope", OK),
        ({"bounce_address": "b@relay.test"}, "foreign_envelope", ADVICE),
        ({"selector": "x", "bounce_address": "b@relay.test"}, "signed", OK),
        (
            {"selector": "x", "signing_domain": "evilnews.test"},
            "foreign_signature",
            FAILING,
        ),
        (
            {"sender": "a@one.news.test", "bounce_address": "b@two.news.test"},
            "envelope",
            OK,
        ),
    ],
)
def test_alignment(name_server, case, fields, kind, status):
    name_server.records["_dmarc.news.test", "TXT"] = texts("v=DMARC1; p=none")

    assert seen(records.look_at_alignment, case(**fields)) == [(kind, status)]


@pytest.mark.parametrize(
    ("published", "kind", "status"),
    [
        ({("news.test", "MX"): ["20 b.test.", "10 a.test."]}, "ok", OK),
        ({("news.test", "MX"): ["0 ."]}, "null", FAILING),
        ({("news.test", "A"): ["192.0.2.1"]}, "address_only", ADVICE),
        ({("news.test", "TXT"): ['"x"']}, "nobody", FAILING),
        ({}, "nobody", FAILING),
    ],
)
def test_mail_to_the_sender(name_server, case, published, kind, status):
    name_server.records = published

    assert seen(records.look_at_mx, case())[0] == (kind, status)


def test_mail_that_bounces_has_a_place_of_its_own(name_server, case):
    name_server.records["bounce.test", "MX"] = ["10 mx.test."]

    there = seen(records.look_at_mx, case(bounce_address="b@bounce.test"))[1]
    nowhere = seen(records.look_at_mx, case())[1]

    assert (there, nowhere) == (("ok", OK), ("none", ADVICE))


def test_server_that_fails_is_no_missing_record(name_server, case):
    name_server.records["news.test", "TXT"] = BROKEN

    with pytest.raises(Unanswered, match=r"news\.test"):
        list(records.look_at_spf(case(), Names()))
