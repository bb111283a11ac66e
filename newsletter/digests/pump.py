"""The pump: sends one digest for a while, in waves over many connections.

The order of RELIABILITY §1.4 is the whole point, for a wave as for one mail: re-check,
bodies, one commit of all intents, final dots, one commit of all answers. A crash
anywhere leaves rows from which the reaper knows whether a mail may have left: at most
one uncertain row for each connection.
"""

import logging
from collections.abc import Callable, Sequence
from functools import cache, partial

from django.conf import settings
from django.db import connection, transaction

from editorial import doorbell
from newsletter.models import Digest
from newsletter.postbox import (
    Cut,
    Fleet,
    Parcel,
    Phase,
    Reply,
    WireError,
    wire_address,
)
from newsletter.states import Outcome, PauseReason

from . import brakes, ledger
from .controls import finish_if_settled
from .copies import copier
from .ledger import Claim
from .ledger.statements import DIGESTS, SQL, fetch, written
from .letter import Letter, Unwritable
from .seats import Seat
from .shift import AWAY, Shift, keep_trying

logger = logging.getLogger(__name__)


def send_digest(*, digest_id: int, stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is due of a digest for about 20 seconds; how many were accepted.

    Rings for a successor while something is due. Any number may be called at once:
    those who find no free seat leave at once, and no two send the same row.
    `stopping` is asked before each wave: a worker that shuts down stops there.
    """
    seat = Seat.take(digest_id)
    if seat is None:
        return 0
    send = _send_over_an_api if settings.EMAIL_PROVIDER else _send_over_smtp
    try:
        shift = send(digest_id, seat, stopping)
    finally:
        seat.leave()
    if not finish_if_settled(digest_id=digest_id) and not shift.is_dry:
        ring_if_due(digest_id=digest_id)
    return shift.accepted


def _send_over_smtp(digest_id: int, seat: Seat, stopping: Callable[[], bool]) -> Shift:
    with Fleet[Claim]() as fleet:
        pump = _Pump(digest_id, fleet, seat, stopping)
        pump.run()
    return pump


def _send_over_an_api(
    digest_id: int, seat: Seat, stopping: Callable[[], bool]
) -> Shift:
    from .batches import send_in_batches  # with all that providers need

    return send_in_batches(digest_id, seat, stopping)


def ring_if_due(*, digest_id: int, times: int = 1) -> None:
    """Wake pumps for a digest, if it may send and a row is due."""
    digests = Digest.objects.ready_to_send().filter(pk=digest_id)
    if digests.exists() and ledger.has_due(digest_id):
        for _ in range(times):
            doorbell.ring("newsletter.send_digest", digest_id)


class _Pump(Shift):
    """One shift over SMTP."""

    def __init__(
        self,
        digest_id: int,
        fleet: Fleet[Claim],
        seat: Seat,
        stopping: Callable[[], bool],
    ) -> None:
        super().__init__(digest_id, seat, stopping)
        self.fleet = fleet
        self._copy_for = copier()

    @property
    def _is_busy(self) -> bool:
        return self.fleet.is_busy

    def _goes_on(self, error: WireError) -> bool:
        """The relay turns some connections away: the others do the work."""
        if error.phase is not Phase.CONNECT or not self.fleet.shrink():
            return False
        logger.info("the relay takes no more connections: %s", error)
        return True

    def run(self) -> None:
        try:
            while self._load() or self.fleet.is_busy:
                arrivals = self.fleet.run()
                self._note(
                    [(one.parcel.cargo, one.answer) for one in arrivals if one.answer]
                )
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
        except AWAY:  # what is on the wire is still to be answered and noted
            logger.warning("the database is away; no new wave", exc_info=True)
            connection.close()
            self._over = True
            return False

    def _load_at_most(self, room: int) -> bool:
        ready = _state_of_ready(self.digest_id)
        if ready is None:
            return False
        streak, backoffs, rate = ready
        self._troubled = bool(streak or backoffs)
        if self._troubled:  # so that a streak ends where it must
            room = max(1, min(room, brakes.LONGEST_STREAK - streak))
        claims = self._take(room)
        if not claims:
            return self._linger()
        with self._kept(claims):
            allowed = self._pace.take(len(claims), rate=rate)
            mailable = self._mailable(claims[:allowed])
        self._claims[:0] = claims[allowed:]
        if not allowed:
            return self._wait_for_pace()
        self._dry_since = None
        self._begin(mailable)
        return True

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
            self._claims[:0] = waiting  # put back in the end

    def _write(self) -> Letter:
        """The letter as it was frozen. Raises Unwritable for whatever prevents it."""
        digest = Digest.objects.get(pk=self.digest_id)
        self._content_hash = digest.content_hash
        try:
            return Letter.of(digest)
        except Exception as error:
            logger.exception("digest %s cannot be written", self.digest_id)
            raise Unwritable(f"{type(error).__name__}: {error}") from error

    def _stamp(self, letter: Letter, claim: Claim) -> None:
        """Begin the body of one copy; one that cannot be written fails at once."""
        try:
            wire_address(claim.address)
            copy = self._copy_for(claim)
            parcel = Parcel(
                cargo=claim,
                sender=letter.envelope_sender(copy),
                recipient=claim.address,
                message=letter.text(copy),
            )
        except WireError as error:
            self._note([(claim, error)])
        except Unwritable:
            raise
        except Exception as error:
            logger.exception("delivery %s cannot be written", claim.delivery_id)
            reply = Reply(0, f"{type(error).__name__}: {error}")
            ledger.fail(claim, Outcome.UNWRITTEN, reply)
            self._count([False])
        else:
            self.fleet.load(parcel)

    def _let_go(self, loaded: Sequence[Parcel[Claim]]) -> None:
        """One commit of all intents, then the dots of those that were granted."""
        if not loaded:
            return
        claims = [parcel.cargo for parcel in loaded]
        try:
            granted = self._commit(claims)
        except BaseException as error:
            # Without a clear answer to the COMMIT no dot may be sent.
            for parcel in loaded:
                self.fleet.drop(parcel)
            if not isinstance(error, AWAY):
                raise
            self._over = True
            keep_trying(partial(ledger.put_back, claims))
            return
        for parcel in loaded:
            if parcel.cargo in granted:
                self.fleet.dot(parcel)
            else:
                self.fleet.drop(parcel)
        self._withdraw([claim for claim in claims if claim not in granted])

    def _commit(self, claims: Sequence[Claim]) -> set[Claim]:
        """The intents that are granted; the next claim shares their commit."""
        more: list[Claim] = []
        with transaction.atomic():
            granted = ledger.intend(claims)
            if len(self._claims) < len(claims) and not self._over:
                more = self._claim_more()
        self._claims += more
        return granted

    def _leave(self) -> None:
        """Break what is still on the wire: nobody knows about a dot on its way."""
        unsent, dotted = self.fleet.abandon()
        waiting = [*self._claims, *(parcel.cargo for parcel in unsent)]
        if waiting:
            keep_trying(partial(ledger.put_back, waiting))
        silence = Cut(Phase.DOT, "no answer before the sender had to stop")
        self._note([(parcel.cargo, silence) for parcel in dotted])


@cache
def _written_state_of_ready() -> SQL:
    digests, parameters = written(
        Digest.objects.ready_to_send().values_list("error_streak", "backoffs", "rate")
    )
    return f"{digests} AND {DIGESTS}.id = %s", parameters


def _state_of_ready(digest_id: int) -> tuple[int, int, int | None] | None:
    """Errors in a row, times put off, and rate; None where it may not send now."""
    sql, parameters = _written_state_of_ready()
    for streak, backoffs, rate in fetch(sql, [*parameters, digest_id]):
        return streak, backoffs, rate
    return None
