"""The pump: sends one digest for a while, in waves over many connections.

The order of RELIABILITY §1.4 is the whole point, for a wave as for one mail: re-check,
bodies, one commit of all intents, final dots, one commit of all answers. A crash
anywhere leaves rows from which the reaper knows whether a mail may have left: at most
one uncertain row for each connection.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from django.db import InterfaceError, OperationalError, connection, transaction

from editorial import doorbell
from editorial.states import IllegalTransition
from newsletter import suppressions
from newsletter.models import Digest
from newsletter.models.digest import DigestQuerySet
from newsletter.postbox import (
    Arrival,
    Cut,
    Fleet,
    Parcel,
    Phase,
    Refused,
    Reply,
    WireError,
    wire_address,
)
from newsletter.states import Outcome, PauseReason

from . import brakes, ledger
from .answers import Verdict, judge
from .controls import finish_if_settled, stop_sending
from .ledger import Claim
from .letter import Copy, Letter, Unwritable
from .pacing import Pace
from .seats import Seat

logger = logging.getLogger(__name__)

SHIFT = 20.0  # seconds by the pump's own clock, then it rings for the next
HOLD_RESULT = 60.0  # seconds to wait for a database that went away after the dot
LAST_ANSWERS = 20.0  # seconds that a worker told to stop waits for what is on the wire
SOON = 2.0  # seconds for which a paced row is worth waiting for
LOOK_AGAIN = 0.2
LONGEST_DROUGHT = 5.0  # seconds without any room before a sender leaves its seat
_AWAY = (OperationalError, InterfaceError)


def send_digest(*, digest_id: int, stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is due of a digest for about 20 seconds; how many were accepted.

    Rings for a successor while something is due. Any number may be called at once:
    those who find no free seat leave at once, and no two send the same row.
    `stopping` is asked before each wave: a worker that shuts down stops there.
    """
    seat = Seat.take(digest_id)
    if seat is None:
        return 0
    try:
        with Fleet[Claim]() as fleet:
            pump = _Pump(digest_id, fleet, seat, stopping)
            pump.run()
    finally:
        seat.leave()
    if not finish_if_settled(digest_id=digest_id) and not pump.is_dry:
        ring_if_due(digest_id=digest_id)
    return pump.accepted


def ring_if_due(*, digest_id: int, times: int = 1) -> None:
    """Wake pumps for a digest, if it may send and a row is due."""
    digests = Digest.objects.ready_to_send().filter(pk=digest_id)
    if digests.exists() and ledger.has_due(digest_id):
        for _ in range(times):
            doorbell.ring("newsletter.send_digest", digest_id)


