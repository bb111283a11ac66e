"""What became of a claimed row: the server's answer, or the lack of one."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from functools import cache

from django.db.models import F
from django.db.models.functions import Now

from newsletter.models import Delivery
from newsletter.postbox import Reply
from newsletter.states import DeliveryState, Outcome

from .rows import DOTTED, GIVE_UP_AFTER, Claim
from .statements import DELIVERIES, SQL, fetch, now, table_of

RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
AFTER_CUT = timedelta(seconds=30)
_ADDRESS = re.compile(r"[^\s<>\"'()\[\],;:]+@[^\s<>\"'()\[\],;]+")


def accept(answers: Sequence[tuple[Claim, Reply]]) -> set[int]:
    """Note the server's 250s, even when they come late; the deliveries so noted.

    One that is not among them has moved on.
    """
    if not answers:
        return set()
    sql, parameters = _accepting()
    said = [
        (claim.delivery_id, claim.token, reply.code, _words(reply))
        for claim, reply in answers
    ]
    words = json.dumps(said, ensure_ascii=False)
    rows = fetch(sql, [words, *parameters, *DOTTED])
    return {delivery_id for (delivery_id,) in rows}


@cache
def _accepting() -> SQL:
    columns = {"row": "bigint", "token": "text", "code": "integer", "reply": "text"}
    # By id, one after the other, never by state: that index still holds every row that
    # was ever in one. With a list of all ids as well PostgreSQL would compare each
    # answer with each row, which for a batch of 1,000 takes six times as long.
    sql = f"""
        WITH {table_of("answer", columns)}
        UPDATE {DELIVERIES} SET
            state = %s, outcome = %s, token = '', lease_until = NULL,
            code = answer.code, reply = answer.reply, attempts = attempts + 1,
            answered_at = {now()}, sent_at = {now()}, updated_at = {now()}
        FROM answer
        WHERE id = answer.row
            AND {DELIVERIES}.token = answer.token AND (state IN (%s, %s)) IS TRUE
        RETURNING id
    """  # noqa: S608  (no value is written into it)
    return sql, [DeliveryState.SENT, Outcome.ACCEPTED]


def is_sent(delivery_id: int) -> bool:
    return Delivery.objects.filter(pk=delivery_id, state=DeliveryState.SENT).exists()


def fail(claim: Claim, outcome: Outcome, reply: Reply) -> bool:
    """Note a refusal for good."""
    return _settle(
        claim,
        (DeliveryState.CLAIMED, *DOTTED),
        DeliveryState.FAILED,
        outcome,
        reply,
        attempts=F("attempts") + 1,
    )


def defer(claim: Claim, reply: Reply) -> bool:
    """Note a 4xx: again at 1, 5 and 30 minutes, 2 and 6 hours, then failed."""
    if claim.attempts >= len(RETRY_AFTER):
        return fail(claim, Outcome.EXHAUSTED, reply)
    return _settle(
        claim,
        (DeliveryState.CLAIMED, *DOTTED),
        DeliveryState.RETRY,
        Outcome.DEFERRED,
        reply,
        attempts=F("attempts") + 1,
        next_attempt_at=Now() + RETRY_AFTER[claim.attempts],
    )


def try_again(claim: Claim, reply: Reply) -> bool:
    """Let the row wait half a minute after a cut before its dot.

    One that is cut off every time is a suspect (SUSPECT_AFTER), and in the end it is
    put off like a refusal for now, so that it cannot go round for ever.
    """
    if claim.reaps + 1 >= GIVE_UP_AFTER:
        return defer(claim, reply)
    return _settle(
        claim,
        (DeliveryState.CLAIMED,),
        DeliveryState.PENDING,
        Outcome.CUT,
        reply,
        reaps=F("reaps") + 1,
        next_attempt_at=Now() + AFTER_CUT,
    )


def skip(claim: Claim, outcome: Outcome) -> bool:
    """Pass over a reader who must not be mailed."""
    return _settle(claim, (DeliveryState.CLAIMED,), DeliveryState.SKIPPED, outcome)


def doubt(claim: Claim, reason: str) -> bool:
    """Note that nobody knows whether the server took the message."""
    return _settle(
        claim,
        (DeliveryState.SENDING,),
        DeliveryState.UNKNOWN,
        Outcome.CUT,
        Reply(0, reason),
        token=claim.token,  # a late answer must still find its row
    )


def _settle(
    claim: Claim,
    from_states: tuple[DeliveryState, ...],
    to: DeliveryState,
    outcome: Outcome,
    reply: Reply | None = None,
    **fields: object,
) -> bool:
    if reply is not None:
        fields["code"] = reply.code or None
        fields["reply"] = without_addresses(reply.text)[:500]
    changes = {"token": "", "lease_until": None, **fields}
    return bool(
        Delivery.objects.filter(
            pk=claim.delivery_id, token=claim.token, state__in=from_states
        ).update(
            state=to,
            outcome=outcome,
            answered_at=Now(),
            updated_at=Now(),
            **changes,
        )
    )


def without_addresses(words: str) -> str:
    """A server's words as editors may see them."""
    return _ADDRESS.sub("…", words)


def _words(reply: Reply) -> str:
    return without_addresses(reply.text)[:500]
