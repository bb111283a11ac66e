"""One proxy that an admin may name for every request to others, under the same guard.

Names are looked up and addresses checked here, as without it. The proxy is asked to
CONNECT to the checked address, never to a name it would look up once more; TLS is
spoken with the site itself inside that tunnel, and plain http goes through one too, so
that nothing between rewrites what is asked. The proxy's own address may be inside: it
was named by who runs this machine. Environment variables for proxies are not read.
"""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from aiohappyeyeballs import start_connection
from django.conf import settings

from .guard import is_public
from .network import NEXT_ADDRESS_SECONDS, AddressInfo, Network, NotDialled
from .outcomes import NOT_LET_OUT

MAX_HEAD = 8 * 1024  # bytes of a proxy's answer
_LET_THROUGH = re.compile(rb"HTTP/1\.[01] 2\d\d[ \r]")


class ProxyFailed(OSError):
    """No way out: the proxy was not there, refused, or said nothing that makes sense."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the way out is, and who we are there (a Basic credential, or "")."""

    host: str
    port: int
    credential: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """http://[user:password@]host:port, or ValueError that repeats no password."""
        if re.search(r"[\x00-\x20\x7f]", text):
            raise ValueError("it has a blank or a control character in it")
        parts = urlsplit(text)
        if parts.scheme != "http":
            raise ValueError("it does not begin with http://")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("something follows the port")
        if not parts.hostname or not parts.port:  # a port past 65535 raises by itself
            raise ValueError("it lacks a host or a port")
        return cls(parts.hostname, parts.port, _credential(parts.netloc))

    @classmethod
    def from_settings(cls) -> Self | None:
        return cls.parse(settings.EGRESS_PROXY) if settings.EGRESS_PROXY else None


def _credential(netloc: str) -> str:
    who, at, _ = netloc.rpartition("@")
    return base64.b64encode(unquote(who).encode()).decode("ascii") if at else ""


class ProxiedNetwork:
    """A `Network` whose checked addresses are handed to a proxy instead of dialled."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def look_up(self, host: str) -> Sequence[str]:
        return await self._network.look_up(host)

    async def is_missing(self, host: str) -> bool:
        return await self._network.is_missing(host)

    def dial(self, host: str, address: str, port: int) -> tuple[str, int]:
        return address, port

    def open_socket(self, info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if not is_public(address[0]):
            raise NotDialled("not a public address")
        return socket.socket(family, kind, protocol)

    def tls_context(self) -> ssl.SSLContext:
        return self._network.tls_context()


class Tunnels:
    """Connections through the proxy, which is given up on after `seconds`."""

    def __init__(self, proxy: Proxy, network: Network, *, seconds: float) -> None:
        self._proxy = proxy
        self._network = network
        self._seconds = seconds

    async def open(self, places: Sequence[AddressInfo]) -> socket.socket:
        """A connection to the first of these places that the proxy leads to.

        Raises `NotDialled` for one that may not be dialled, and `ProxyFailed`.
        """
        try:
            async with asyncio.timeout(self._seconds):
                for place in places[:-1]:
                    with suppress(ProxyFailed):
                        return await self._open_tunnel(place)
                return await self._open_tunnel(places[-1])
        except TimeoutError as error:
            raise ProxyFailed(NOT_LET_OUT) from error

    async def _open_tunnel(self, place: AddressInfo) -> socket.socket:
        self._network.open_socket(place).close()  # the guard's last word
        question = self._question(*place[4][:2])
        tunnel: socket.socket | None = None
        try:
            tunnel = await self._call_proxy()
            await asyncio.get_running_loop().sock_sendall(tunnel, question)
            await _require_yes(tunnel)
        except BaseException as error:
            if tunnel is not None:
                tunnel.close()
            if isinstance(error, OSError):
                raise ProxyFailed(NOT_LET_OUT) from error
            raise
        return tunnel

    async def _call_proxy(self) -> socket.socket:
        """A connection to the first of the proxy's addresses that takes one."""
        found = await asyncio.get_running_loop().getaddrinfo(
            self._proxy.host, self._proxy.port, type=socket.SOCK_STREAM
        )
        return await start_connection(found, happy_eyeballs_delay=NEXT_ADDRESS_SECONDS)

    def _question(self, address: str, port: int) -> bytes:
        place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
        if self._proxy.credential:
            lines.append(f"Proxy-Authorization: Basic {self._proxy.credential}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")


async def _require_yes(tunnel: socket.socket) -> None:
    """Read the proxy's answer and no byte more: what follows is the site's."""
    loop, head = asyncio.get_running_loop(), b""
    while not head.endswith(b"\r\n\r\n"):
        byte = await loop.sock_recv(tunnel, 1)
        head += byte
        if not byte or len(head) > MAX_HEAD:
            raise ProxyFailed("the proxy's answer has no end")
    if not _LET_THROUGH.match(head):
        raise ProxyFailed("the proxy refused")


def through(network: Network, proxy: Proxy | None) -> Network:
    """The network as it is used with this proxy, or with none."""
    return network if proxy is None else ProxiedNetwork(network)
