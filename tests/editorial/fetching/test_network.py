"""The real network, with a name server that can be made to fail."""

import asyncio
import socket

import dns.asyncresolver
import dns.resolver
import pytest

from editorial.fetching.network import Internet
from editorial.fetching.outcomes import Unreachable


def answer_look_ups(monkeypatch, answer):
    asked = []

    def getaddrinfo(host, *arguments, **options):
        asked.append(host)
        if isinstance(answer, Exception):
            raise answer
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in answer]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_names_are_asked_with_their_final_dot(monkeypatch):
    asked = answer_look_ups(monkeypatch, ["93.184.215.14", "93.184.215.14", "8.8.8.8"])

    found = asyncio.run(Internet().look_up("a.test"))

    assert asked == ["a.test."]
    assert found == ["93.184.215.14", "8.8.8.8"]


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "dns_no_such_host"),
        (socket.gaierror(socket.EAI_AGAIN, "again"), "dns_trouble"),
        (OSError("no network"), "dns_trouble"),
        (UnicodeError("label too long"), "dns_trouble"),
    ],
)
def test_trouble_with_a_name_says_what_kind(monkeypatch, error, detail):
    answer_look_ups(monkeypatch, error)

    with pytest.raises(Unreachable) as caught:
        asyncio.run(Internet().look_up("a.test"))

    assert caught.value.detail == detail


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        (dns.resolver.NXDOMAIN(), True),
        (dns.resolver.NoAnswer(), False),
        (dns.resolver.LifetimeTimeout(timeout=1, errors=[]), False),
        (dns.resolver.NoNameservers(), False),
        (OSError("no network"), False),
    ],
)
def test_only_nxdomain_of_the_second_resolver_proves(
    monkeypatch, settings, answer, missing
):
    settings.FETCHING_NAME_SERVERS = ["1.1.1.1"]

    async def resolve(self, name, *arguments, **options):
        assert name == "a.test."
        raise answer

    monkeypatch.setattr(dns.asyncresolver.Resolver, "resolve", resolve)

    assert asyncio.run(Internet().is_missing("a.test")) is missing


@pytest.mark.parametrize("servers", [[], ["127.0.0.1", "10.0.0.1", "::1"]])
def test_no_name_server_inside_is_asked(settings, canary, servers):
    settings.FETCHING_NAME_SERVERS = servers

    assert not asyncio.run(Internet().is_missing("a.test"))
    assert canary.hits == 0


def test_a_socket_for_a_public_address_is_made_but_not_connected(canary):
    info = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))

    with Internet().open_socket(info) as made:
        assert made.family == socket.AF_INET

    assert canary.connects == []


def test_certificates_and_names_are_verified():
    context = Internet().tls_context()

    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"
