"""RELIABILITY's table of inputs that are refused by their text alone."""

import pytest

from editorial.fetching.client import Policy
from editorial.fetching.guard import parse_target
from editorial.fetching.outcomes import Refusal, Refused

from .variants import INSIDE_HOSTS, generate

MALFORMED = [
    "http:/host.test",
    "http:host.test",
    "//host.test",
    "host.test",
    "",
    " http://host.test",
    "http://host.test ",
    "http://ho\nst.test/",
    "http://host.test/a\r\nb",
    "http://host.test/\x00",
    "http://ho st.test/",
    "http://host%2etest/",
    "http://example.test\\.evil.test/",
    "http://[fe80::1%25lo]/",
    "http://[::1/",
    "http://[vF.1]/",
    "http://a..test/",
    "http://-a.test/",
    "http://a.test:80:80/",
    "http://a.test:8o/",
    "http://a.test:８０/",
    "http:///a.test",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://loc\u212aal.test/",
    "http://ⓔxample.test/",
    "http://a\u00adb.test/",
    "http://a.test/\ud800",
    f"http://{'a' * 64}.test/",
    f"http://a.test/{'a' * 9000}",
]
SCHEMES = [
    "file:///etc/passwd",
    "ftp://a.test/",
    "gopher://a.test/",
    "data:text/html,hello",
    "javascript:alert(1)",
    "mailto:a@a.test",
]


def refusal(url: str, **options: object) -> Refusal:
    with pytest.raises(Refused) as caught:
        parse_target(url, **options)
    assert str(caught.value.message)
    return caught.value.reason_code


def is_refused(url: str) -> bool:
    try:
        parse_target(url)
    except Refused:
        return True
    return False


@pytest.mark.parametrize("host", INSIDE_HOSTS)
def test_hosts_inside_are_refused(host):
    assert refusal(f"http://{host}/latest/meta-data") is Refusal.INSIDE


@pytest.mark.parametrize("url", MALFORMED)
def test_malformed_urls_are_refused(url):
    assert refusal(url) is Refusal.MALFORMED


@pytest.mark.parametrize("url", SCHEMES)
def test_only_web_schemes_pass(url):
    assert refusal(url) is Refusal.SCHEME


@pytest.mark.parametrize("user", ["user:pw", "user", "127.0.0.1\\", ""])
def test_urls_with_a_user_are_refused(user):
    assert refusal(f"https://{user}@public.test/") is Refusal.CREDENTIALS


@pytest.mark.parametrize("port", [22, 25, 6379, 0, 99999, 8080])
def test_unusual_ports_are_refused(port):
    assert refusal(f"http://public.test:{port}/") is Refusal.PORT


def test_settings_may_allow_a_port():
    assert parse_target("http://public.test:8080/", extra_ports={8080}).port == 8080


@pytest.mark.parametrize(
    "own", ["our-letter.test", "Our-Letter.test.", "bücher.test", "testserver"]
)
def test_own_site_is_not_visited(own):
    policy = Policy(own_hosts=frozenset({own}))

    refused = refusal(f"https://{own}/issues/3/", own_hosts=policy.own_hosts)

    assert refused is Refusal.OWN_SITE


def test_no_generated_spelling_gets_inside():
    got_in = [url for url in generate(seed=3, count=9_600) if not is_refused(url)]

    assert got_in == []


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://a.test", "http://a.test/"),
        ("HTTPS://A.Test.:443/x?y#z", "https://a.test/x?y"),
        ("http://a.test?q=1", "http://a.test/?q=1"),
        ("http://a.test:/", "http://a.test/"),
        ("http://a.test/%7Euser/a%20b", "http://a.test/%7Euser/a%20b"),
        (
            "http://a.test/周刊?q=“x”",
            "http://a.test/%E5%91%A8%E5%88%8A?q=%E2%80%9Cx%E2%80%9D",
        ),
        ("http://a.test/a b\\c", "http://a.test/a%20b%5Cc"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://例子.中国/", "http://xn--fsqu00a.xn--fiqs8s/"),
        ("http://under_score.test/", "http://under_score.test/"),
        ("http://1a.test/", "http://1a.test/"),
        ("http://93.184.215.14/", "http://93.184.215.14/"),
        ("http://[2606:2800:0::1]:80/", "http://[2606:2800::1]/"),
        (
            "http://a.test/?u=http://user@127.0.0.1:22/",
            "http://a.test/?u=http://user@127.0.0.1:22/",
        ),
    ],
)
def test_public_urls_pass_as_ascii(url, asked):
    assert parse_target(url).request_url == asked


def test_fragment_is_kept_but_not_asked():
    target = parse_target("http://a.test/x#第一节")

    assert target.request_url == "http://a.test/x"
    assert target.url == "http://a.test/x#%E7%AC%AC%E4%B8%80%E8%8A%82"


def test_bytes_of_a_header_that_are_no_utf8_go_out_as_they_came():
    location = b"http://a.test/\xff".decode("utf-8", "surrogateescape")

    assert parse_target(location).request_url == "http://a.test/%FF"
