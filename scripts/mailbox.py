"""A mailbox for development: takes any mail by SMTP and keeps each as a file.

    python -m scripts.mailbox PORT FOLDER

Runs under the project's Python (it needs aiosmtpd). A file appears in FOLDER whole or
not at all, as in a Maildir, with the envelope on top as a delivering host writes it.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

MAX_MAIL_BYTES = 30_000_000


class Folder:
    """aiosmtpd's handler: one `.eml` file per mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        head = [f"Return-Path: <{envelope.mail_from}>"]
        head += [f"Delivered-To: {address}" for address in envelope.rcpt_tos]
        content = envelope.content or b""
        body = content if isinstance(content, bytes) else content.encode()
        self._keep("\r\n".join([*head, ""]).encode() + body)
        return "250 2.0.0 kept"

    def _keep(self, mail: bytes) -> None:
        name = f"{time.time_ns()}-{secrets.token_hex(4)}"
        unfinished = self._folder / f".{name}.part"
        unfinished.write_bytes(mail)
        unfinished.replace(self._folder / f"{name}.eml")


async def serve(port: int, folder: Path) -> None:
    """Take mail on this port of loopback until SIGTERM or SIGINT."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = Folder(folder)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)

    def session() -> SMTP:
        return SMTP(
            handler,
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            hostname="localhost",
            loop=loop,
        )

    server = await loop.create_server(session, "127.0.0.1", port)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    os.umask(0o077)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
