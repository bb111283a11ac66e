"""A returned mail read as a report about one delivery of ours.

Which delivery it is about is taken from nothing but our own signatures: the envelope
address it came back to, or X-Delivery-ID in the mail it returns. Addresses in a report
prove nothing: anybody can write one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256

from django.conf import settings
from flufl.bounce import all_failures

from newsletter.digests.identity import delivery_of_token, delivery_of_verp
from newsletter.models import Stray

from .verdicts import Said, reply_in, status_in

# RFC 5965 and its registry. "opt-out" is no longer in it, and still sent.
COMPLAINTS = frozenset({"abuse", "fraud", "opt-out"})
ACTIONS = {  # RFC 3464, section 2.3.3; OpenSMTPD says "error"
    "failed": Said.FAILED,
    "error": Said.FAILED,
    "delayed": Said.DELAYED,
    "delivered": Said.DELIVERED,
    "relayed": Said.DELIVERED,
    "expanded": Said.DELIVERED,
}

# Where mail systems note the envelope's recipient.
_RECIPIENT_HEADERS = (
    *("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To"),
)
_ID = re.compile(r"^[>\s]*X-Delivery-ID:\s*([\w.-]{8,120})\s*$", re.MULTILINE | re.I)
_CONTENT = re.compile(
    r"^-+ ?(?:Below this line|This is a copy|Original message|The original)"
    r"|^[>\s]*X-Delivery-ID:|^List-Unsubscribe:",
    re.MULTILINE | re.I,
)
_WORDS = 4000  # characters of a bounce in prose that are looked at


class NotUnderstood(Exception):
    """A person has to look; `reason` is one of Stray.Reason."""

    def __init__(self, reason: Stray.Reason, subject: str = "") -> None:
        super().__init__(reason.label)
        self.reason, self.subject = reason, subject


class Forged(Exception):
    """It names a delivery under a signature that is not ours."""


class NoReport(Exception):
    """It was read, and says nothing about a delivery: an absence note, praise."""


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says became of one delivery."""

    delivery_id: int
    said: Said
    status: str  # RFC 3463, or ""
    words: str  # the server's own, with whatever addresses are in them
    source: str  # names the report: the same when it arrives twice


def read(raw: bytes) -> Report:
    """The report in a mail. Raises NotUnderstood, Forged or NoReport."""
    message = message_from_bytes(raw)
    subject = str(message.get("Subject", ""))
    if not message.keys():
        raise NotUnderstood(Stray.Reason.BROKEN)
    findings = _findings(message)
    delivery_id = _delivery(message, subject)
    if findings is None:
        raise NotUnderstood(Stray.Reason.NO_REPORT, subject)
    said, status, words = findings
    name = str(message.get("Message-ID", "")).strip().encode() or raw
    source = sha256(b"%d/%s/%s" % (delivery_id, said.encode(), name)).hexdigest()
    return Report(delivery_id, said, status, words, source)


# --- which delivery ---------------------------------------------------------------


def _delivery(message: Message, subject: str) -> int:
    to = set(_return_addresses(message))
    candidates = to | set(_candidates(message))
    # The envelope knows best: the returned mail may itself hold another.
    ours = _known(map(delivery_of_verp, to)) or _known(
        map(delivery_of_token, candidates)
    )
    if len(ours) == 1:
        return ours.pop()
    if ours:
        raise NotUnderstood(Stray.Reason.SEVERAL, subject)
    if candidates:
        raise Forged
    raise NotUnderstood(Stray.Reason.NAMELESS, subject)


def _known(deliveries: Iterable[int | None]) -> set[int]:
    return {pk for pk in deliveries if pk is not None}


def _return_addresses(message: Message) -> Iterator[str]:
    """Where the mail itself came to, if that is below our BOUNCE_ADDRESS."""
    ours = settings.BOUNCE_ADDRESS.lower().rpartition("@")[0]
    values = [str(v) for name in _RECIPIENT_HEADERS for v in message.get_all(name, [])]
    for _name, address in getaddresses(values):
        if ours and address.lower().startswith(f"{ours}+"):
            yield address


