"""The one HTTP client: every request Masthead sends to others goes through it.

Each hop of a redirect chain is a request of its own with the whole guard before it:
the URL's text, every address of the name, and once more the address of the socket.
aiohttp asks no resolver for a literal address, so the socket is where that is caught.
"""

import asyncio
import io
import re
import ssl
import string
import time
from collections.abc import Sized
from dataclasses import dataclass
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Self
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
import yarl
from django.conf import settings

from .broker import BrokerPace
from .egress import Proxy, ProxyFailed, make_connector, through
from .guard import IpNetwork, Target, normalise_host, parse_target
from .look_ups import CheckedResolver
from .manners import Manners
from .network import Network, NotDialled
from .outcomes import (
    MAX_STORED_URL,
    NOT_LET_OUT,
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
    announced_size,
    read_retry_after,
)
from .seam import choose_network, opened_networks

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Header limits: a long Content-Security-Policy passes, 10,000 headers do not.
MAX_FIELD_BYTES = 16 * 1024
MAX_HEADERS = 200
MAX_COOKIES = 4096  # characters of a Cookie header
MAX_SILENCES = 4
_PLAIN_URL = re.compile(r"[!-~]*")  # nearly all of them: nothing needs quoting

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
    drained for `redirect_seconds` at most, only to use the connection again. What may
    only be a bad moment is visited once more after `pause_seconds`. With `whole` a body
    that says it is too large is not begun.
    """

    seconds: float = 15.0
    look_up_seconds: float = 5.0
    redirect_seconds: float = 1.0
    pause_seconds: float = 2.0
    body_bytes: int = 64 * 1024
    redirects: int = 5
    whole: bool = False

    @classmethod
    def from_settings(cls) -> Self:
        return cls(seconds=settings.FETCHING_SECONDS)


@dataclass(frozen=True, slots=True)
class Policy:
    """What this deployment adds to the guard, its way out, and its name for others."""

    own_hosts: frozenset[str] = frozenset()
    extra_ports: frozenset[int] = frozenset()
    open_networks: tuple[IpNetwork, ...] = ()
    user_agent: str = "Mozilla/5.0 (compatible; Masthead)"
    proxy: Proxy | None = None

    def __post_init__(self) -> None:
        hosts = frozenset(normalise_host(host) for host in self.own_hosts)
        object.__setattr__(self, "own_hosts", hosts)

    @classmethod
    def from_settings(cls) -> Self:
        public_url = settings.PUBLIC_URL
        return cls(
            own_hosts=frozenset({urlsplit(public_url).hostname or ""} - {""}),
            extra_ports=frozenset(settings.FETCHING_EXTRA_PORTS),
            open_networks=opened_networks(),
            user_agent=f"Mozilla/5.0 (compatible; Masthead; +{public_url})",
            proxy=Proxy.from_settings(),
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer of one hop."""

    status: int
    headers: dict[str, str]
    body: bytes
    complete: bool
    cookies: SimpleCookie | None = None


@dataclass(frozen=True, slots=True)
class _Visit:
    """What all hops of one visit share."""

    size: int
    again: bool
    chain: list[Hop]
    watch: "Stopwatch"


class Cookies:
    """Those that the hosts of one redirect chain have set; they go no further.

    Some sites answer only who comes back with what the redirect gave them.
    """

    def __init__(self) -> None:
        self._jar: aiohttp.CookieJar | None = None

    def keep(self, cookies: SimpleCookie | None, url: yarl.URL) -> None:
        if cookies:
            # Unsafe is aiohttp's word for hosts that are addresses.
            self._jar = self._jar or aiohttp.CookieJar(unsafe=True)
            self._jar.update_cookies(cookies, url)

    def header_for(self, url: yarl.URL) -> str:
        if self._jar is None:
            return ""
        found = self._jar.filter_cookies(url).values()
        header = "; ".join(f"{cookie.key}={cookie.coded_value}" for cookie in found)
        return header if len(header) <= MAX_COOKIES else ""


