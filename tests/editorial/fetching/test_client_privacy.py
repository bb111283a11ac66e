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


def test_cookies_and_referrers_do_not_travel(world):
    cookie = {"Set-Cookie": "id=1; Path=/", "Location": "/b"}
    world.add("a.test", {"/": page("", 302, cookie), "/b": page()})

    world.check("http://a.test/")

    assert len(headers_of(world, "a.test")) == 2
    assert not {"cookie", "referer"} & set(headers_of(world, "a.test")[1])


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
