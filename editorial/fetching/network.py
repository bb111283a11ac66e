"""Look-ups and sockets: the only place where a packet can leave.

`Internet` is the real thing; `seam.Seam` stands in for it in tests. Both hold the
last line of the guard: a socket to an address that was not checked is never made,
whatever way the HTTP library took to ask for it.
"""

from __future__ import annotations

import asyncio
import asyncio.sslproto
import os
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings

from .guard import is_public
from .outcomes import Unreachable

if TYPE_CHECKING:
    import dns.nameserver

# (family, type, protocol, canonical name, socket address), as getaddrinfo gives it
AddressInfo = tuple[Any, ...]

# Every TLS connection keeps two buffers of this size; asyncio's own 256 KiB would make
# 100 MB of 200 connections. Half of the longest record: most pages take two reads.
asyncio.sslproto.SSLProtocol.max_size = 8 * 1024

LOOK_UP_THREADS = 32
NAME_SERVER_SECONDS = 3.0
NEXT_ADDRESS_SECONDS = 0.25  # between a name's addresses; RFC 8305, section 5
# Not every C library knows the second one.
_NO_SUCH_HOST = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class NotDialled(OSError):
    """The address of a wanted connection is not one that may be dialled."""


class Network(Protocol):
    """What the client needs of the world below HTTP."""

    async def look_up(self, host: str) -> Sequence[str]:
        """All addresses of the name, or `Unreachable`. The caller checks them."""

    async def is_missing(self, host: str) -> bool:
        """Whether a second resolver, run by others, knows for sure of no such name."""

    def dial(self, host: str, address: str, port: int) -> tuple[str, int]:
        """Where to connect for a checked address of the host."""

    def open_socket(self, info: AddressInfo) -> socket.socket:
        """A socket to be connected to the address in `info`, or `NotDialled`."""

    def tls_context(self) -> ssl.SSLContext:
        """Verifies certificates and host names."""


class Internet:
    """The system's resolver, sockets and certificate store."""

    async def look_up(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                _threads(os.getpid()), _get_addresses, host
            )
        except socket.gaierror as error:
            unknown = error.errno in _NO_SUCH_HOST
            raise Unreachable(
                "dns_no_such_host" if unknown else "dns_trouble"
            ) from error
        except (OSError, UnicodeError) as error:
            raise Unreachable("dns_trouble") from error
        return found

    async def is_missing(self, host: str) -> bool:
        servers = [ip for ip in settings.FETCHING_NAME_SERVERS if is_public(ip)]
        return await know_no_such_host(host, servers) if servers else False

    def dial(self, host: str, address: str, port: int) -> tuple[str, int]:
        return address, port

    def open_socket(self, info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if not is_public(address[0]):
            raise NotDialled("not a public address")
        return socket.socket(family, kind, protocol)

    def tls_context(self) -> ssl.SSLContext:
        return make_tls_context()


async def know_no_such_host(
    host: str, servers: Sequence[str | dns.nameserver.Nameserver]
) -> bool:
    """Whether these name servers say NXDOMAIN. One that fails or is silent says nothing:
    the next is asked.
    """
    import dns.asyncresolver  # here: few runs ever ask, and it takes 2 MB
    import dns.exception

    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.lifetime = list(servers), NAME_SERVER_SECONDS
    try:
        await resolver.resolve(f"{host}.", "A", search=False)
    except dns.resolver.NXDOMAIN:
        return True
    except (dns.exception.DNSException, OSError):
        return False
    return False


@cache
def make_tls_context(extra_ca: tuple[str, ...] = ()) -> ssl.SSLContext:
    """One context for all connections, so that TLS sessions can be resumed.

    `extra_ca` are files with the certificate authorities of tests.
    """
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    for path in extra_ca:
        context.load_verify_locations(path)
    return context


@cache
def _threads(process: int) -> ThreadPoolExecutor:
    """Threads of their own: a name server that never answers must not use up the
    few that asyncio shares with everybody. A fork has none of its parent's."""
    return ThreadPoolExecutor(LOOK_UP_THREADS, thread_name_prefix="look-up")


def _get_addresses(host: str) -> list[str]:
    """The final dot keeps the resolver from trying names of the local domain."""
    found = socket.getaddrinfo(
        f"{host}.", None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return list(dict.fromkeys(str(info[4][0]) for info in found))
