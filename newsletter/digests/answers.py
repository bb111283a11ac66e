"""What a mail server's answer means for the row, the connection and the digest.

RELIABILITY §1.8 as one pure function, so that the whole table can be tested.
"""

import re
from enum import Enum, auto

from newsletter.postbox import Cut, Phase, Refused, Reply, WireError


class Verdict(Enum):
    RETRY = auto()  # this recipient, later; costs an attempt
    BOUNCE = auto()  # the mailbox does not exist: failed and suppressed
    FAIL = auto()  # refused for another reason: failed, never suppressed
    BREAK = auto()  # cut before the dot: nothing was sent, the row waits again
    UNCERTAIN = auto()  # cut after the dot: nobody knows
    BACK_OFF = auto()  # the connection rests; costs no recipient an attempt
    PAUSE = auto()  # nothing will go through until a person has looked


# RFC 3463: no such mailbox, host, syntax, moved, null MX (RFC 7505); disabled.
HARD_BOUNCES = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
ASK_TO_LOG_IN = frozenset({530, 534, 535})

_BARE_BOUNCE_CODES = frozenset({550, 551, 553})
_UNKNOWN_USER = re.compile(
    r"(user|recipient|mailbox|account|address)\b.{0,80}?"
    r"\b(unknown|not found|does(n't| not) exist|not exist|no longer exists|invalid)"
    r"|(unknown|no such|invalid|non-?existent)\s+(local\s+)?"
    r"(user|recipient|mailbox|account|address)",
    re.IGNORECASE,
)
_BEFORE_ANY_RECIPIENT = frozenset({Phase.CONNECT, Phase.LOGIN, Phase.MAIL})


def judge(error: WireError) -> Verdict:
    """What follows from a refusal or a cut."""
    if isinstance(error, Refused):
        return _judge_refusal(error.phase, error.reply)
    if isinstance(error, Cut) and error.phase is Phase.DOT:
        return Verdict.UNCERTAIN
    if error.phase in {Phase.CONNECT, Phase.LOGIN}:
        return Verdict.BACK_OFF
    return Verdict.BREAK


def _judge_refusal(phase: Phase, reply: Reply) -> Verdict:
    if reply.code in ASK_TO_LOG_IN:
        return Verdict.PAUSE
    if phase in _BEFORE_ANY_RECIPIENT:
        return Verdict.PAUSE if reply.code >= 500 else Verdict.BACK_OFF
    if reply.code == 421 and phase is not Phase.DOT:  # it speaks of the connection
        return Verdict.BACK_OFF
    if reply.code < 500:
        return Verdict.RETRY
    return Verdict.BOUNCE if is_hard_bounce(phase, reply) else Verdict.FAIL


def is_hard_bounce(phase: Phase, reply: Reply) -> bool:
    """Whether this 5xx says that the mailbox does not exist.

    One answer of a block list (550 5.7.1) must not suppress a whole list: an enhanced
    status decides alone, and words count only where there is none.
    """
    if reply.enhanced:
        return reply.enhanced in HARD_BOUNCES
    return phase is Phase.RCPT and says_unknown_user(reply)


def says_unknown_user(reply: Reply) -> bool:
    """Whether an answer without enhanced status says it in words."""
    return (
        reply.code in _BARE_BOUNCE_CODES
        and _UNKNOWN_USER.search(reply.text) is not None
    )
