"""The one HTTP client: every request Masthead sends to others goes through it.

Each hop of a redirect chain is a request of its own with the whole guard before it:
the URL's text, every address of the name, and once more the address of the socket.
aiohttp asks no resolver for a literal address, so the socket is where that is caught.
"""

import asyncio
import ssl
import string
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings

from .guard import Target, is_public, parse_target
from .manners import Manners
from .network import Network, NotDialled
from .outcomes import (
    MAX_STORED_URL,
    FetchError,
    Hop,
    ProtocolFailed,
    RedirectLoop,
    Refusal,
    Refused,
    Response,
    TimedOut,
    TlsFailed,
    TooManyRedirects,
    Unreachable,
    read_retry_after,
)
from .seam import choose_network

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_ADDRESSES = 8  # of one name that are tried
# Header limits: a long Content-Security-Policy passes, 10,000 headers do not.
MAX_FIELD_BYTES = 16 * 1024
MAX_HEADERS = 200

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


@dataclass(frozen=True, slots=True)
class Limits:
    """What one visit may cost. Times in seconds of network time, sizes in bytes.

    `seconds` covers the whole chain but no waiting for a turn. A redirect's body is
    drained for `redirect_seconds` at most, only to use the connection again.
    """

    seconds: float = 15.0
    look_up_seconds: float = 5.0
    redirect_seconds: float = 1.0
    body_bytes: int = 64 * 1024
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Policy:
    """What this deployment adds to the guard, and the name it gives to others."""

    own_hosts: frozenset[str] = frozenset()
    extra_ports: frozenset[int] = frozenset()
    user_agent: str = "Mozilla/5.0 (compatible; Masthead)"

    @classmethod
    def from_settings(cls) -> Self:
        public_url = settings.PUBLIC_URL
        return cls(
            own_hosts=frozenset({urlsplit(public_url).hostname or ""} - {""}),
            extra_ports=frozenset(settings.FETCHING_EXTRA_PORTS),
            user_agent=f"Mozilla/5.0 (compatible; Masthead; +{public_url})",
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer of one hop."""

    status: int
    headers: dict[str, str]
    body: bytes
    complete: bool


class Stopwatch:
    """Adds up the time inside its `with` blocks, in seconds."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.elapsed += time.monotonic() - started


class CheckedResolver(AbstractResolver):
    """Looks each name up once per run and hands on addresses only if all are public.

    A second look-up could be answered differently (DNS rebinding), so there is none.
    """

    def __init__(self, network: Network, *, seconds: float) -> None:
        self._network = network
        self._seconds = seconds
        self._look_ups: dict[str, asyncio.Task[tuple[str, ...]]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: int = 0
    ) -> list[ResolveResult]:
        addresses = await self._look_up_once(host)
        if not all(is_public(address) for address in addresses):
            raise Refused(Refusal.INSIDE)
        dialled = dict.fromkeys(
            self._network.dial(host, address, port)
            for address in addresses[:MAX_ADDRESSES]
        )
        return [
            ResolveResult(
                hostname=host, host=ip, port=to, family=family, proto=0, flags=0
            )
            for ip, to in dialled
        ]

    async def close(self) -> None:
        for look_up in self._look_ups.values():
            look_up.cancel()
        await asyncio.gather(*self._look_ups.values(), return_exceptions=True)

    async def _look_up_once(self, host: str) -> tuple[str, ...]:
        if host not in self._look_ups:
            self._look_ups[host] = asyncio.create_task(self._look_up(host))
        # Shielded: a visit that gives up leaves the look-up to the others.
        try:
            return await asyncio.shield(self._look_ups[host])
        except Unreachable as error:  # one instance for all visits: they need their own
            raise Unreachable(error.detail) from error

    async def _look_up(self, host: str) -> tuple[str, ...]:
        try:
            async with asyncio.timeout(self._seconds):
                addresses = tuple(await self._network.look_up(host))
        except TimeoutError as error:
            raise Unreachable("dns_timeout") from error
        if not addresses:
            raise Unreachable("no_such_host")
        return addresses


class Client:
    """An asynchronous context manager; `fetch` may run many times at once in it."""

    def __init__(
        self,
        *,
        network: Network | None = None,
        policy: Policy | None = None,
        limits: Limits | None = None,
        manners: Manners | None = None,
    ) -> None:
        self._network = network or choose_network()
        self._policy = policy or Policy.from_settings()
        self._limits = limits or Limits()
        self._manners = manners or Manners()

    async def __aenter__(self) -> Self:
        self._resolver = CheckedResolver(
            self._network, seconds=self._limits.look_up_seconds
        )
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self._resolver,
                use_dns_cache=False,  # the resolver keeps what it checked
                socket_factory=self._network.open_socket,
                ssl=self._network.tls_context(),
                limit=0,  # the manners count
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,  # a bomb stays as small as it was sent
            timeout=aiohttp.ClientTimeout(),  # the deadline is the client's own
            headers={
                "User-Agent": self._policy.user_agent,
                "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
                "Accept-Encoding": "identity",
            },
            max_line_size=MAX_FIELD_BYTES,
            max_field_size=MAX_FIELD_BYTES,
            max_headers=MAX_HEADERS,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.close()
        await self._resolver.close()

    async def fetch(self, url: str, *, max_bytes: int | None = None) -> Response:
        """GET the URL and follow its redirects.

        Reads at most `max_bytes` of the body (by default the limits' `body_bytes`).
        Once a status line is there, trouble with the body only makes the response
        incomplete. Everything else raises a `FetchError` with the chain so far.
        """
        watch, chain = Stopwatch(), list[Hop]()
        size = self._limits.body_bytes if max_bytes is None else max_bytes
        try:
            answer, final = await self._follow(url, size, chain, watch)
        except FetchError as error:
            error.chain, error.elapsed = tuple(chain), watch.elapsed
            raise
        return Response(
            url=url,
            final_url=final.url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            complete=answer.complete,
            chain=tuple(chain),
            elapsed=watch.elapsed,
        )

    async def _follow(
        self, url: str, size: int, chain: list[Hop], watch: Stopwatch
    ) -> tuple[_Answer, Target]:
        asked: set[str] = set()
        while True:
            chain.append(Hop(_printable(url)))
            target = parse_target(
                url,
                own_hosts=self._policy.own_hosts,
                extra_ports=self._policy.extra_ports,
            )
            if target.request_url in asked:
                raise RedirectLoop
            if len(asked) > self._limits.redirects:
                raise TooManyRedirects
            asked.add(target.request_url)
            answer = await self._ask(target, size, watch)
            chain[-1] = Hop(_printable(target.url), answer.status)
            location = answer.headers.get("location", "")
            if answer.status not in REDIRECTS or not location:
                return answer, target
            url = _join(target, location)

    async def _ask(self, target: Target, size: int, watch: Stopwatch) -> _Answer:
        async with self._manners.turn(target.host):
            with watch.running(), _typed_errors():
                seconds = self._limits.seconds - watch.elapsed
                answer = await self._exchange(target, size, seconds)
            # Before the next in the queue gets its turn.
            pause = read_retry_after(answer.headers)
            if pause and answer.status in {429, 503}:
                await self._manners.rest(target.host, pause)
            return answer

    async def _exchange(self, target: Target, size: int, seconds: float) -> _Answer:
        deadline = asyncio.get_running_loop().time() + seconds
        async with self._open(target, deadline) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            if response.status in REDIRECTS:
                soon = asyncio.get_running_loop().time() + self._limits.redirect_seconds
                deadline = min(deadline, soon)
            body, complete = await _read(response, size, deadline)
            return _Answer(response.status, headers, body, complete)

    @asynccontextmanager
    async def _open(
        self, target: Target, deadline: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The response with its headers read; a body read to its end leaves the
        connection for the next request, any other closes it."""
        url = yarl.URL(target.request_url, encoded=True)
        async with asyncio.timeout_at(deadline):
            response = await self._session.get(url, allow_redirects=False)
        try:
            yield response
        finally:
            response.release()


async def _read(
    response: aiohttp.ClientResponse, size: int, deadline: float
) -> tuple[bytes, bool]:
    """At most `size` bytes of the body, and whether that was the whole of it."""
    body = bytearray()
    try:
        async with asyncio.timeout_at(deadline):
            async for piece in response.content.iter_any():
                room = size - len(body)
                body += piece[:room]
                if len(piece) > room:
                    return bytes(body), False
    except (TimeoutError, aiohttp.ClientError, OSError):
        return bytes(body), False
    return bytes(body), True


def _join(target: Target, location: str) -> str:
    """The next URL; a fragment is inherited (RFC 9110, section 10.2.2)."""
    try:
        url = urljoin(target.url, location)
    except ValueError:  # such as http://[broken
        url = location
    return url if "#" in url or not target.fragment else f"{url}#{target.fragment}"


def _printable(url: str) -> str:
    """The URL for a chain: whatever it contains, it can be stored and shown."""
    raw = url[:MAX_STORED_URL].encode("utf-8", "surrogatepass")
    return quote(raw, safe=string.punctuation)[:MAX_STORED_URL]


@contextmanager
def _typed_errors() -> Iterator[None]:
    """Turn what aiohttp raises into our own errors, most telling first."""
    try:
        yield
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError) as error:
        raise TlsFailed(_tls_detail(error)) from error
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, NotDialled):
            raise Refused(Refusal.INSIDE) from error
        raise Unreachable("no_connection") from error
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        raise Unreachable("reset") from error
    except TimeoutError as error:
        raise TimedOut("timeout") from error
    except aiohttp.ClientError as error:
        raise ProtocolFailed("not_http") from error


def _tls_detail(error: aiohttp.ClientError) -> str:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _TLS_DETAILS.get(cause.verify_code, "untrusted")
    return "handshake"
