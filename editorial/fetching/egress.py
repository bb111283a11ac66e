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
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest
from django.conf import settings

from .guard import is_public
from .network import AddressInfo, Network, NotDialled
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


class TunnelConnector(aiohttp.TCPConnector):
    """Connects through the proxy, and gives up on it after `seconds`.

    aiohttp's own way through a proxy hands it the name, and plain http unwrapped.
    """

    def __init__(
        self, *, proxy: Proxy, network: Network, seconds: float, **options: Any
    ) -> None:
        super().__init__(**options)
        self._proxy = proxy
        self._network = network
        self._seconds = seconds

    async def _wrap_create_connection(  # the step between an address and a connection
        self,
        *args: Any,
        addr_infos: list[Any],
        req: ClientRequest,
        timeout: aiohttp.ClientTimeout,
        client_error: type[Exception] = aiohttp.ClientConnectorError,
        **kwargs: Any,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        try:
            self._network.open_socket(addr_infos[0]).close()  # the guard's last word
            tunnel = await self._open_tunnel(*addr_infos[0][4][:2])
            return await self._loop.create_connection(*args, **kwargs, sock=tunnel)
        except ssl.CertificateError as error:
            raise aiohttp.ClientConnectorCertificateError(
                req.connection_key, error
            ) from error
        except ssl.SSLError as error:
            raise aiohttp.ClientConnectorSSLError(req.connection_key, error) from error
        except TimeoutError:
            raise
        except OSError as error:
            raise aiohttp.ClientConnectorError(req.connection_key, error) from error

    async def _open_tunnel(self, address: str, port: int) -> socket.socket:
        tunnel: socket.socket | None = None
        try:
            async with asyncio.timeout(self._seconds):
                tunnel = await self._call_proxy()
                await self._loop.sock_sendall(tunnel, self._question(address, port))
                await self._require_yes(tunnel)
        except BaseException as error:
            if tunnel is not None:
                tunnel.close()
            if isinstance(error, OSError):  # TimeoutError is one
                raise ProxyFailed(NOT_LET_OUT) from error
            raise
        return tunnel

    async def _call_proxy(self) -> socket.socket:
        """A connection to the first of the proxy's addresses that takes one."""
        found = await self._loop.getaddrinfo(
            self._proxy.host, self._proxy.port, type=socket.SOCK_STREAM
        )
        for family, kind, protocol, _, address in found:
            tunnel = socket.socket(family, kind, protocol)
            try:
                tunnel.setblocking(False)
                await self._loop.sock_connect(tunnel, address)
            except BaseException as error:
                tunnel.close()
                if not isinstance(error, OSError):
                    raise
            else:
                return tunnel
        raise ProxyFailed("no connection to the proxy")

    def _question(self, address: str, port: int) -> bytes:
        place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
        if self._proxy.credential:
            lines.append(f"Proxy-Authorization: Basic {self._proxy.credential}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")

    async def _require_yes(self, tunnel: socket.socket) -> None:
        """Read the proxy's answer and no byte more: what follows is the site's."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = await self._loop.sock_recv(tunnel, 1)
            head += byte
            if not byte or len(head) > MAX_HEAD:
                raise ProxyFailed("the proxy's answer has no end")
        if not _LET_THROUGH.match(head):
            raise ProxyFailed("the proxy refused")


def through(network: Network, proxy: Proxy | None) -> Network:
    """The network as it is used with this proxy, or with none."""
    return network if proxy is None else ProxiedNetwork(network)


def make_connector(
    network: Network, proxy: Proxy | None, *, seconds: float, **options: Any
) -> aiohttp.TCPConnector:
    """What makes the client's connections; a proxy has `seconds` for its part."""
    if proxy is None:
        return aiohttp.TCPConnector(socket_factory=network.open_socket, **options)
    return TunnelConnector(proxy=proxy, network=network, seconds=seconds, **options)
