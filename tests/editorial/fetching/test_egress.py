"""One proxy for everything that leaves: under the same guard, to the same verdicts."""

import socket
import ssl

import pytest
import trustme

from editorial.fetching.client import Limits, Policy
from editorial.fetching.egress import Proxy
from editorial.fetching.verdicts import Reason, Verdict

from .connect_proxy import REFUSALS, ConnectProxy
from .test_doors import DOORS
from .variants import INSIDE_HOSTS, generate
from .world import OWN_HOST, moved, page

FIRST, SECOND, THIRD = "93.184.215.14", "93.184.215.15", "2a00:1450::15"


@pytest.fixture
def proxy(world):
    return ConnectProxy(world)


def policy(proxy):
    return Policy(own_hosts=frozenset({OWN_HOST}), proxy=proxy.way_out)


@pytest.fixture
def wide_world(world, tmp_path):
    """Hosts of every kind, each at an address of its own; returns links to them."""
    authority, stranger = trustme.CA(), trustme.CA()
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    answers = {"/": page(), "/old": moved("http://moved.test/", 301)}
    world.add("plain.test", answers, addresses=[FIRST])
    world.add("moved.test", addresses=[SECOND])
    world.add("wall.test", page("no", 403), addresses=["93.184.215.16"])
    world.add("six.test", addresses=[THIRD])
    world.add(
        "safe.test", addresses=["93.184.215.17"], tls=serving(authority, "safe.test")
    )
    world.add(
        "fake.test", addresses=["93.184.215.18"], tls=serving(stranger, "fake.test")
    )
    world.add(
        "wrong.test", addresses=["93.184.215.19"], tls=serving(authority, "x.test")
    )
    world.add("rogue.test", addresses=["10.0.0.1"])
    world.add("door.test", moved("http://127.0.0.1/"), addresses=["93.184.215.20"])
    world.hosts["safe.test"]["tls_ca"] = str(ca)
    world.missing.add("gone.test")
    paths = ["plain.test/", "plain.test/old", "plain.test/nowhere", "six.test/"]
    names = [
        "wall.test",
        "moved.test",
        "rogue.test",
        "door.test",
        "gone.test",
        OWN_HOST,
    ]
    secure = ["safe.test", "fake.test", "wrong.test"]
    links = [*paths, *(f"{name}/" for name in names)]
    return [f"http://{link}" for link in links] + [
        f"https://{name}/" for name in secure
    ]


