"""python -m benchmarks.links.servers CA: 53 hosts on loopback, a process of their own.

CA is a file to write the certificate authority of the healthy TLS port to. Prints
"ready" once all listen. Every answer takes its time: log-normal, median 100 ms, one in
a hundred 2 s, the same for the same path in every run.
"""

import asyncio
import math
import random
import ssl
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import trustme

from . import kinds, pages

MEDIAN = 0.1  # seconds
SPREAD = 0.6  # standard deviation of the logarithm
LONGEST = 2.0

Writer = asyncio.StreamWriter
asked: Counter[str] = Counter()


def latency(path: str) -> float:
    dice = random.Random(path)
    if dice.random() < 0.01:
        return LONGEST
    return min(dice.lognormvariate(math.log(MEDIAN), SPREAD), LONGEST)


async def converse(reader: asyncio.StreamReader, writer: Writer) -> None:
    host = writer.get_extra_info("sockname")[0]
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            method, path, _ = head.decode("latin-1").split(" ", 2)
            await asyncio.sleep(latency(path))
            await serve(host, method, path, head, writer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # they hung up
    finally:
        writer.close()


async def serve(host: str, method: str, path: str, head: bytes, writer: Writer) -> None:
    kind = path.partition("?")[0].split("/")[1]
    first = asked[host + path] == 0
    asked[host + path] += 1
    if odd := ODD.get(kind):
        await odd(first, writer)
        return
    cookie = b"\r\ncookie: " in head.lower()
    answer = pages.answer(
        host, kind, path, first=first, head=method == "HEAD", cookie=cookie
    )
    writer.write(answer)


async def reset(first: bool, writer: Writer) -> None:
    writer.transport.abort()


async def reset_once(first: bool, writer: Writer) -> None:
    if first:
        writer.transport.abort()
    else:
        writer.write(pages.html(pages.article("again")))


async def say_nothing(first: bool, writer: Writer) -> None:
    await asyncio.sleep(600)


async def speak_no_http(first: bool, writer: Writer) -> None:
    writer.write(b"\x00\xff\xfe NO HTTP AT ALL\r\n\r\n")
    writer.close()


async def never_end(first: bool, writer: Writer) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        b"Content-Length: 10737418240\r\n\r\n<title>All of it</title>"
    )
    while True:
        writer.write(b"data " * 3000)
        await writer.drain()


async def drip_body(first: bool, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    await drip(b"x" * 100_000, writer)


async def drip_head(first: bool, writer: Writer) -> None:
    await drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000, writer)


async def drip(data: bytes, writer: Writer) -> None:
    """A byte a second, until they hang up."""
    for place in range(len(data)):
        writer.write(data[place : place + 1])
        await writer.drain()
        await asyncio.sleep(1)


ODD: dict[str, Callable[[bool, Writer], Awaitable[None]]] = {
    "reset": reset,
    "once-reset": reset_once,
    "silent": say_nothing,
    "silent-host": say_nothing,
    "garbage": speak_no_http,
    "endless-body": never_end,
    "dripping-body": drip_body,
    "dripping-head": drip_head,
}


def certificates(folder: Path, ca: Path) -> dict[int, Callable[[str], ssl.SSLContext]]:
    """Contexts of a host by port: a good certificate of its own, one signed by itself,
    one that is over."""
    authority, expired = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(ca)
    own = trustme.CA()
    pair = folder / "pair.pem"
    own.cert_pem.write_to_path(pair)
    own.private_key_pem.write_to_path(pair, append=True)

    def good(host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(context)
        return context

    def signed_by_itself(host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
        return context

    def over(host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        past = datetime(2020, 1, 1, tzinfo=UTC)
        expired.issue_cert(host, not_after=past).configure_cert(context)
        return context

    return {
        kinds.TLS_PORT: good,
        kinds.SELF_SIGNED_PORT: signed_by_itself,
        kinds.EXPIRED_PORT: over,
    }


def prepare() -> None:
    """Write the healthy pages before any run: whoever came first would share the
    processor with the writing of them."""
    for kind in kinds.HEALTHY:
        for link in kind.links():
            parts = urlsplit(link)
            pages.article(f"{parts.hostname}{parts.path}")


async def main(ca: Path) -> None:
    prepare()
    with tempfile.TemporaryDirectory() as folder:
        contexts = certificates(Path(folder), ca)
        for host in kinds.HOSTS + kinds.HOSTILE_HOSTS:
            await asyncio.start_server(converse, host, kinds.PORT, backlog=512)
            for port, make in contexts.items():
                await asyncio.start_server(
                    converse, host, port, ssl=make(host), backlog=512
                )
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
