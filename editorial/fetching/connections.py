"""Connections that ask one question at a time, and are used again.

The race between a name's addresses is aiohappyeyeballs'; every socket is made by the
network, which has the guard's last word.
"""

import asyncio
import socket
import ssl
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import cast

from aiohappyeyeballs import start_connection

from .egress import Proxy, ProxyFailed, Tunnels
from .exchanges import Exchange
from .guard import Target
from .look_ups import CheckedResolver
from .network import NEXT_ADDRESS_SECONDS, AddressInfo, Network, NotDialled
from .outcomes import NOT_LET_OUT, Refusal, Refused, TlsFailed, Unreachable

IDLE_SECONDS = 15.0  # that a connection is kept for the next question

# OpenSSL's X509_V_ERR_…, see openssl-verification-options(1)
_TLS_DETAILS = {
    9: "not_yet_valid",
    10: "expired",
    18: "self_signed",
    19: "untrusted",
    20: "untrusted",
    21: "untrusted",
    62: "wrong_host",
    64: "wrong_host",
}


class Connection(asyncio.Protocol):
    """A connection to one server, for one exchange after the other."""

    def __init__(self) -> None:
        self.exchange: Exchange | None = None
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._wants_head = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        exchange = self.exchange
        if exchange is None:
            self.abort()  # nobody asked
            return
        exchange.feed(data)
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self.exchange is not None:
            self.exchange.hang_up(error)
            self._wake()

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def begin(self, question: bytes, exchange: Exchange) -> None:
        self.exchange = exchange
        if self._transport is None:
            exchange.hang_up(None)
        else:
            self._transport.write(question)

    async def read_head(self) -> None:
        """Wait for the answer's head, or for the end of hope."""
        self._wants_head = True
        await self._wait()
        self._wants_head = False

    async def read_rest(self) -> None:
        """Wait until the exchange is over."""
        await self._wait()

    def end(self) -> bool:
        """Be done with the exchange; whether the connection serves for another."""
        exchange, self.exchange = self.exchange, None
        clean = exchange is not None and exchange.is_over and exchange.leaves_open
        if not (clean and self.is_open):
            self.abort()
            return False
        return True

    def abort(self) -> None:
        """Close it at once, without the farewells of TLS."""
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self) -> None:
        if not self._is_there():
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done() and self._is_there():
            self._waiter.set_result(None)

    def _is_there(self) -> bool:
        exchange = self.exchange
        if exchange is None or exchange.is_over:
            return True
        return self._wants_head and exchange.status > 0


Connect = Callable[[Sequence[AddressInfo]], Awaitable[socket.socket]]


class Connections:
    """All connections of a run: to each server as many as are asked for at once.

    A proxy has `proxy_seconds` for its part of a connection. One that nobody asks
    anything for `idle_seconds` is closed sooner or later.
    """

    def __init__(
        self,
        network: Network,
        resolver: CheckedResolver,
        *,
        proxy: Proxy | None = None,
        proxy_seconds: float = 0.0,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._resolver = resolver
        self._tls = network.tls_context()
        self._connect: Connect = (
            partial(
                start_connection,
                happy_eyeballs_delay=NEXT_ADDRESS_SECONDS,
                socket_factory=network.open_socket,
            )
            if proxy is None
            else Tunnels(proxy, network, seconds=proxy_seconds).open
        )
        self._idle: defaultdict[tuple[str, str, int], list[Connection]]
        self._idle = defaultdict(list)
        self._idle_seconds = idle_seconds
        self._swept_at = 0.0

    async def ask(
        self, target: Target, question: bytes, *, size: int, whole: bool = False
    ) -> tuple[Connection, Exchange]:
        """Put the question to the target; the answer's head is there at the return.

        The connection is for the rest of the answer, and to be given back. `size` and
        `whole` are those of the `Exchange`. Raises a `FetchError` where no answer came.
        A connection that was idle may have ended meanwhile: then nobody has read the
        question, and it is put once more.
        """
        while True:
            waiting = self._take_idle(target)
            connection = waiting or await self._open(target)
            exchange = Exchange(size=size, whole=whole)
            try:
                connection.begin(question, exchange)
                await connection.read_head()
                if exchange.error is None:
                    return connection, exchange
            except BaseException:
                connection.abort()
                raise
            connection.abort()
            if waiting is None or not exchange.is_untouched:
                raise exchange.error

    def give_back(self, target: Target, connection: Connection) -> None:
        """Keep the connection for the next question, or close it."""
        if connection.end():
            connection.idle_since = now = _now()
            self._idle[_server(target)].append(connection)
            self._sweep(now)

    async def close(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.abort()
        self._idle.clear()
        await asyncio.sleep(0)  # in which they let go of their sockets

    def _take_idle(self, target: Target) -> Connection | None:
        waiting = self._idle.get(_server(target))
        since = _now() - self._idle_seconds
        while waiting:
            connection = waiting.pop()  # the one used last is the likeliest to live
            if connection.is_open and connection.idle_since > since:
                return connection
            connection.abort()
        return None

    def _sweep(self, now: float) -> None:
        """Close what has waited for long; those that ended by themselves are forgotten."""
        if now - self._swept_at < self._idle_seconds:
            return
        self._swept_at = now
        for server, connections in list(self._idle.items()):
            fresh = [c for c in connections if now - c.idle_since < self._idle_seconds]
            for connection in set(connections).difference(fresh):
                connection.abort()
            self._idle[server] = fresh

    async def _open(self, target: Target) -> Connection:
        """A new connection; where TLS fails, another of the name's addresses may do.

        An address that takes no connection does not hide what was wrong at the other.
        """
        places = await self._find(target)
        dialled = await self._dial(places)
        try:
            return await self._start(target, dialled)
        except (TlsFailed, Unreachable) as error:
            if not places[1:]:
                raise
            first = error
        try:
            return await self._start(target, await self._dial(places[1:]))
        except Unreachable:
            raise first from None

    async def _start(self, target: Target, dialled: socket.socket) -> Connection:
        secure = target.scheme == "https"
        connection = Connection()
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: connection,
                sock=dialled,
                ssl=self._tls if secure else None,
                server_hostname=target.host if secure else None,
            )
        except asyncio.CancelledError:
            connection.abort()  # asyncio would wait for a farewell where TLS is agreed
            raise
        except ssl.SSLCertVerificationError as error:
            detail = _TLS_DETAILS.get(error.verify_code, "untrusted")
            raise TlsFailed(detail) from error
        except ssl.SSLError as error:
            raise TlsFailed("handshake") from error
        except OSError as error:
            raise Unreachable("no_connection") from error
        return connection

    async def _find(self, target: Target) -> list[AddressInfo]:
        places = [(target.host, target.port)]
        if not target.is_address:
            places = await self._resolver.resolve(target.host, target.port)
        return [_as_info(*place) for place in places]

    async def _dial(self, places: Sequence[AddressInfo]) -> socket.socket:
        try:
            return await self._connect(places)
        except NotDialled as error:
            raise Refused(Refusal.INSIDE) from error
        except ProxyFailed as error:
            raise Unreachable(NOT_LET_OUT) from error
        except OSError as error:
            raise Unreachable("no_connection") from error


def _server(target: Target) -> tuple[str, str, int]:
    return target.scheme, target.host, target.port


def _as_info(address: str, port: int) -> AddressInfo:
    """As getaddrinfo gives it."""
    kind = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    if ":" in address:
        return socket.AF_INET6, *kind, (address, port, 0, 0)
    return socket.AF_INET, *kind, (address, port)


def _now() -> float:
    return asyncio.get_running_loop().time()