class Silences:
    """Which servers of a run take their time and never say a word.

    After so many attempts without an answer the other links there are not tried: they
    would only hold places that others could use.
    """

    def __init__(self) -> None:
        self._attempts: dict[tuple[str, int], int] = {}
        self._talking: set[tuple[str, int]] = set()

    def require_hope(self, target: Target, *, again: bool) -> None:
        """Raises `TimedOut` where there is none; a second visit may try once more."""
        attempts = self._attempts.get((target.host, target.port), 0)
        if attempts >= (MAX_SILENCES + 1 if again else MAX_SILENCES):
            raise TimedOut("timeout")

    def note_silence(self, target: Target) -> None:
        server = target.host, target.port
        if server not in self._talking:
            self._attempts[server] = self._attempts.get(server, 0) + 1

    def note_answer(self, target: Target) -> None:
        server = target.host, target.port
        self._talking.add(server)
        self._attempts.pop(server, None)


class Stopwatch:
    """Adds up the time inside its `with` blocks, in seconds."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self._started = 0.0

    def __enter__(self) -> None:
        self._started = time.monotonic()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.elapsed += time.monotonic() - self._started


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
        self._policy = policy or Policy.from_settings()
        self._network = through(network or choose_network(), self._policy.proxy)
        self.limits = limits or Limits.from_settings()
        self._manners = manners or Manners(pace=BrokerPace(settings.REDIS_URL))

    async def __aenter__(self) -> Self:
        self._resolver = CheckedResolver(
            self._network, seconds=self.limits.look_up_seconds
        )
        self._silences = Silences()
        self._session = aiohttp.ClientSession(
            connector=make_connector(
                self._network,
                self._policy.proxy,
                seconds=self.limits.seconds / 2,  # the site gets the other half
                resolver=self._resolver,
                use_dns_cache=False,  # the resolver keeps what it checked
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
        await self._manners.close()

    def expect(self, host: str, coming: Sized) -> None:
        """Say which links of a host will be fetched in this run; see `Manners`."""
        self._manners.expect(host, coming)

    async def fetch(
        self, url: str, *, max_bytes: int | None = None, again: bool = False
    ) -> Response:
        """GET the URL and follow its redirects.

        Reads at most `max_bytes` of the body (by default the limits' `body_bytes`).
        `again` says that this is the second visit of the run.
        Once a status line is there, trouble with the body only makes the response
        incomplete. Everything else raises a `FetchError` with the chain so far.
        """
        watch, chain = Stopwatch(), list[Hop]()
        size = self.limits.body_bytes if max_bytes is None else max_bytes
        try:
            visit = _Visit(size, again, chain, watch)
            answer, final = await self._follow(url, visit)
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

    async def _follow(self, url: str, visit: _Visit) -> tuple[_Answer, Target]:
        asked: set[tuple[str, str]] = set()
        cookies, chain = Cookies(), visit.chain
        while True:
            chain.append(Hop(_printable(url)))
            target = parse_target(
                url,
                own_hosts=self._policy.own_hosts,
                extra_ports=self._policy.extra_ports,
                open_networks=self._policy.open_networks,
            )
            place = yarl.URL(target.request_url, encoded=True)
            cookie = cookies.header_for(place)
            # The same address with other cookies is another question.
            question = str(place), cookie
            if question in asked:
                raise RedirectLoop
            if len(asked) > self.limits.redirects:
                raise TooManyRedirects
            asked.add(question)
            answer = await self._ask(target, place, cookie, visit)
            chain[-1] = Hop(_printable(target.url), answer.status)
            location = answer.headers.get("location", "")
            if answer.status not in REDIRECTS or not location:
                return answer, target
            cookies.keep(answer.cookies, place)
            url = _join(target, location)

    async def _ask(
        self, target: Target, place: yarl.URL, cookie: str, visit: _Visit
    ) -> _Answer:
        async with self._manners.turn(target.host):
            self._silences.require_hope(target, again=visit.again)
            seconds = self.limits.seconds - visit.watch.elapsed
            try:
                with visit.watch:
                    answer = await self._exchange(place, cookie, visit.size, seconds)
            except (aiohttp.ClientError, TimeoutError) as error:
                trouble = _typed(error)
                if isinstance(trouble, TimedOut):
                    self._silences.note_silence(target)
                raise trouble from error
            self._silences.note_answer(target)
            # Before the next in the queue gets its turn.
            pause = read_retry_after(answer.headers)
            if pause and answer.status in {429, 503}:
                await self._manners.rest(target.host, pause)
            return answer

    async def _exchange(
        self, place: yarl.URL, cookie: str, size: int, seconds: float
    ) -> _Answer:
        """One request. A body read to its end leaves the connection for the next, any
        other closes it."""
        loop = asyncio.get_running_loop()
        headers = {"Cookie": cookie} if cookie else None
        response, body = None, io.BytesIO()  # whose value is no second copy
        try:
            async with asyncio.timeout_at(loop.time() + seconds) as limit:
                response = await self._session.get(
                    place, headers=headers, allow_redirects=False
                )
                if response.status in REDIRECTS:
                    soon = loop.time() + self.limits.redirect_seconds
                    limit.reschedule(min(limit.when() or soon, soon))
                whole = await self._read(response, body, size)
                return _answer(response, body, complete=whole)
        except (TimeoutError, aiohttp.ClientError, OSError):
            if response is None:
                raise
            return _answer(response, body, complete=False)
        finally:
            if response is not None:
                response.release()

    async def _read(
        self, response: aiohttp.ClientResponse, body: io.BytesIO, size: int
    ) -> bool:
        """Read at most `size` bytes of the body; whether that was the whole of it."""
        if self.limits.whole and announced_size(_lowered(response)) > size:
            return False
        async for piece in response.content.iter_any():
            room = size - body.tell()
            body.write(piece[:room])
            if len(piece) > room:
                return False
        return True


def _answer(
    response: aiohttp.ClientResponse, body: io.BytesIO, *, complete: bool
) -> _Answer:
    headers = _lowered(response)
    told = response.status in REDIRECTS and "set-cookie" in headers
    cookies = response.cookies if told else None
    return _Answer(response.status, headers, body.getvalue(), complete, cookies)


def _lowered(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _join(target: Target, location: str) -> str:
    """The next URL; a fragment is inherited (RFC 9110, section 10.2.2)."""
    try:
        url = urljoin(target.url, location)
    except ValueError:  # such as http://[broken
        url = location
    return url if "#" in url or not target.fragment else f"{url}#{target.fragment}"


def _printable(url: str) -> str:
    """The URL for a chain: whatever it contains, it can be stored and shown."""
    if len(url) <= MAX_STORED_URL and _PLAIN_URL.fullmatch(url):
        return url
    raw = url[:MAX_STORED_URL].encode("utf-8", "surrogatepass")
    return quote(raw, safe=string.punctuation)[:MAX_STORED_URL]


def _typed(error: aiohttp.ClientError | TimeoutError) -> FetchError:
    """Our own error for one of aiohttp's, most telling first."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return TlsFailed(_tls_detail(error))
        case aiohttp.ClientConnectorError(os_error=NotDialled()):
            return Refused(Refusal.INSIDE)
        case aiohttp.ClientConnectorError(os_error=ProxyFailed()):
            return Unreachable(NOT_LET_OUT)
        case aiohttp.ClientConnectorError():
            return Unreachable("no_connection")
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return Unreachable("reset")
        case TimeoutError():
            return TimedOut("timeout")
        case _:
            return ProtocolFailed("not_http")


def _tls_detail(error: aiohttp.ClientError) -> str:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _TLS_DETAILS.get(cause.verify_code, "untrusted")
    return "handshake"
