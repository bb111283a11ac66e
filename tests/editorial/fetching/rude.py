"""Servers that no client should have to meet."""

import asyncio
import gzip

from .world import Writer, page

BOMB = gzip.compress(bytes(100 * 2**20))  # 100 MiB of zeros in 100 KB


async def huge_body(path: str, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
    await _pour(writer, bytes(65536))


async def endless_chunks(path: str, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    await _pour(writer, b"10000\r\n" + bytes(65536) + b"\r\n")


async def one_long_chunk(path: str, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    await _pour(writer, b"9" * 65536)


async def dripping_body(path: str, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    await _pour(writer, b"x", pause=0.02)


async def dripping_head(path: str, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    await _pour(writer, b"x", pause=0.02)


async def endless_head(path: str, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _pour(writer, b"X-More: " + b"x" * 8000 + b"\r\n")


async def endless_line(path: str, writer: Writer) -> None:
    await _pour(writer, b"HTTP/1.1 200 " + b"x" * 65536)


async def endless_hints(path: str, writer: Writer) -> None:
    await _pour(writer, b"HTTP/1.1 103 Early Hints\r\nX-More: x\r\n\r\n")


async def many_headers(path: str, writer: Writer) -> None:
    writer.write(page(headers={f"X-{n}": "x" for n in range(10_000)}))


async def garbage(path: str, writer: Writer) -> None:
    writer.write(b"\x00\xff\xfe NO HTTP AT ALL\r\n\r\n")


async def silence(path: str, writer: Writer) -> None:
    await asyncio.sleep(60)


async def hang_up(path: str, writer: Writer) -> None:
    writer.close()


async def reset(path: str, writer: Writer) -> None:
    writer.transport.abort()


async def cut_short(path: str, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 1000\r\n\r\nonly this")
    writer.close()


async def bomb(path: str, writer: Writer) -> None:
    writer.write(page(BOMB, headers={"Content-Encoding": "gzip"}))


async def deep_page(path: str, writer: Writer) -> None:
    writer.write(page("<b><p>" * 90_000))


async def wide_tag(path: str, writer: Writer) -> None:
    writer.write(page(f"<p {' '.join(f'a{n}=1' for n in range(60_000))}>"))


async def unclosed_comments(path: str, writer: Writer) -> None:
    writer.write(page("<!--" * 130_000))


async def _pour(writer: Writer, data: bytes, *, pause: float = 0) -> None:
    while True:
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(pause)


ALL = (
    huge_body,
    endless_chunks,
    one_long_chunk,
    dripping_body,
    dripping_head,
    endless_head,
    endless_line,
    endless_hints,
    many_headers,
    garbage,
    silence,
    hang_up,
    reset,
    cut_short,
    bomb,
    deep_page,
    wide_tag,
    unclosed_comments,
)
