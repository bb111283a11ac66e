"""The ledger: every write to a delivery row, each a conditional UPDATE.

A row is moved only from the state, and under the token, that its sender holds; what
a slower process still believes changes nothing. Leases run on the database's clock.
`states.DELIVERY_MOVES` is the table these functions follow.
"""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Now

from newsletter.models import Delivery, Digest, Subscriber, Suppression
from newsletter.postbox import Reply
from newsletter.states import DELIVERY_OPEN, DeliveryState, DigestState, Outcome

BATCH = 50
LEASE = timedelta(seconds=180)
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
AFTER_CUT = timedelta(seconds=30)
# A row that took its sender down twice is claimed alone; after five times, not again.
SUSPECT_AFTER, GIVE_UP_AFTER = 2, 5

WAITING = (DeliveryState.RETRY, DeliveryState.PENDING)
DOTTED = (DeliveryState.SENDING, DeliveryState.UNKNOWN)  # the dot was, or may be, sent

_ADDRESS = re.compile(r"[^\s<>\"'()\[\],;:]+@[^\s<>\"'()\[\],;]+")


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that is ours while its lease lives."""

    delivery_id: int
    digest_id: int
    token: str
    subscriber_id: int  # 0 where the reader was deleted
    address: str
    key: str  # of the subscriber, for the unsubscribe link
    attempts: int
    reaps: int
    name: str = ""
    text_only: bool = False


def claim(*, digest_id: int, limit: int = BATCH) -> list[Claim]:
    """Take up to `limit` due rows of a digest that is sending; in a short transaction.

    Two callers never get the same row. A suspect row (see SUSPECT_AFTER) comes alone.
    """
    token = secrets.token_hex(16)
    with transaction.atomic():
        ids = _due_ids(digest_id, limit)
        Delivery.objects.filter(
            _digest_is_sending(), pk__in=ids, state__in=WAITING
        ).update(
            state=DeliveryState.CLAIMED,
            token=token,
            lease_until=Now() + LEASE,
            updated_at=Now(),
        )
    rows = Delivery.objects.filter(pk__in=ids, token=token).order_by("pk")
    return [_claimed(token, *row) for row in rows.values_list(*_OF_A_CLAIM)]


_OF_A_CLAIM = (
    *("pk", "digest_id", "subscriber_id", "address", "attempts", "reaps"),
    *("subscriber__key", "subscriber__name", "subscriber__wants"),
)


def _claimed(
    token: str,
    delivery_id: int,
    digest_id: int,
    subscriber_id: int | None,  # None: deleted; the re-check passes them over
    address: str,
    attempts: int,
    reaps: int,
    key: str | None,
    name: str | None,
    wants: str | None,
) -> Claim:
    return Claim(
        delivery_id=delivery_id,
        digest_id=digest_id,
        token=token,
        subscriber_id=subscriber_id or 0,
        address=address,
        key=key or "",
        attempts=attempts,
        reaps=reaps,
        name=name or "",
        text_only=wants == Subscriber.Wants.TEXT,
    )


def _due_ids(digest_id: int, limit: int) -> list[int]:
    # One state at a time: the index then gives the rows in order, however long the
    # ledger. Outside PostgreSQL select_for_update does nothing, and an immediate
    # transaction is alone anyway.
    due = Delivery.objects.filter(digest_id=digest_id, next_attempt_at__lte=Now())
    due = due.order_by("next_attempt_at").select_for_update(skip_locked=True)
    ids: list[int] = []
    for state in WAITING:
        rows = due.filter(state=state, reaps__lt=SUSPECT_AFTER)
        ids += rows.values_list("pk", flat=True)[: limit - len(ids)]
    if ids:
        return ids
    suspects = due.filter(state__in=WAITING, reaps__gte=SUSPECT_AFTER)
    return list(suspects.values_list("pk", flat=True)[:1])


def has_due(digest_id: int) -> bool:
    """Whether a claim made now could find a row."""
    return Delivery.objects.filter(
        digest_id=digest_id, state__in=WAITING, next_attempt_at__lte=Now()
    ).exists()


def reasons_to_skip(claims: Sequence[Claim]) -> dict[Claim, Outcome]:
    """Those of them who must not be mailed (any more), and why: the re-check."""
    readers = [claim.subscriber_id for claim in claims]
    mailable = set(
        Subscriber.objects.mailable()
        .filter(pk__in=readers)
        .values_list("pk", flat=True)
    )
    return {
        claim: _reason_to_skip(claim)
        for claim in claims
        if claim.subscriber_id not in mailable
    }


def _reason_to_skip(claim: Claim) -> Outcome:
    reader = Subscriber.objects.filter(pk=claim.subscriber_id)
    suppressed = Suppression.objects.filter(
        canonical_address__in=reader.values("canonical_address")
    )
    if suppressed.exists():
        return Outcome.SUPPRESSED
    paused = Subscriber.objects.paused().filter(pk=claim.subscriber_id).exists()
    return Outcome.PAUSED if paused else Outcome.LEFT


@transaction.atomic
def intend(claims: Sequence[Claim]) -> set[Claim]:
    """Commit that the final dots are about to be sent: for these, and for no others.

    Granted only while the lease lives, the digest is sending (a pause or a withdrawal
    stops it right here) and the reader is still subscribed. The lease starts anew, so
    that it outlives the longest wait for an answer.
    """
    granted: set[Claim] = set()
    reader = Subscriber.objects.mailable().filter(pk=OuterRef("subscriber_id"))
    for token, ours in _by_token(claims).items():
        rows = Delivery.objects.filter(
            _digest_is_sending(),
            Exists(reader),
            pk__in=ours,
            token=token,
            state=DeliveryState.CLAIMED,
            lease_until__gt=Now(),
        )
        # A row that somebody else is moving is not waited for: it gets no dot.
        locked = rows.order_by("pk").select_for_update(skip_locked=True)
        ids = list(locked.values_list("pk", flat=True))
        Delivery.objects.filter(pk__in=ids).update(
            state=DeliveryState.SENDING, lease_until=Now() + LEASE, updated_at=Now()
        )
        granted.update(ours[pk] for pk in ids)
    return granted


def _by_token(claims: Iterable[Claim]) -> dict[str, dict[int, Claim]]:
    groups: dict[str, dict[int, Claim]] = {}
    for claim in claims:
        groups.setdefault(claim.token, {})[claim.delivery_id] = claim
    return groups


def accept(answers: Sequence[tuple[Claim, Reply]]) -> set[int]:
    """Note the server's 250s, even when they come late; the deliveries so noted.

    One that is not among them has moved on. A statement of its own, because Django
    has no UPDATE that gives each row its own words but one CASE of all of them, which
    takes longer to write than to run.
    """
    if not answers:
        return set()
    now, _ = (
        Delivery.objects.all().query.get_compiler(connection=connection).compile(Now())
    )
    row = (
        "(CAST(%s AS BIGINT), CAST(%s AS TEXT), CAST(%s AS INTEGER), CAST(%s AS TEXT))"
    )
    values: list[int | str] = []
    for claim, reply in answers:
        values += [claim.delivery_id, claim.token, reply.code, _words(reply)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {connection.ops.quote_name(Delivery._meta.db_table)} SET
                state = %s, outcome = %s, token = '', lease_until = NULL,
                code = answer.column3, reply = answer.column4,
                attempts = attempts + 1,
                answered_at = {now}, sent_at = {now}, updated_at = {now}
            FROM (VALUES {", ".join([row] * len(answers))}) AS answer
            WHERE id = answer.column1 AND token = answer.column2
                AND state IN (%s, %s)
            RETURNING id
            """,  # noqa: S608  (no value is written into it)
            [DeliveryState.SENT, Outcome.ACCEPTED, *values, *DOTTED],
        )
        return {delivery_id for (delivery_id,) in cursor.fetchall()}


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