def serving(authority, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def said(judgements):
    return {
        url: (found.verdict, found.reason, found.status, found.moved_to, found.detail)
        for url, found in judgements.items()
    }


def test_verdicts_are_those_without_a_proxy(world, wide_world, proxy):
    direct = world.check_all(wide_world)

    proxied = world.check_all(wide_world, policy=policy(proxy))

    assert len(proxied) == len(wide_world)
    assert said(proxied) == said(direct)
    assert len({found.reason for found in direct.values()}) > 7


def test_the_proxy_is_asked_for_checked_addresses_and_never_for_a_name(
    world, wide_world, proxy, canary
):
    world.check_all(wide_world, policy=policy(proxy))

    public = {ip for host in world.hosts.values() for ip in host["addresses"]}
    public -= {"10.0.0.1"}
    places = {f"{ip}:{port}" for ip in public for port in (80, 443)}
    assert proxy.asked
    assert set(proxy.asked) <= places | {f"[{THIRD}]:80"}
    assert set(canary.connects) <= {proxy.listener} | world.listeners


def test_plain_http_goes_through_a_tunnel_with_its_own_host_and_path(world, proxy):
    world.add("plain.test", addresses=[FIRST])

    world.check("http://plain.test/a?b=1", policy=policy(proxy))

    [(_, path, headers)] = world.requests
    assert proxy.asked == [f"{FIRST}:80"]
    assert (path, headers["host"]) == ("/a?b=1", "plain.test")
    assert not [name for name in headers if "proxy" in name]


def test_tls_names_the_site_inside_the_tunnel(world, proxy, tmp_path):
    authority, names = trustme.CA(), []
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = serving(authority, "safe.test")
    tls.sni_callback = lambda _socket, name, _context: names.append(name)
    world.add("safe.test", addresses=[FIRST], tls=tls, tls_ca=str(tmp_path / "ca.pem"))

    found = world.check("https://safe.test/", policy=policy(proxy))

    assert found.verdict is Verdict.OK
    assert (proxy.asked, names) == ([f"{FIRST}:443"], ["safe.test"])


def test_the_proxy_learns_who_asks(world, proxy):
    world.add("plain.test", addresses=[FIRST])

    world.check("http://plain.test/", policy=policy(proxy))

    assert "Proxy-Authorization: Basic ZGVzazpwQHNz\r\n" in proxy.heads[0]


def test_a_tunnel_is_used_again(world, proxy):
    world.add("plain.test", {"/1": page(), "/2": moved("/1")}, addresses=[FIRST])

    world.check("http://plain.test/2", policy=policy(proxy))

    assert world.asked("plain.test") == ["/2", "/1"]
    assert proxy.asked == [f"{FIRST}:80"]


def test_the_next_address_is_asked_for_where_the_proxy_finds_no_way(world, proxy):
    world.add("alive.test", addresses=[SECOND])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()
    world.hosts["double.test"] = {"addresses": [FIRST, SECOND], "dial": closed}

    found = world.check("http://double.test/", policy=policy(proxy))

    assert found.verdict is Verdict.OK
    assert proxy.asked == [f"{FIRST}:80", f"{SECOND}:80"]


@pytest.mark.parametrize("kind", REFUSALS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_breaks_no_link(world, kind, scheme):
    world.add("plain.test", addresses=[FIRST])
    proxy = ConnectProxy(world, answer=REFUSALS[kind])

    found = world.check(f"{scheme}://plain.test/", policy=policy(proxy))

    assert (found.verdict, found.reason) == (
        Verdict.UNSURE,
        Reason.UNREACHABLE_FROM_HERE,
    )
    assert (found.detail, found.answered) == ("proxy", False)
    assert world.requests == []


def test_a_proxy_that_never_answers_breaks_no_link(world):
    world.add("plain.test", addresses=[FIRST])
    proxy = ConnectProxy(world, silent=True)

    found = world.check(
        "http://plain.test/", policy=policy(proxy), limits=Limits(seconds=0.4)
    )

    assert (found.verdict, found.detail) == (Verdict.UNSURE, "proxy")


@pytest.mark.parametrize("where", ["127.0.0.1:9", "[::1]:9", "nowhere.invalid:3128"])
def test_a_proxy_that_is_not_there_breaks_no_link(world, where):
    world.add("plain.test", addresses=[FIRST])
    nobody = Policy(proxy=Proxy.parse(f"http://{where}"))

    found = world.check("http://plain.test/", policy=nobody)

    assert (found.verdict, found.detail) == (Verdict.UNSURE, "proxy")


@pytest.mark.parametrize("door", DOORS)
def test_no_door_asks_the_proxy_for_an_address_inside(world, proxy, canary, door):
    options = {"network": world.network, "policy": policy(proxy)}
    urls = [f"http://{host}/" for host in INSIDE_HOSTS]

    verdicts = {DOORS[door](url, **options) for url in [*urls, *generate(5, 100)]}

    assert Verdict.OK not in verdicts
    assert (proxy.asked, canary.hits) == ([], 0)


def test_variables_for_proxies_are_not_read(world, proxy, monkeypatch):
    world.add("plain.test", addresses=[FIRST])
    for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://{}:{}".format(*proxy.listener))

    found = world.check("http://plain.test/")

    assert (found.verdict, proxy.asked) == (Verdict.OK, [])


def test_the_setting_names_the_proxy_of_every_visit(settings):
    settings.EGRESS_PROXY = "http://desk:p%40ss@10.0.0.7:3128"

    assert Policy.from_settings().proxy == Proxy("10.0.0.7", 3128, "ZGVzazpwQHNz")
    assert "ZGVz" not in repr(Policy.from_settings())