def _candidates(message: Message) -> Iterator[str]:
    """Every X-Delivery-ID that is returned with the report."""
    for part in message.walk():
        if part is not message and (value := part.get("X-Delivery-ID")):
            yield str(value).strip()
        if not part.is_multipart():
            yield from _ID.findall(_text(part))


# --- what became of it ------------------------------------------------------------


def _findings(message: Message) -> tuple[Said, str, str] | None:
    """What it says, with which status and in what words; None: nothing we know."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/feedback-report":
            return _complaint(part)
        if kind in {"message/delivery-status", "message/global-delivery-status"}:
            return _delivery_status(part)
    return _prose(message)


def _complaint(part: Message) -> tuple[Said, str, str] | None:
    """RFC 5965: complaints, and what else comes in their form."""
    fields = next(_blocks(part), None)
    kind = str(fields.get("Feedback-Type", "")).strip().lower() if fields else ""
    if kind in COMPLAINTS:
        return Said.COMPLAINED, "", kind
    if kind:
        raise NoReport(f"feedback of the kind {kind}")
    return None


def _delivery_status(part: Message) -> tuple[Said, str, str] | None:
    """RFC 3464: the block about our recipient; a failure before anything else.

    One mail of ours has one recipient. Several blocks come from forwarding.
    """
    found = []
    for block in _blocks(part):
        action = str(block.get("Action", "")).split("(")[0].strip().lower()
        status = str(block.get("Status", "")).strip()
        said = ACTIONS.get(action.split()[0] if action else "")
        if said is None and status[:1] in {"4", "5"}:
            said = Said.FAILED
        if said is not None:
            words = " ".join(str(block.get("Diagnostic-Code", "")).split())
            found.append((said, status, words))
    found.sort(key=lambda finding: finding[0] is not Said.FAILED)
    return found[0] if found else None


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a report, whether the parser took them apart or not."""
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if part.is_multipart() and encoding not in {"base64", "quoted-printable"}:
        yield from (block for block in part.get_payload() if isinstance(block, Message))
        return
    if part.is_multipart():  # RFC 3464 forbids to encode it; some do
        encoded = Message()
        encoded["Content-Transfer-Encoding"] = encoding
        encoded.set_payload("\n\n".join(map(str, part.get_payload())))
        part = encoded
    for text in re.split(r"\r?\n\s*\r?\n", _text(part).strip()):
        yield message_from_string(text)


def _prose(message: Message) -> tuple[Said, str, str] | None:
    """A bounce in no standard form: by who it comes from, and the reply it quotes."""
    words = _own_words(message)
    temporary, permanent = all_failures(message)
    sender = str(message.get("From", "")).lower()
    by_a_server = "mailer-daemon" in sender or "postmaster" in sender
    unanswerable = str(message.get("Return-Path", "")).strip() == "<>"
    quotes_a_reply = bool(reply_in(words).code or status_in(words))
    if temporary or permanent or (quotes_a_reply and (by_a_server or unanswerable)):
        delayed = bool(temporary and not permanent)
        return Said.DELAYED if delayed else Said.FAILED, "", words
    answered = str(message.get("Auto-Submitted", "no")).strip().lower()
    if answered != "no" and not by_a_server:
        raise NoReport("an answer by a program")
    return None


def _own_words(message: Message) -> str:
    """What the server wrote, without the mail it returns, on one line."""
    texts = []
    for part in message.walk():
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            break
        if part.get_content_maintype() == "text":
            texts.append(re.sub(r"<[^>]*>", " ", _CONTENT.split(_text(part))[0]))
    return "\n".join(texts)[:_WORDS]


def _text(part: Message) -> str:
    """A part's text whatever its encoding; "" for what is none."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return payload.decode(charset, "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")
