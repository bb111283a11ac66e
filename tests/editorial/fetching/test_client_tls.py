"""Certificates are verified with the authorities that are trusted, never bypassed."""

import ssl
from datetime import UTC, datetime

import pytest
import trustme

from editorial.fetching.verdicts import Reason, Verdict

from .world import moved


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def authority_file(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def test_a_trusted_certificate_is_accepted(world, authority, authority_file):
    tls = serving(authority.issue_cert("safe.test"))
    world.add("safe.test", tls=tls, tls_ca=authority_file)

    assert world.check("https://safe.test/").verdict is Verdict.OK


def test_name_and_host_header_are_those_of_the_url(world, authority, authority_file):
    tls = serving(authority.issue_cert("safe.test"))
    names = []
    tls.sni_callback = lambda _socket, name, _context: names.append(name)
    world.add("safe.test", tls=tls, tls_ca=authority_file)

    world.check("https://safe.test/")

    assert names == ["safe.test"]
    assert world.requests[0][2]["host"] == "safe.test"


def test_an_expired_certificate_is_broken(world, authority, authority_file):
    old = authority.issue_cert("old.test", not_after=datetime(2020, 1, 1, tzinfo=UTC))
    world.add("old.test", tls=serving(old), tls_ca=authority_file)

    result = world.check("https://old.test/")

    assert (result.verdict, result.reason) == (Verdict.BROKEN, Reason.TLS)
    assert result.detail == "expired"


def test_a_certificate_for_another_host_is_broken(world, authority, authority_file):
    tls = serving(authority.issue_cert("other.test"))
    world.add("wrong.test", tls=tls, tls_ca=authority_file)

    result = world.check("https://wrong.test/")

    assert (result.reason, result.detail) == (Reason.TLS, "wrong_host")


def test_an_unknown_authority_is_broken(world):
    world.add("self.test", tls=serving(trustme.CA().issue_cert("self.test")))

    result = world.check("https://self.test/")

    assert (result.verdict, result.reason) == (Verdict.BROKEN, Reason.TLS)
    assert world.requests == []


def test_a_self_signed_certificate_is_broken(world, tmp_path):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own = trustme.CA()  # an authority's certificate is signed by itself
    pair = tmp_path / "pair.pem"
    own.cert_pem.write_to_path(pair)
    own.private_key_pem.write_to_path(pair, append=True)
    tls.load_cert_chain(pair)
    world.add("self.test", tls=tls)

    result = world.check("https://self.test/")

    assert (result.reason, result.detail) == (Reason.TLS, "self_signed")


def test_plain_http_on_a_tls_port_is_no_handshake(world):
    async def greet(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    world.add_raw("plain.test", greet)

    result = world.check("https://plain.test/")

    assert (result.reason, result.detail) == (Reason.TLS, "handshake")


def test_a_way_down_to_http_is_followed_and_flagged(world, authority, authority_file):
    tls = serving(authority.issue_cert("safe.test"))
    world.add("safe.test", moved("http://plain.test/"), tls=tls, tls_ca=authority_file)
    world.add("plain.test")

    result = world.check("https://safe.test/")

    assert (result.verdict, result.insecure) == (Verdict.OK, True)


def test_a_way_up_to_https_is_not_flagged(world, authority, authority_file):
    tls = serving(authority.issue_cert("safe.test"))
    world.add("safe.test", tls=tls, tls_ca=authority_file)
    world.add("plain.test", moved("https://safe.test/", 301))

    result = world.check("http://plain.test/")

    assert (result.insecure, result.moved_to) == (False, "https://safe.test/")
