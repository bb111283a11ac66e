"""A small world wide web on loopback, for the client to be let loose on.

Its servers are raw sockets in an event loop of their own thread, so that they may be
as rude as real ones; a server is an async function of (path, writer).
"""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from typing import Any

from editorial.fetching.archives import ArchivedCopy, find_copy
from editorial.fetching.client import Limits, Policy
from editorial.fetching.images import FetchedImage, fetch_image
from editorial.fetching.manners import Manners, ProcessPace
from editorial.fetching.metadata import PageMetadata, read_metadata
from editorial.fetching.seam import Seam
from editorial.fetching.verdicts import Judgement
from editorial.fetching.visits import check_urls, visit_in_batches

PUBLIC = "93.184.215.14"  # globally routable; the seam never dials it
OWN_HOST = "our-letter.test"
PATIENT = Limits(seconds=10, look_up_seconds=5, pause_seconds=0.01)

Writer = asyncio.StreamWriter
Server = Callable[[str, Writer], Awaitable[None]]
Conversation = Callable[[asyncio.StreamReader, Writer], Awaitable[None]]
Headers = Mapping[str, str]


def page(
    body: bytes | str = "<title>Hello</title>",
    status: int = 200,
    headers: Headers | None = None,
) -> bytes:
    """A whole HTTP answer."""
    raw = body.encode() if isinstance(body, str) else body
    fields = {"Content-Type": "text/html", "Content-Length": str(len(raw))}
    lines = [
        f"{name}: {value}" for name, value in (fields | dict(headers or {})).items()
    ]
    head = "\r\n".join([f"HTTP/1.1 {status} Fine", *lines, "", ""])
    return head.encode("latin-1") + raw


def moved(location: str, status: int = 302) -> bytes:
    return page("", status, {"Location": location})


def serving(answers: bytes | Mapping[str, bytes]) -> Server:
    """A server with one answer, or one by path."""

    async def serve(path: str, writer: Writer) -> None:
        known = answers if isinstance(answers, bytes) else answers.get(path)
        writer.write(page("nothing here", 404) if known is None else known)

    return serve


class World:
    """Hosts by name, what they were asked, and the seam that leads to them."""

    def __init__(self) -> None:
        self.hosts: dict[str, dict[str, Any]] = {}
        self.missing: set[str] = set()  # names that two resolvers know nothing of
        self.requests: list[tuple[str, str, dict[str, str]]] = []  # host, path, headers
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def add(
        self,
        name: str,
        answers: Server | bytes | Mapping[str, bytes] | None = None,
        *,
        addresses: Iterable[str] = (PUBLIC,),
        tls: ssl.SSLContext | None = None,
        tls_ca: str = "",
    ) -> tuple[str, int]:
        """Put a host into the world; returns where it listens."""
        server = answers if callable(answers) else serving(answers or page())
        listener = self._run(self._listen(name, server, tls))
        self.hosts[name] = {"addresses": list(addresses), "dial": listener}
        if tls_ca:
            self.hosts[name]["tls_ca"] = tls_ca
        return listener

    def add_raw(self, name: str, converse: Conversation) -> None:
        """Put a host into the world that speaks something else than HTTP."""
        self.hosts[name] = {"addresses": [PUBLIC], "dial": self.listen(converse)}

    def listen(self, converse: Conversation) -> tuple[str, int]:
        """A listener that no name leads to; returns where it is."""
        return self._run(self._open(converse, None))

    @property
    def data(self) -> dict[str, Any]:
        return {"hosts": self.hosts, "missing": sorted(self.missing)}

    @property
    def network(self) -> Seam:
        return Seam.from_data(self.data)

    @property
    def listeners(self) -> set[tuple[str, int]]:
        return {tuple(host["dial"]) for host in self.hosts.values() if "dial" in host}

    def asked(self, host: str) -> list[str]:
        return [path for name, path, _ in self.requests if name == host]

    def check(self, url: str, **options: Any) -> Judgement:
        return self.check_all([url], **options)[url]

    def check_all(self, urls: Iterable[str], **options: Any) -> dict[str, Judgement]:
        return check_urls(urls, **self._defaults(options))

    def check_in_batches(
        self, urls: Iterable[str], **options: Any
    ) -> Iterator[dict[str, Judgement]]:
        return visit_in_batches(urls, **self._defaults(options))

    def find_copy(self, url: str, **options: Any) -> ArchivedCopy | None:
        return find_copy(url, **self._defaults(options))

    def read(self, url: str, **options: Any) -> PageMetadata:
        return read_metadata(url, **self._defaults(options))

    def fetch_image(self, url: str, **options: Any) -> FetchedImage:
        return fetch_image(url, **self._defaults(options))

    def close(self) -> None:
        self._run(self._hang_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _defaults(self, options: dict[str, Any]) -> dict[str, Any]:
        return {
            "network": self.network,
            "policy": Policy(own_hosts=frozenset({OWN_HOST})),
            "limits": PATIENT,
            "manners": Manners(pace=ProcessPace(gap=0)),
        } | options

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(
        self, name: str, server: Server, tls: ssl.SSLContext | None
    ) -> tuple[str, int]:
        async def converse(reader: asyncio.StreamReader, writer: Writer) -> None:
            self.connections += 1
            try:
                while head := await reader.readuntil(b"\r\n\r\n"):
                    path, headers = _parse(head)
                    self.requests.append((name, path, headers))
                    await server(path, writer)
                    await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError):
                pass  # they hung up
            except asyncio.CancelledError:
                pass  # the world ends; Python 3.11 would log it as an error
            finally:
                writer.close()

        return await self._open(converse, tls)

    async def _open(
        self, converse: Conversation, tls: ssl.SSLContext | None
    ) -> tuple[str, int]:
        listener = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=tls)
        return listener.sockets[0].getsockname()

    async def _hang_up(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def _parse(head: bytes) -> tuple[str, dict[str, str]]:
    first, *fields = head.decode("latin-1").rstrip().split("\r\n")
    headers = dict(field.split(": ", 1) for field in fields)
    return first.split(" ")[1], {name.lower(): text for name, text in headers.items()}
