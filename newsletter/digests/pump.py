"""The pump: sends one digest for a while over one connection, a row at a time.

The order of RELIABILITY §1.4 is the whole point: re-check, body, committed intent,
final dot, committed answer. A crash anywhere leaves a row from which the reaper knows
whether a mail may have left.
"""

import logging
import time
from collections.abc import Callable
from functools import partial

from django.db import InterfaceError, OperationalError, connection

from editorial import doorbell
from editorial.states import IllegalTransition
from newsletter import suppressions
from newsletter.models import Digest
from newsletter.models.digest import DigestQuerySet
from newsletter.postbox import Postbox, Refused, Reply, WireError
from newsletter.states import Outcome, PauseReason

from . import brakes, ledger
from .answers import Verdict, judge
from .controls import finish_if_settled, stop_sending
from .ledger import Claim
from .letter import Copy, Letter
from .seats import Seat

logger = logging.getLogger(__name__)


SHIFT = 20.0  # seconds by the pump's own clock, then it rings for the next
HOLD_RESULT = 60.0  # seconds to wait for a database that went away after the dot


def send_digest(*, digest_id: int, stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is due of a digest for about 20 seconds; how many were accepted.

    Rings for a successor while something is due. Any number may be called at once:
    those who find no free seat leave at once, and no two send the same row.
    `stopping` is asked before each row: a worker that shuts down stops there.
    """
    seat = Seat.take(digest_id)
    if seat is None:
        return 0
    try:
        with Postbox() as postbox:
            pump = _Pump(digest_id, postbox, seat, stopping)
            pump.run()
    finally:
        seat.leave()
    if not finish_if_settled(digest_id=digest_id):
        ring_if_due(digest_id=digest_id)
    return pump.accepted


def ring_if_due(*, digest_id: int, times: int = 1) -> None:
    """Wake pumps for a digest, if it may send and a row is due."""
    digests = Digest.objects.ready_to_send().filter(pk=digest_id)
    if digests.exists() and ledger.has_due(digest_id):
        for _ in range(times):
            doorbell.ring("newsletter.send_digest", digest_id)


class _Pump:
    """One shift of one connection. `over` ends it early."""

    def __init__(
        self,
        digest_id: int,
        postbox: Postbox,
        seat: Seat,
        stopping: Callable[[], bool],
    ) -> None:
        self.digest_id, self.postbox = digest_id, postbox
        self.accepted = 0
        self._seat, self._stopping = seat, stopping
        self._until = time.monotonic() + SHIFT
        self._over = self._troubled = False

    def run(self) -> None:
        letter: Letter | None = None
        while not self._is_over():
            digest = self._ready().only("error_streak", "backoffs").first()
            claims = ledger.claim(digest_id=self.digest_id) if digest else []
            if digest is None or not claims:
                return
            self._troubled = bool(digest.error_streak or digest.backoffs)
            letter = letter or Letter.of(Digest.objects.get(pk=self.digest_id))
            self._send_batch(letter, claims)

    def _send_batch(self, letter: Letter, claims: list[Claim]) -> None:
        waiting = list(reversed(claims))
        try:
            while waiting and not self._is_over():
                self._send_one(letter, waiting.pop())
        finally:
            ledger.release(waiting)

    def _is_over(self) -> bool:
        return (
            self._over
            or time.monotonic() > self._until
            or self._stopping()
            or not self._seat.kept()
        )

    def _send_one(self, letter: Letter, claim: Claim) -> None:
        if reason := ledger.reason_to_skip(claim):
            ledger.skip(claim, reason)
            return
        try:
            reply = self._transfer(letter, claim)
        except WireError as error:
            _keep_trying(partial(self._note_failure, claim, error))
        else:
            if reply is None:
                self._withdraw(claim)
            else:
                _keep_trying(partial(self._note_acceptance, claim, reply))
                self.accepted += 1

    def _transfer(self, letter: Letter, claim: Claim) -> Reply | None:
        """Body, committed intent, dot; None where the intent was not granted."""
        copy = Copy.for_claim(claim)
        self.postbox.deliver_body(
            sender=letter.envelope_sender(copy),
            recipient=claim.address,
            message=letter.stamp(copy),
        )
        try:
            intended = ledger.intend(claim)
        except BaseException:
            # Without a clear answer to the COMMIT the dot must not be sent.
            self.postbox.drop()
            raise
        return self.postbox.dot() if intended else None

    def _withdraw(self, claim: Claim) -> None:
        """The reader left, the digest stopped, or the lease is another's: no dot."""
        self.postbox.drop()
        reason = ledger.reason_to_skip(claim)
        if reason:
            ledger.skip(claim, reason)
        else:
            ledger.put_back(claim)
            self._over = not self._ready().exists()

    def _note_acceptance(self, claim: Claim, reply: Reply) -> None:
        """Write down a 250. Safe to repeat."""
        if not ledger.accept(claim, reply) and not ledger.is_sent(claim):
            # Given up and resent meanwhile: one of the few mails that go twice.
            logger.error("delivery %s got its 250 too late", claim.delivery_id)
        if self._troubled:
            brakes.note_success(self.digest_id)
            self._troubled = False

    def _note_failure(self, claim: Claim, error: WireError) -> None:
        """Carry out the verdict on a refusal or a cut. Safe to repeat."""
        verdict = judge(error)
        reply = error.reply if isinstance(error, Refused) else Reply(0, str(error))
        match verdict:
            case Verdict.RETRY:
                ledger.defer(claim, reply)
            case Verdict.BOUNCE:
                ledger.fail(claim, Outcome.BOUNCED, reply)
                suppressions.suppress_bounced(address=claim.address, detail=str(reply))
            case Verdict.FAIL:
                self._count_error(ledger.fail(claim, Outcome.REFUSED, reply))
            case Verdict.BREAK:
                self._count_error(ledger.try_again(claim, reply))
            case Verdict.UNCERTAIN:
                self._count_error(ledger.doubt(claim, str(error)))
            case Verdict.BACK_OFF:
                ledger.put_back(claim)
                brakes.back_off(self.digest_id, str(error))
                self._over = True
            case Verdict.PAUSE:
                ledger.put_back(claim)
                self._pause(PauseReason.RELAY, str(error))

    def _count_error(self, noted: bool) -> None:
        self._troubled = True
        if noted and (reason := brakes.note_error(self.digest_id)):
            self._pause(reason)

    def _pause(self, reason: PauseReason, detail: str = "") -> None:
        self._over = True
        digest = Digest.objects.get(pk=self.digest_id)
        try:
            stop_sending(digest, reason=reason, detail=detail)
        except IllegalTransition:
            logger.info("digest %s had been stopped already", self.digest_id)

    def _ready(self) -> DigestQuerySet:
        return Digest.objects.ready_to_send().filter(pk=self.digest_id)


def _keep_trying(record: Callable[[], None]) -> None:
    """Write a result down even if the database is away for up to a minute.

    After a 250 a row must never look unsent. When the minute is over it stays
    `sending`, which the reaper turns into "uncertain", not into a second mail.
    """
    until, pause = time.monotonic() + HOLD_RESULT, 0.1
    while True:
        try:
            return record()
        except (OperationalError, InterfaceError):
            if time.monotonic() > until:
                raise
            logger.warning("the database is away; holding a result", exc_info=True)
            connection.close()
            time.sleep(pause)
            pause = min(2 * pause, 2.0)