class _Pump:
    """One shift of one sender. `over` ends it after what is on the wire."""

    def __init__(
        self,
        digest_id: int,
        fleet: Fleet[Claim],
        seat: Seat,
        stopping: Callable[[], bool],
    ) -> None:
        self.digest_id, self.fleet = digest_id, fleet
        self.accepted = 0
        self._seat, self._stopping = seat, stopping
        self._until = time.monotonic() + SHIFT
        self._stop_at: float | None = None
        self._letter: Letter | None = None
        self._pace = Pace(digest_id)
        self._dry_since: float | None = None
        self.is_dry = False  # a limit is used up; the sweep looks again
        self._claims: list[Claim] = []  # ours, and not begun
        self._over = self._troubled = False

    def run(self) -> None:
        try:
            while self._load() or self.fleet.is_busy:
                arrivals = self.fleet.run()
                self._note([one for one in arrivals if one.answer is not None])
                self._let_go([one.parcel for one in arrivals if one.answer is None])
                if self._is_late():
                    break
        finally:
            self._leave()

    def _load(self) -> bool:
        """Begin the bodies of a wave; False when there is nothing (more) to begin."""
        room = 0 if self._is_over() else self.fleet.room
        try:
            return room > 0 and self._load_at_most(room)
        except _AWAY:  # what is on the wire is still to be answered and noted
            logger.warning("the database is away; no new wave", exc_info=True)
            connection.close()
            self._over = True
            return False

    def _load_at_most(self, room: int) -> bool:
        ready = self._ready().only("error_streak", "backoffs", "rate").first()
        if ready is None:
            return False
        self._troubled = bool(ready.error_streak or ready.backoffs)
        if self._troubled:  # so that a streak ends where it must
            room = max(1, min(room, brakes.LONGEST_STREAK - ready.error_streak))
        claims = self._take(room)
        if not claims:
            return self._linger()
        allowed = self._pace.take(len(claims), rate=ready.rate)
        self._claims[:0] = claims[allowed:]
        if not allowed:
            return self._wait_for_pace()
        self._dry_since = None
        self._begin(self._mailable(claims[:allowed]))
        return True

    def _mailable(self, claims: Sequence[Claim]) -> list[Claim]:
        """Those of them who are to be mailed now; the others are passed over, or wait
        because their provider takes only so many."""
        skipped = ledger.reasons_to_skip(claims)
        for claim, reason in skipped.items():
            ledger.skip(claim, reason)
        rest = [claim for claim in claims if claim not in skipped]
        waits = self._pace.take_for([claim.address for claim in rest])
        ledger.put_off({c: wait for c, wait in zip(rest, waits, strict=True) if wait})
        return [claim for claim, wait in zip(rest, waits, strict=True) if not wait]

    def _linger(self) -> bool:
        """Stay where the next row is due in a moment: it is paced, not put off."""
        soon = ledger.is_due_within(self.digest_id, SOON)
        return soon and self._rest(LOOK_AGAIN)

    def _wait_for_pace(self) -> bool:
        """Wait for the next slot of a limit; for one that is far away, end the shift."""
        now = time.monotonic()
        self._dry_since = self._dry_since or now
        self.is_dry = now - self._dry_since > LONGEST_DROUGHT
        return not self.is_dry and self._rest(LOOK_AGAIN / 2)

    def _rest(self, seconds: float) -> bool:
        """Let time pass where nothing is on the wire; there is more to begin."""
        if not self.fleet.is_busy:
            time.sleep(seconds)
        return True

    def _take(self, count: int) -> list[Claim]:
        """The next rows; what a claim brought beyond this wave waits for the next."""
        if len(self._claims) < count:
            self._claims += ledger.claim(digest_id=self.digest_id)
        taken, self._claims = self._claims[:count], self._claims[count:]
        return taken

    def _begin(self, claims: Sequence[Claim]) -> None:
        waiting = list(reversed(claims))
        try:
            self._letter = self._letter or self._write()
            while waiting:
                self._stamp(self._letter, waiting[-1])
                waiting.pop()
        except Unwritable as error:
            self._pause(PauseReason.RENDERING, str(error))
        finally:
            ledger.put_back(waiting)

    def _write(self) -> Letter:
        """The letter as it was frozen. Raises Unwritable for whatever prevents it."""
        digest = Digest.objects.get(pk=self.digest_id)
        try:
            return Letter.of(digest)
        except Exception as error:
            logger.exception("digest %s cannot be written", self.digest_id)
            raise Unwritable(f"{type(error).__name__}: {error}") from error

    def _stamp(self, letter: Letter, claim: Claim) -> None:
        """Begin the body of one copy; one that cannot be written fails at once."""
        try:
            wire_address(claim.address)
            copy = Copy.for_claim(claim)
            parcel = Parcel(
                cargo=claim,
                sender=letter.envelope_sender(copy),
                recipient=claim.address,
                message=letter.stamp(copy),
            )
        except WireError as error:
            self._note([Arrival(Parcel(claim, "", claim.address, b""), error)])
        except Unwritable:
            raise
        except Exception as error:
            logger.exception("delivery %s cannot be written", claim.delivery_id)
            reply = Reply(0, f"{type(error).__name__}: {error}")
            ledger.fail(claim, Outcome.UNWRITTEN, reply)
            self._count([False])
        else:
            self.fleet.load(parcel)

    def _is_over(self) -> bool:
        if self._stopping():
            self._over = True
            self._stop_at = self._stop_at or time.monotonic() + LAST_ANSWERS
        self._over = (
            self._over or time.monotonic() > self._until or not self._seat.kept()
        )
        return self._over

    def _is_late(self) -> bool:
        return self._stop_at is not None and time.monotonic() > self._stop_at

    def _let_go(self, loaded: Sequence[Parcel[Claim]]) -> None:
        """One commit of all intents, then the dots of those that were granted."""
        if not loaded:
            return
        claims = [parcel.cargo for parcel in loaded]
        try:
            granted = ledger.intend(claims)
        except BaseException as error:
            # Without a clear answer to the COMMIT no dot may be sent.
            for parcel in loaded:
                self.fleet.drop(parcel)
            if not isinstance(error, _AWAY):
                raise
            self._over = True
            _keep_trying(partial(ledger.put_back, claims))
            return
        for parcel in loaded:
            if parcel.cargo in granted:
                self.fleet.dot(parcel)
            else:
                self.fleet.drop(parcel)
        self._withdraw([claim for claim in claims if claim not in granted])

    def _withdraw(self, claims: Sequence[Claim]) -> None:
        """The reader left, the digest stopped, or the lease is another's: no dot."""
        if not claims:
            return
        reasons = ledger.reasons_to_skip(claims)
        for claim, reason in reasons.items():
            ledger.skip(claim, reason)
        others = [claim for claim in claims if claim not in reasons]
        if others:
            ledger.put_back(others)
            self._over = self._over or not self._ready().exists()

    def _leave(self) -> None:
        """Break what is still on the wire: nobody knows about a dot on its way."""
        unsent, dotted = self.fleet.abandon()
        waiting = [*self._claims, *(parcel.cargo for parcel in unsent)]
        if waiting:
            _keep_trying(partial(ledger.put_back, waiting))
        silence = Cut(Phase.DOT, "no answer before the sender had to stop")
        self._note([Arrival(parcel, silence) for parcel in dotted])

    def _note(self, arrivals: Sequence[Arrival[Claim]]) -> None:
        """One commit of what the server answered."""
        if not arrivals:
            return
        accepted = [
            (arrival.parcel.cargo, arrival.answer)
            for arrival in arrivals
            if isinstance(arrival.answer, Reply)
        ]
        _keep_trying(partial(self._write_down, arrivals, accepted))
        self.accepted += len(accepted)

    @transaction.atomic
    def _write_down(
        self,
        arrivals: Sequence[Arrival[Claim]],
        accepted: Sequence[tuple[Claim, Reply]],
    ) -> None:
        """Safe to repeat."""
        noted = ledger.accept(accepted)
        for claim, _ in accepted:
            if claim.delivery_id not in noted and not ledger.is_sent(claim.delivery_id):
                # Given up and resent meanwhile: one of the few mails that go twice.
                logger.error("delivery %s got its 250 too late", claim.delivery_id)
        answers: list[bool] = []
        for arrival in arrivals:
            if isinstance(arrival.answer, WireError):
                error = self._fail(arrival.parcel.cargo, arrival.answer)
                answers += [False] if error else []
            else:
                answers.append(True)
        self._count(answers)
        self._hold_back(one.answer for one in arrivals)

    def _count(self, answers: Sequence[bool]) -> None:
        if self._troubled or False in answers:
            self._troubled = True
            if reason := brakes.note_answers(self.digest_id, answers):
                self._pause(reason)

    def _fail(self, claim: Claim, error: WireError) -> bool:
        """Note a refusal or a cut on its row; whether it counts as an error."""
        reply = error.reply if isinstance(error, Refused) else Reply(0, str(error))
        match judge(error):
            case Verdict.RETRY:
                ledger.defer(claim, reply)
            case Verdict.BOUNCE:
                ledger.fail(claim, Outcome.BOUNCED, reply)
                suppressions.suppress_bounced(address=claim.address, detail=str(reply))
            case Verdict.FAIL:
                return ledger.fail(claim, Outcome.REFUSED, reply)
            case Verdict.BREAK:
                return ledger.try_again(claim, reply)
            case Verdict.UNCERTAIN:
                return ledger.doubt(claim, str(error))
            case Verdict.BACK_OFF | Verdict.PAUSE:
                ledger.put_back([claim])
        return False

    def _hold_back(self, answers: Iterable[Reply | WireError | None]) -> None:
        """Rest or stop, once for a wave, where the relay asked for it."""
        errors = [answer for answer in answers if isinstance(answer, WireError)]
        for error in errors:
            if judge(error) is Verdict.PAUSE:
                self._pause(PauseReason.RELAY, str(error))
                return
        for error in errors:
            if judge(error) is not Verdict.BACK_OFF:
                continue
            if error.phase is Phase.CONNECT and self.fleet.shrink():
                logger.info("the relay takes no more connections: %s", error)
                continue
            brakes.back_off(self.digest_id, str(error))
            self._over = True
            return

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
        except _AWAY:
            if time.monotonic() > until:
                raise
            logger.warning("the database is away; holding a result", exc_info=True)
            connection.close()
            time.sleep(pause)
            pause = min(2 * pause, 2.0)
