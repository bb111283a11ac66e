import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trustme
from django.core.mail.utils import DNS_NAME

from newsletter.doctor import hosts
from newsletter.doctor.names import Names
from newsletter.states import Fitness
from scripts import processes
from tests.mailserver import MailServer

OK, FAILING = Fitness.OK, Fitness.FAILING
AUTHORITY = trustme.CA()


@pytest.fixture(autouse=True)
def _trusted(monkeypatch, tmp_path):
    """Certificates of AUTHORITY hold, as a public one's do elsewhere."""
    AUTHORITY.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


def certificate(name: str = "localhost", authority: trustme.CA = AUTHORITY):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@contextmanager
def website(status: int = 200, context=None, **headers: str) -> Iterator[tuple]:
    """A https server that says the same to everybody; its address, and what it heard."""
    heard = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_OPTIONS(self):
            heard.append((self.command, self.path))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        do_GET = do_POST = do_OPTIONS

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        context = context or certificate()
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://localhost:{server.server_port}", heard
        server.shutdown()


def one_click(case, address: str) -> tuple[str, str]:
    (found,) = hosts.look_at_one_click(case(public_url=address), Names())
    return found.kind, found.status


def relay(case, server: MailServer, host: str = "localhost") -> tuple[str, str]:
    asked = case(relay=host, relay_port=server.address[1])
    (found,) = hosts.look_at_relay(asked, Names())
    return found.kind, found.status


def test_one_click_address_that_lets_one_post_is_in_order(case):
    with website(Allow="GET, HEAD, POST") as (address, heard):
        assert one_click(case, address) == ("ok", OK)

    assert heard == [("OPTIONS", f"/u/{'0' * 43}/")]  # which changes nothing


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (301, {"Location": "https://www.weekly.test/"}, "redirect"),
        (200, {}, "answer"),
        (404, {"Allow": "GET"}, "answer"),
        (502, {}, "answer"),
    ],
)
def test_one_click_address_behind_something_else(case, status, headers, kind):
    with website(status, **headers) as (address, _heard):
        assert one_click(case, address) == (kind, FAILING)


def test_one_click_address_without_https_is_not_even_asked(case):
    assert one_click(case, "http://weekly.test") == ("plain", FAILING)


def test_one_click_address_with_a_foreign_certificate(case):
    with website(context=certificate(authority=trustme.CA())) as (address, _heard):
        assert one_click(case, address) == ("certificate", FAILING)


def test_one_click_address_where_nobody_is(case):
    address = f"https://localhost:{processes.free_port()}"

    assert one_click(case, address) == ("unreachable", FAILING)


def test_relay_over_tls_with_its_certificate(case, settings):
    settings.EMAIL_USE_TLS = True
    with MailServer() as server:
        server.tls = certificate()

        assert relay(case, server) == ("tls", OK)

    assert not server.received


@pytest.mark.parametrize("name", ["other.test", "127.0.0.1"])
def test_relay_with_the_certificate_of_another(case, settings, name):
    settings.EMAIL_USE_TLS = True
    with MailServer() as server:
        server.tls = certificate(name)

        assert relay(case, server) == ("certificate", FAILING)


def test_relay_that_offers_no_tls_where_it_was_asked_for(case, settings):
    settings.EMAIL_USE_TLS = True
    with MailServer() as server:
        assert relay(case, server) == ("no_starttls", FAILING)


def test_relay_on_this_machine_needs_no_tls(case):
    with MailServer() as server:
        assert relay(case, server) == ("here", OK)


def test_relay_elsewhere_in_clear_text(case):
    elsewhere = "127.1"  # leads here all the same, which the doctor does not see
    with MailServer() as server:
        plain = relay(case, server, elsewhere)
        server.tls = certificate()
        offered = relay(case, server, elsewhere)

    assert (plain, offered) == (("plain", FAILING), ("plain_offered", FAILING))


def test_relay_that_refuses_our_password(case, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "we", "wrong"
    with MailServer() as server:
        server.script = lambda step, _a: "535 5.7.8 no" if step == "login" else None

        assert relay(case, server) == ("login", FAILING)


def test_relay_that_is_not_there(case):
    asked = case(relay="localhost", relay_port=processes.free_port())

    (found,) = hosts.look_at_relay(asked, Names())

    assert (found.kind, found.status) == ("unreachable", FAILING)


@pytest.mark.parametrize(
    ("records", "kind"),
    [
        ({("mx.us.test", "A"): ["192.0.2.7"], ("7.2.0.192.in-addr.arpa", "PTR"): ["mx.us.test."]}, "ok"),
        ({("mx.us.test", "A"): ["192.0.2.7"], ("7.2.0.192.in-addr.arpa", "PTR"): ["a.b.test."]}, "reverse"),
        ({("mx.us.test", "A"): ["192.0.2.7"]}, "reverse"),
        ({("mx.us.test", "A"): ["127.0.0.1"]}, "nameless"),
        ({}, "nameless"),
    ],
)  # fmt: skip
def test_name_of_a_machine_that_delivers_itself(
    name_server, case, monkeypatch, records, kind
):
    monkeypatch.setattr(DNS_NAME, "_fqdn", "mx.us.test", raising=False)
    name_server.records = records

    (found,) = hosts.look_at_host(case(relay="localhost"), Names())

    assert found.kind == kind


def test_name_of_a_relay_is_its_operators_matter(name_server, case):
    (found,) = hosts.look_at_host(case(), Names())

    assert (found.kind, found.status) == ("relay", OK)
    assert name_server.asked == []
