"""What a report about a delivery means: pure functions over one table."""

import re
from enum import Enum, StrEnum, auto

from newsletter.digests.answers import HARD_BOUNCES, says_unknown_user
from newsletter.models import MailEvent
from newsletter.postbox import Reply

Kind = MailEvent.Kind

# Issues that must come back before a mailbox that is only full or away is given up.
SOFT_LIMIT = 3


class Said(StrEnum):
    """What a server or a reader says became of a mail."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    FAILED = "failed"
    COMPLAINED = "complained"


class Effect(Enum):
    NOTHING = auto()
    COUNT = auto()  # suppressed at SOFT_LIMIT distinct issues
    SUPPRESS = auto()
    SUPPRESS_FOR_EVER = auto()


EFFECTS: dict[Kind, Effect] = {
    Kind.DELIVERED: Effect.NOTHING,
    Kind.DELAYED: Effect.NOTHING,  # another report follows when it is decided
    Kind.BOUNCE_SOFT: Effect.COUNT,
    Kind.BOUNCE_HARD: Effect.SUPPRESS,
    # One answer of a block list must not suppress a whole list.
    Kind.BOUNCE_OTHER: Effect.NOTHING,
    Kind.COMPLAINT: Effect.SUPPRESS_FOR_EVER,
}

_SIMPLE = {
    Said.DELIVERED: Kind.DELIVERED,
    Said.DELAYED: Kind.DELAYED,
    Said.COMPLAINED: Kind.COMPLAINT,
}

_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
# Only beside a reply code or in qmail's "(#5.1.1)": versions look like a status too.
_REPLY = re.compile(
    r"(?<![\w.-])([45]\d\d)(?:[ -]+#?([45]\.\d{1,3}\.\d{1,3})(?![.\d]))?(?![\w.])"
    r"([^\r\n]*)",
    re.ASCII,  # Chinese letters may stand next to it
)
_HASHED = re.compile(r"#([45]\.\d{1,3}\.\d{1,3})(?![.\d])")


def judge(said: Said, status: str, words: str) -> Kind:
    """The kind of event: for a failure by its enhanced status (RFC 3463).

    Where the status says only "5.0.0" (Exim's always does), the one in the server's
    `words` counts, and without any, words that plainly name an unknown user.
    """
    if said is not Said.FAILED:
        return _SIMPLE[said]
    exact = exact_status(status, words)
    if exact in HARD_BOUNCES:
        return Kind.BOUNCE_HARD
    if exact.startswith("4."):
        return Kind.BOUNCE_SOFT
    if exact in {"", "5.0.0"} and says_unknown_user(reply_in(words)):
        return Kind.BOUNCE_HARD
    return Kind.BOUNCE_OTHER


def exact_status(status: str, words: str) -> str:
    """The most telling enhanced status there is, or ""."""
    found = _STATUS.match(status)
    given = found[1] if found else ""
    if given and not given.endswith(".0.0"):
        return given
    return status_in(words) or given


def status_in(words: str) -> str:
    """The enhanced status in a server's words; for a bare 4xx "4.0.0"; else ""."""
    found = _REPLY.search(words)
    if found and found[2]:
        return found[2]
    if hashed := _HASHED.search(words):
        return hashed[1]
    return "4.0.0" if found and found[1].startswith("4") else ""


def reply_in(words: str) -> Reply:
    """The SMTP reply in a diagnostic such as "smtp; 550 no such user"; code 0: none."""
    found = _REPLY.search(words)
    return Reply(int(found[1]), found[3].strip()) if found else Reply(0, "")
