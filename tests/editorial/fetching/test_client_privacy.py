"""What a request carries, and what it does not."""

import netrc

import pytest

from editorial.fetching.client import Policy
from editorial.fetching.verdicts import Verdict

from .world import moved, page


def headers_of(world, host):
    return [headers for name, _, headers in world.requests if name == host]


def test_a_request_names_us_and_asks_for_no_compression(world):
    world.add("a.test")

    world.check(
        "http://a.test/", policy=Policy(user_agent="Masthead (+https://x.test)")
    )

    assert headers_of(world, "a.test") == [
        {
            "host": "a.test",
            "user-agent": "Masthead (+https://x.test)",
            "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "accept-encoding": "identity",
        }
    ]


def setting_cookies(location, *cookies):
    fields = "\r\n".join(f"Set-Cookie: {cookie}" for cookie in cookies)
    return page("", 302, {"Location": f"{location}\r\n{fields}"})


def test_referrers_do_not_travel(world):
    world.add("a.test", {"/": moved("/b"), "/b": page()})

    world.check("http://a.test/")

    assert len(headers_of(world, "a.test")) == 2
    assert "referer" not in headers_of(world, "a.test")[1]


def test_a_redirects_cookies_come_back_within_its_chain(world):
    redirect = setting_cookies("/b", "id=1; Path=/", "lang=zh")
    world.add("a.test", {"/": redirect, "/b": page()})

    world.check("http://a.test/")

    assert "cookie" not in headers_of(world, "a.test")[0]
    assert headers_of(world, "a.test")[1]["cookie"] == "id=1; lang=zh"


def test_a_page_that_waits_for_its_cookie_is_alive(world):
    async def ask_back(path, writer):
        known = "cookie" in world.requests[-1][2]
        writer.write(page() if known else setting_cookies(path, "seen=1"))

    world.add("a.test", ask_back)

    assert world.check("http://a.test/").verdict is Verdict.OK


def test_cookies_reach_no_other_host_and_no_other_link(world):
    world.add("a.test", {"/": setting_cookies("http://b.test/", "id=1"), "/c": page()})
    world.add("b.test")

    world.check_all(["http://a.test/", "http://a.test/c"])

    assert not [fields for _, _, fields in world.requests if "cookie" in fields]


@pytest.mark.parametrize(
    ("cookie", "sent"), [("id=1", [None]), ("id=1; Domain=a.test", ["id=1"])]
)
def test_a_hosts_cookie_reaches_hosts_below_it_only_where_it_says_so(
    world, cookie, sent
):
    world.add("a.test", setting_cookies("http://www.a.test/", cookie))
    world.add("www.a.test")

    world.check("http://a.test/")

    assert [seen.get("cookie") for seen in headers_of(world, "www.a.test")] == sent


@pytest.mark.filterwarnings("error:http.cookiejar")
@pytest.mark.parametrize(
    "odd",
    [
        "odd=\x01",
        "odd=1; Max-Age",
        f"odd=1; Max-Age={'9' * 400}",
        "odd=1; Path=/\xff",
        "odd=1; Version=none",
    ],
)
def test_an_odd_cookie_costs_no_other(world, odd):
    world.add("a.test", {"/": setting_cookies("/b", "id=1", odd), "/b": page()})

    world.check("http://a.test/")

    assert "id=1" in headers_of(world, "a.test")[1]["cookie"]


@pytest.mark.parametrize("raw", ["周刊".encode(), b"\xd6\xdc\xbf\xaf"])
def test_a_cookie_comes_back_in_the_bytes_it_came_in(world, raw):
    cookie = f"name={raw.decode('latin-1')}"
    world.add("a.test", {"/": setting_cookies("/b", cookie), "/b": page()})

    world.check("http://a.test/")

    assert headers_of(world, "a.test")[1]["cookie"] == cookie


def test_more_cookies_than_anybody_needs_are_left_behind(world):
    big = [f"c{n}={'x' * 1000}; Path=/" for n in range(5)]
    world.add("a.test", {"/": setting_cookies("/b", *big), "/b": page()})

    assert world.check("http://a.test/").verdict is Verdict.OK
    assert "cookie" not in headers_of(world, "a.test")[1]


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_proxies_of_the_environment_are_ignored(world, monkeypatch, canary, name):
    world.add("a.test")
    _, port = world.add("proxy.test")
    monkeypatch.setenv(name, f"http://127.0.0.1:{port}")

    assert world.check("http://a.test/").verdict is Verdict.OK
    assert canary.connects == [world.hosts["a.test"]["dial"]]


def test_passwords_of_a_netrc_stay_home(world, monkeypatch, tmp_path):
    file = tmp_path / "netrc"
    file.write_text("machine a.test login me password secret\n")
    monkeypatch.setenv("NETRC", str(file))
    assert netrc.netrc(file).authenticators("a.test")  # it could leak
    world.add("a.test")

    world.check("http://a.test/")

    assert "authorization" not in headers_of(world, "a.test")[0]


def test_an_unusual_port_stays_in_the_host_header(world):
    world.add("a.test")

    world.check("http://a.test:8080/", policy=Policy(extra_ports=frozenset({8080})))

    assert headers_of(world, "a.test")[0]["host"] == "a.test:8080"


def test_a_drained_connection_is_used_again(world):
    world.add("a.test", {"/": moved("/b"), "/b": moved("/c"), "/c": page()})

    world.check("http://a.test/")

    assert world.connections == 1


def test_settings_name_own_host_and_ports(settings):
    settings.PUBLIC_URL = "https://Our-Letter.test"
    settings.FETCHING_EXTRA_PORTS = [8443]

    policy = Policy.from_settings()

    assert policy.own_hosts == {"our-letter.test"}
    assert policy.extra_ports == {8443}
    assert "https://Our-Letter.test" in policy.user_agent
