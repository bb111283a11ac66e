"""The mailbox that mail comes back to, looked into over IMAP (RFC 3501).

What was understood is moved to a folder beside it; what was not stays where it is and
is listed on the desk until somebody has taken it away. Nothing is deleted, and nothing
is marked as read.
"""

from __future__ import annotations

import imaplib
import ipaddress
import logging
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from newsletter.models import Stray

from .taking import Taken, take_mail

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 200
SHIFT = 60.0  # seconds; what is left waits for the next look
PATIENCE = 20.0  # seconds for each answer of the server
READ = 256 * 1024  # bytes of a mail; reports stand before the mail they return
WANTED = "BOUNCE_MAILBOX is not of the form imaps://user:password@host/INBOX"
_STATUS, _BUSY = "returns:mailbox", "returns:looking"
_KEPT = 7 * 24 * 60 * 60  # seconds


class MailboxError(Exception):
    """The server cannot be reached, or said no; in its words."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where returned mail lies, and as whom to look at it."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    done: str  # the folder for what was understood
    tls: bool

    @classmethod
    def from_settings(cls) -> Self:
        """That of BOUNCE_MAILBOX. Raises MailboxError where that is none."""
        try:
            url = urlsplit(settings.BOUNCE_MAILBOX)
            host, port, tls = url.hostname, url.port, url.scheme == "imaps"
        except ValueError as error:
            raise MailboxError(f"{WANTED}: {error}") from error
        if not host or url.scheme not in {"imap", "imaps"}:
            raise MailboxError(WANTED)
        return cls(
            host=host,
            port=port or (993 if tls else 143),
            user=unquote(url.username or ""),
            password=unquote(url.password or ""),
            folder=unquote(url.path.strip("/")) or "INBOX",
            done=settings.BOUNCE_MAILBOX_DONE,
            tls=tls,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """How the last look into the mailbox went."""

    at: Any  # an aware datetime
    taken: int = 0
    left: int = 0  # for a person
    error: str = ""


def last_look() -> Look | None:
    """None where nobody has looked lately, or no mailbox is set."""
    return cache.get(_STATUS)


def look_into_mailbox() -> Look | None:
    """Take what came back; None without a mailbox, or while another is at it.

    Safe to run twice and to be stopped anywhere: a report counts once, and what was
    taken but not moved is moved the next time. Never raises for the server's sake.
    """
    if not settings.BOUNCE_MAILBOX:
        return None
    if not cache.add(_BUSY, True, settings.CELERY_TASK_TIME_LIMIT + 10):
        return None
    try:
        taken, left = _look(Mailbox.from_settings())
        look = Look(timezone.now(), taken, left)
    except (imaplib.IMAP4.error, OSError, MailboxError) as error:
        logger.warning("the mailbox for returned mail: %s", error)
        look = Look(timezone.now(), error=str(error)[:300] or type(error).__name__)
    finally:
        cache.delete(_BUSY)
    cache.set(_STATUS, look, _KEPT)
    return look


def _look(box: Mailbox) -> tuple[int, int]:
    until, taken = time.monotonic() + SHIFT, 0
    with _opened(box) as imap:
        validity = _select(imap, box.folder)
        places = {f"imap:{validity}:{uid}": uid for uid in _uids(imap)}
        known = set(_strays().values_list("place", flat=True))
        # The mailbox is the truth about what still lies in it.
        _strays().filter(place__in=known - places.keys()).delete()
        waiting = [place for place in places if place not in known]
        for place in waiting[:MOST_AT_ONCE]:
            if time.monotonic() > until:
                break
            raw = _fetch(imap, places[place])
            if raw is not None and take_mail(raw, place=place) is not Taken.STRAY:
                _move(imap, places[place], box.done)
                taken += 1
    return taken, _strays().count()


def _strays() -> Any:
    return Stray.objects.filter(place__startswith="imap:")


@contextmanager
def _opened(box: Mailbox) -> Iterator[imaplib.IMAP4]:
    """A connection that is logged in; never in clear text but on this machine."""
    context = ssl.create_default_context()
    if box.tls:
        imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            box.host, box.port, ssl_context=context, timeout=PATIENCE
        )
    else:
        imap = imaplib.IMAP4(box.host, box.port, timeout=PATIENCE)
    try:
        if not box.tls and not _is_loopback(box.host):
            imap.starttls(context)
        imap.login(box.user, box.password)
        yield imap
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            imap.logout()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _select(imap: imaplib.IMAP4, folder: str) -> str:
    """Open the folder; its UIDVALIDITY, with which numbers name mails for ever."""
    _ask(imap.select(_quoted(folder)), f"there is no folder {folder}")
    _kind, values = imap.response("UIDVALIDITY")
    return values[0].decode() if values and values[0] else "0"


def _uids(imap: imaplib.IMAP4) -> list[str]:
    found = _ask(imap.uid("SEARCH", "UNDELETED"), "it cannot be searched")
    return found[0].decode().split() if found and found[0] else []


def _fetch(imap: imaplib.IMAP4, uid: str) -> bytes | None:
    """The beginning of a mail, which stays unread; None where it is gone."""
    parts = _ask(imap.uid("FETCH", uid, f"(BODY.PEEK[]<0.{READ}>)"), "no mail came")
    return next((part[1] for part in parts if isinstance(part, tuple)), None)


def _move(imap: imaplib.IMAP4, uid: str, folder: str) -> None:
    """RFC 6851; without it a copy, and the original marked for deletion."""
    verb = "MOVE" if "MOVE" in imap.capabilities else "COPY"
    answer, words = imap.uid(verb, uid, _quoted(folder))
    if answer != "OK":
        imap.create(_quoted(folder))
        answer, words = imap.uid(verb, uid, _quoted(folder))
        _ask((answer, words), f"there can be no folder {folder}")
    if verb == "COPY":
        _ask(imap.uid("STORE", uid, "+FLAGS", r"(\Deleted)"), "it cannot be marked")


def _ask(answered: tuple[str, list[Any]], otherwise: str) -> list[Any]:
    answer, data = answered
    if answer != "OK":
        said = data[0].decode(errors="replace") if data and data[0] else ""
        raise MailboxError(f"{otherwise}: {said}")
    return data


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