@transaction.atomic
def put_back(claims: Iterable[Claim]) -> None:
    """Let rows wait again, at no cost to them: the server did not take the message.

    Claimed or intended: the caller knows that no dot was sent, or that it was refused.
    """
    back = {"lease_until": None, "token": "", "updated_at": Now()}
    for token, ours in _by_token(claims).items():
        rows = Delivery.objects.filter(pk__in=ours, token=token)
        claimed = rows.filter(state=DeliveryState.CLAIMED)
        claimed.update(state=DeliveryState.PENDING, **back)
        rows.filter(state__in=DOTTED).update(state=DeliveryState.RETRY, **back)


def put_off(waits: Mapping[Claim, float]) -> None:
    """Let rows wait for so many seconds, at no cost to them: their turn comes later."""
    for claim, seconds in waits.items():
        Delivery.objects.filter(
            pk=claim.delivery_id, token=claim.token, state=DeliveryState.CLAIMED
        ).update(
            state=DeliveryState.PENDING,
            token="",
            lease_until=None,
            next_attempt_at=Now() + timedelta(seconds=seconds),
            updated_at=Now(),
        )


def left_within(seconds: int, *, domains: Sequence[str] = ()) -> int:
    """How many mails may have left in the last so many seconds (to these domains)."""
    dots = Q(state__in=(DeliveryState.SENT, DeliveryState.SENDING))
    since = Now() - timedelta(seconds=seconds)
    rows = Delivery.objects.filter(dots | ~Q(code=None), updated_at__gt=since)
    if domains:
        ends = [Q(canonical_address__endswith=f"@{domain}") for domain in domains]
        rows = rows.filter(reduce(or_, ends))
    return rows.count()


