"""The one HTTP client: every request Masthead sends to others goes through it.

Each hop of a redirect chain is a request of its own with the whole guard before it:
the URL's text, every address of the name, and once more the address of the socket.
"""

import asyncio
import re
import string
import time
from collections.abc import Sized
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings

from .broker import BrokerPace
from .connections import Connections
from .cookies import Cookies
from .egress import Proxy, through
from .exchanges import Exchange
from .guard import IpNetwork, Target, normalise_host, parse_target
from .look_ups import CheckedResolver
from .manners import Manners
from .network import Network
from .outcomes import (
    MAX_STORED_URL,
    FetchError,
    Hop,
    RedirectLoop,
    Response,
    TimedOut,
    TooManyRedirects,
    read_retry_after,
)
from .seam import choose_network, opened_networks

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_SILENCES = 4
_PLAIN_URL = re.compile(r"[!-~]*")  # nearly all of them: nothing needs quoting


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
        # It stands in a line of every question, whatever our address is written in.
        name = quote(self.user_agent, safe=string.punctuation + " ")
        object.__setattr__(self, "user_agent", name)

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
class _Visit:
    """What all hops of one visit share."""

    size: int
    again: bool
    chain: list[Hop]
    watch: "Stopwatch"


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
        self._connections = Connections(
            self._network,
            self._resolver,
            proxy=self._policy.proxy,
            proxy_seconds=self.limits.seconds / 2,  # the site gets the other half
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._connections.close()
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
            body=answer.body.getvalue(),
            complete=answer.is_complete,
            chain=tuple(chain),
            elapsed=watch.elapsed,
        )

    async def _follow(self, url: str, visit: _Visit) -> tuple[Exchange, Target]:
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
            place = target.request_url
            cookie = cookies.header_for(place)
            # The same address with other cookies is another question.
            question = place, cookie
            if question in asked:
                raise RedirectLoop
            if len(asked) > self.limits.redirects:
                raise TooManyRedirects
            asked.add(question)
            answer = await self._ask(target, cookie, visit)
            chain[-1] = Hop(_printable(target.url), answer.status)
            location = answer.headers.get("location", "")
            if answer.status not in REDIRECTS or not location:
                return answer, target
            cookies.keep(answer.set_cookies, place)
            url = _join(target, location)

    async def _ask(self, target: Target, cookie: str, visit: _Visit) -> Exchange:
        async with self._manners.turn(target.host):
            self._silences.require_hope(target, again=visit.again)
            seconds = self.limits.seconds - visit.watch.elapsed
            try:
                with visit.watch:
                    answer = await self._exchange(target, cookie, visit.size, seconds)
            except TimeoutError as error:
                self._silences.note_silence(target)
                raise TimedOut("timeout") from error
            self._silences.note_answer(target)
            # Before the next in the queue gets its turn.
            pause = read_retry_after(answer.headers)
            if pause and answer.status in {429, 503}:
                await self._manners.rest(target.host, pause)
            return answer

    async def _exchange(
        self, target: Target, cookie: str, size: int, seconds: float
    ) -> Exchange:
        """One request. Once the answer's head is there, a body that takes too long only
        remains incomplete."""
        loop = asyncio.get_running_loop()
        connections, whole = self._connections, self.limits.whole
        connection = answer = None
        try:
            async with asyncio.timeout_at(loop.time() + seconds) as limit:
                connection, answer = await connections.ask(
                    target, self._question(target, cookie), size=size, whole=whole
                )
                if answer.status in REDIRECTS:
                    soon = loop.time() + self.limits.redirect_seconds
                    limit.reschedule(min(limit.when() or soon, soon))
                await connection.read_rest()
        except TimeoutError:
            if answer is None:
                raise
        finally:
            if connection is not None:
                connections.give_back(target, connection)
        return answer

    def _question(self, target: Target, cookie: str) -> bytes:
        """Compressed pages are not asked for: a bomb stays as small as it was sent."""
        lines = [
            f"GET {target.path} HTTP/1.1",
            f"Host: {target.authority}",
            f"User-Agent: {self._policy.user_agent}",
            "Accept: text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Encoding: identity",
        ]
        head = "\r\n".join(lines).encode("ascii")
        if cookie:  # in the bytes it came in
            head += b"\r\nCookie: " + cookie.encode("utf-8", "surrogateescape")
        return head + b"\r\n\r\n"


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
