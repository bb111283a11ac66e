"""Own tables decide which addresses are public; `ipaddress` alone is not trusted."""

import ipaddress

import pytest

from editorial.fetching.guard import is_public

from .variants import INSIDE_IPV4, INSIDE_IPV6, words

PRIVATE = words("""
    192.0.2.1 198.51.100.1 203.0.113.1 192.88.99.1
    ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::7f00:1
    2002:7f00:1:: 2001:0:4136:e378:8000:63bf:80ff:fffe 2a00:1450::5efe:7f00:1
    2a00:1450::200:5efe:7f00:1 fe80::5efe:a00:1 2001:2::1 2001:10::1 5f00::1 fe80::1%eth0
""")
# Public addresses inside: still no address that a public name needs.
WRAPPED = words("""
    ::93.184.215.14 ::ffff:93.184.215.14 ::ffff:0:93.184.215.14 64:ff9b::5db8:d70e
    2002:5db8:d70e:: 2001:0:5db8:d70e::1 2a00:1450::5efe:5db8:d70e
""")
PUBLIC = words("""
    93.184.215.14 8.8.8.8 1.1.1.1 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1
    192.0.1.1 198.17.255.255 198.20.0.1 223.255.255.255 11.0.0.1 126.255.255.255
    2606:2800:21f:cb07:6820:80da:af6b:8b2c 2001:4860:4860::8888 2a00:1450:4001::200e
""")
NO_ADDRESS = [
    "",
    "127.1",
    "0x7f.1",
    "127.000.000.001",
    "localhost",
    "１.1.1.1",
    "1.1.1.1 ",
]


@pytest.mark.parametrize("address", [*PRIVATE, *INSIDE_IPV4, *INSIDE_IPV6])
def test_private_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", WRAPPED)
def test_addresses_that_wrap_another_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_web_sites_may_live_at_public_addresses(address):
    assert is_public(address)


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_is_no_address_is_not_public(text):
    assert not is_public(text)


@pytest.mark.parametrize("address", ["127.0.0.1", "93.184.215.14", "::1"])
def test_parsed_addresses_are_judged_like_their_text(address):
    assert is_public(ipaddress.ip_address(address)) == is_public(address)