def is_due_within(digest_id: int, seconds: float) -> bool:
    """Whether a row will be due so soon that waiting for it is worth while."""
    return Delivery.objects.filter(
        digest_id=digest_id,
        state__in=WAITING,
        next_attempt_at__lte=Now() + timedelta(seconds=seconds),
    ).exists()


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


def reap() -> tuple[int, int]:
    """Take back the rows of dead senders: (waiting again, uncertain).

    Before the intent no dot was sent: such a row waits again. After it nobody knows.
    """
    dead = Delivery.objects.filter(lease_until__lte=Now())
    claimed = dead.filter(state=DeliveryState.CLAIMED)
    buried = {
        "lease_until": None,
        "outcome": Outcome.CRASHED,
        "reaps": F("reaps") + 1,
        "updated_at": Now(),
    }
    claimed.filter(reaps__gte=GIVE_UP_AFTER - 1).update(
        state=DeliveryState.FAILED, token="", answered_at=Now(), **buried
    )
    waiting = claimed.update(state=DeliveryState.PENDING, token="", **buried)
    uncertain = dead.filter(state=DeliveryState.SENDING).update(
        state=DeliveryState.UNKNOWN, answered_at=Now(), **buried
    )
    return waiting, uncertain


def skip_the_rest(digest_id: int) -> int:
    """Pass over every row of a cancelled digest whose dot was not sent."""
    return Delivery.objects.filter(
        digest_id=digest_id, state__in=(*WAITING, DeliveryState.CLAIMED)
    ).update(
        state=DeliveryState.SKIPPED,
        outcome=Outcome.CANCELLED,
        token="",
        lease_until=None,
        updated_at=Now(),
    )


def assume_delivered(digest_id: int) -> int:
    """Close the uncertain rows as sent; how many."""
    return (
        Delivery.objects.uncertain()
        .filter(digest_id=digest_id)
        .update(
            state=DeliveryState.SENT,
            outcome=Outcome.ASSUMED,
            sent_at=F("answered_at"),
            updated_at=Now(),
        )
    )


def resend(digest_id: int) -> int:
    """Let the uncertain rows wait again, each at most once ever; how many.

    Nobody can thus get a third copy.
    """
    return (
        Delivery.objects.resendable()
        .filter(digest_id=digest_id)
        .update(
            state=DeliveryState.PENDING,
            token="",
            resends=F("resends") + 1,
            next_attempt_at=Now(),
            updated_at=Now(),
        )
    )


def readdress(old: Subscriber, new: Subscriber) -> int:
    """Let what still waits for one address go to the other; how many rows.

    Not where the other has a row of its own in the same digest.
    """
    has_one = Delivery.objects.filter(
        digest_id=OuterRef("digest_id"), canonical_address=new.canonical_address
    )
    return Delivery.objects.filter(
        ~Exists(has_one), subscriber=old, state__in=WAITING
    ).update(
        subscriber=new,
        address=new.address,
        canonical_address=new.canonical_address,
        updated_at=Now(),
    )


def forget(subscriber: Subscriber) -> None:
    """Take a reader who is being deleted out of the rows; the counts stay.

    What still waits is passed over. What is on its way keeps its row, which a late
    answer finds by its token.
    """
    rows = Delivery.objects.filter(subscriber=subscriber)
    rows.filter(state__in=WAITING).update(
        state=DeliveryState.SKIPPED, outcome=Outcome.LEFT, answered_at=Now()
    )
    nameless = Concat(Value("deleted-"), Cast("pk", models.CharField()))
    rows.update(address="", canonical_address=nameless, updated_at=Now())


def has_open(digest_id: int) -> bool:
    """Whether any row is not settled yet."""
    return Delivery.objects.filter(
        digest_id=digest_id, state__in=DELIVERY_OPEN
    ).exists()


def tally(digest_id: int) -> dict[DeliveryState, int]:
    """How many rows stand in each state; every state has its number."""
    counts = dict(
        Delivery.objects.filter(digest_id=digest_id)
        .order_by()
        .values_list("state")
        .annotate(models.Count("pk"))
    )
    return {state: counts.get(state.value, 0) for state in DeliveryState}


def _digest_is_sending() -> Exists:
    return Exists(
        Digest.objects.filter(pk=OuterRef("digest_id"), state=DigestState.SENDING)
    )
