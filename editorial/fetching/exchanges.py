"""HTTP/1.1 as far as a visit needs it: a GET, and the beginning of what comes back.

One question at a time over connections that are used again. The parser is llhttp
(`httptools`), the race between a name's addresses aiohappyeyeballs'; every socket is
made by the network, which has the guard's last word.
"""

import asyncio
import io
import socket
import ssl
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import cast

from aiohappyeyeballs import start_connection
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from .egress import Proxy, ProxyFailed, Tunnels
from .guard import Target
from .look_ups import CheckedResolver
from .network import NEXT_ADDRESS_SECONDS, AddressInfo, Network, NotDialled
from .outcomes import (
    NOT_LET_OUT,
    FetchError,
    ProtocolFailed,
    Refusal,
    Refused,
    TlsFailed,
    Unreachable,
    announced_size,
)

# Limits of a head: a long Content-Security-Policy passes, 10,000 fields do not.
MAX_FIELD_BYTES = 16 * 1024
MAX_FIELDS = 200
MAX_HEAD_BYTES = 256 * 1024  # and of what comes between pieces of a body
IDLE_SECONDS = 15.0  # that a connection is kept for the next question
# Some servers send one all the same, which would pass for the next answer.
_NO_BODY = frozenset({101, 204, 304})

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


class Exchange:
    """One question's answer as it comes in.

    `status` is 0 and `headers` are empty until the head is there. Names of headers are
    lower case; of several fields of one name the last counts, but all of `set_cookies`
    are kept. `body` gets at most `size` bytes, as sent, and `is_complete` says whether
    that was all of it. With `whole` a body that says it is larger is not begun.

    The methods named `on_…` are what the parser calls.
    """

    __slots__ = (
        "_fields",
        "_interim",
        "_parser",
        "_size",
        "_spare",
        "_whole",
        "body",
        "error",
        "headers",
        "is_complete",
        "is_over",
        "leaves_open",
        "set_cookies",
        "status",
    )

    def __init__(self, *, size: int, whole: bool = False) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.set_cookies: list[str] = []
        self.body = io.BytesIO()  # whose value is no second copy
        self.is_complete = False
        self.is_over = False  # nothing more is read
        self.leaves_open = False  # the connection serves for another question
        self.error: FetchError | None = None  # why there is no answer
        self._size, self._whole = size, whole
        self._fields = 0
        self._spare = 0  # bytes in a row that were no body's
        self._interim = False
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        # What browsers let pass: ends of lines, and blanks, as old servers write them.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True,
            lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )

    @property
    def is_untouched(self) -> bool:
        """Whether not one byte of an answer came."""
        return not (self.status or self._spare)

    def feed(self, data: bytes) -> None:
        """Read on; sets `is_over` at the end, or where reading on is no use."""
        if self._parser is None:
            self.leaves_open = False  # more than was asked for
            return
        before = self.body.tell()
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.leaves_open = False  # 101: the rest is another protocol's
        except HttpParserError:
            self.leaves_open = False
            self._fail(ProtocolFailed("not_http"))
        self._spare = 0 if self.body.tell() > before else self._spare + len(data)
        if self._spare > MAX_HEAD_BYTES:
            self._fail(ProtocolFailed("not_http"))
        if self.is_over:
            self._parser = None  # it and we hold each other

    def hang_up(self, error: Exception | None) -> None:
        """The other side ends the connection; `error` where it did so rudely."""
        if self.is_over:
            return
        unmeasured = "content-length" not in self.headers and (
            "chunked" not in self.headers.get("transfer-encoding", "").lower()
        )
        if self.status and unmeasured and error is None:
            self._end(complete=True)
        else:
            self._fail(Unreachable("reset"))
        self._parser = None

    def on_message_begin(self) -> None:
        if self.is_over:
            self.leaves_open = False  # more than was asked for

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += 1
        if len(value) > MAX_FIELD_BYTES or self._fields > MAX_FIELDS:
            raise ValueError("more than anybody needs")  # ends the parser's work
        if self.status:
            return  # fields behind the body say nothing to us
        key = name.decode("latin-1").lower()
        text = value.decode("utf-8", "surrogateescape").strip()
        self.headers[key] = text
        if key == "set-cookie":
            self.set_cookies.append(text)

    def on_headers_complete(self) -> None:
        parser = self._parser
        if self.is_over:
            return  # nobody asked for this answer
        if parser is None or (status := parser.get_status_code()) < 100:
            raise ValueError("no status")
        self._interim = status < 200 and status != 101
        if self._interim:
            return
        self.status = status
        self.leaves_open = status not in _NO_BODY and parser.should_keep_alive()
        if self._whole and announced_size(self.headers) > self._size:
            self._end(complete=False)

    def on_body(self, piece: bytes) -> None:
        room = self._size - self.body.tell()
        if self.is_over or self._interim:  # a hint has no body, whatever it says
            return
        self.body.write(piece[:room])
        if len(piece) > room:
            self._end(complete=False)

    def on_message_complete(self) -> None:
        if not self._interim:
            self._end(complete=True)
            return
        self._interim = False  # such as 103: the answer is yet to come
        self.headers, self.set_cookies = {}, []
        self._fields = self._spare = 0

    def _fail(self, error: FetchError) -> None:
        """With a status line there, trouble only makes the answer incomplete."""
        if not self.is_over:
            self.error = None if self.status else error
            self._end(complete=False)

    def _end(self, *, complete: bool) -> None:
        if not self.is_over:
            self.is_over, self.is_complete = True, complete
            self.leaves_open = self.leaves_open and complete


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
        """A new connection; where TLS fails, another of the name's addresses may do."""
        places = await self._find(target)
        dialled = await self._dial(places)
        try:
            return await self._start(target, dialled)
        except (TlsFailed, Unreachable):
            if not places[1:]:
                raise
        return await self._start(target, await self._dial(places[1:]))

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
