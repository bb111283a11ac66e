"""A sender's turn at one digest: what is the same whichever way the mail leaves.

When it ends, which rows it takes, how fast, what an answer does to its row, and when
to stop. The order of intents and answers is its heirs': `pump` over SMTP, `batches` over
a provider's API.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from django.db import InterfaceError, OperationalError, connection, transaction

from editorial.states import IllegalTransition
from newsletter import suppressions
from newsletter.models import Digest
from newsletter.models.digest import DigestQuerySet
from newsletter.postbox import Refused, Reply, WireError
from newsletter.states import Outcome, PauseReason

from . import brakes, ledger
from .answers import Verdict, judge
from .controls import stop_sending
from .ledger import Claim
from .letter import Letter
from .pacing import Pace
from .seats import Seat

logger = logging.getLogger(__name__)

SHIFT = 20.0  # seconds by the sender's own clock, then it rings for the next
HOLD_RESULT = 60.0  # seconds to wait for a database that went away after the dot
LAST_ANSWERS = 20.0  # seconds that a worker told to stop waits for what is on the wire
SOON = 2.0  # seconds for which a paced row is worth waiting for
LOOK_AGAIN = 0.2
LONGEST_DROUGHT = 5.0  # seconds without any room before a sender leaves its seat
AWAY = (OperationalError, InterfaceError)

_NOT_OF_THE_MAIL = {Verdict.BACK_OFF, Verdict.PAUSE}
Answered = tuple[Claim, Reply | WireError]


class Shift:
    """One shift of one sender. `_over` ends it after what is on the wire."""

    def __init__(
        self, digest_id: int, seat: Seat, stopping: Callable[[], bool]
    ) -> None:
        self.digest_id = digest_id
        self.accepted = 0
        self.is_dry = False  # a limit is used up; the sweep looks again
        self._seat, self._stopping = seat, stopping
        self._until = time.monotonic() + SHIFT
        self._stop_at: float | None = None
        self._pace = Pace(digest_id)
        self._dry_since: float | None = None
        self._letter: Letter | None = None
        self._content_hash = ""  # of that letter
        self._claims: list[Claim] = []  # ours, and not begun
        self._over = self._troubled = False

    def run(self) -> None:
        raise NotImplementedError

    def _judge(self, error: WireError) -> Verdict:
        return judge(error)

    @property
    def _is_busy(self) -> bool:
        """Whether something is on the wire."""
        return False

    # --- when it ends

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

    def _ready(self) -> DigestQuerySet:
        return Digest.objects.ready_to_send().filter(pk=self.digest_id)

    # --- which rows, and how fast

    def _take(self, count: int) -> list[Claim]:
        """The next rows; what a claim brought beyond this wave waits for the next."""
        if len(self._claims) < count:
            self._claims += self._claim_more()
        taken, self._claims = self._claims[:count], self._claims[count:]
        return taken

    def _claim_more(self) -> list[Claim]:
        claims = ledger.claim(digest_id=self.digest_id)
        self._let_go_of_an_old_letter()
        return claims

    def _let_go_of_an_old_letter(self) -> None:
        """Write it anew if it was frozen again during a pause within this shift.

        Looked at after a claim: nothing is frozen again while one is held.
        """
        mine = Digest.objects.filter(pk=self.digest_id, content_hash=self._content_hash)
        if self._letter is not None and not mine.exists():
            self._letter = None

    @contextmanager
    def _kept(self, claims: Sequence[Claim]) -> Iterator[None]:
        """Where the database goes away, they are still ours: to be put back in the end
        rather than waited for until their lease is over."""
        try:
            yield
        except AWAY:
            self._claims[:0] = claims
            raise

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
        if not self._is_busy:
            time.sleep(seconds)
        return True

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

    # --- what was answered

    def _note(self, answered: Sequence[Answered]) -> None:
        """One commit of what the server answered."""
        if not answered:
            return
        accepted = [(c, reply) for c, reply in answered if isinstance(reply, Reply)]
        keep_trying(partial(self._write_down, answered, accepted))
        self.accepted += len(accepted)

    @transaction.atomic
    def _write_down(
        self, answered: Sequence[Answered], accepted: Sequence[tuple[Claim, Reply]]
    ) -> None:
        """Safe to repeat."""
        noted = ledger.accept(accepted)
        for claim, _ in accepted:
            if claim.delivery_id not in noted and not ledger.is_sent(claim.delivery_id):
                # Given up and resent meanwhile: one of the few mails that go twice.
                logger.error("delivery %s got its 250 too late", claim.delivery_id)
        ledger.put_back([claim for claim, answer in answered if self._is_free(answer)])
        counted: list[bool] = []
        for claim, answer in answered:
            if isinstance(answer, WireError):
                counted += [False] if self._fail(claim, answer) else []
            else:
                counted.append(True)
        self._count(counted)
        self._hold_back([one for _, one in answered if isinstance(one, WireError)])

    def _is_free(self, answer: Reply | WireError) -> bool:
        """Whether it was not about the mail, which waits again at no cost to it."""
        return isinstance(answer, WireError) and self._judge(answer) in _NOT_OF_THE_MAIL

    def _fail(self, claim: Claim, error: WireError) -> bool:
        """Note a refusal or a cut on its row; whether it counts as an error."""
        reply = error.reply if isinstance(error, Refused) else Reply(0, str(error))
        match self._judge(error):
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
        return False

    def _hold_back(self, errors: Sequence[WireError]) -> None:
        """Rest or stop, once for a wave, where the server asked for it."""
        for error in errors:
            if self._judge(error) is Verdict.PAUSE:
                self._pause(PauseReason.RELAY, str(error))
                return
        for error in errors:
            if self._judge(error) is Verdict.BACK_OFF and not self._goes_on(error):
                rest = self._rest_asked(error)
                words = ledger.without_addresses(str(error))
                brakes.back_off(self.digest_id, words, at_least=rest)
                self._over = True
                return

    def _goes_on(self, error: WireError) -> bool:
        """Whether sending goes on in spite of an answer that asks for a rest."""
        return False

    def _rest_asked(self, error: WireError) -> float:
        """For how many seconds the server asked to be left alone, where it said."""
        return 0.0

    def _count(self, answers: Sequence[bool]) -> None:
        if self._troubled or False in answers:
            self._troubled = True
            if reason := brakes.note_answers(self.digest_id, answers):
                self._pause(reason)

    def _pause(self, reason: PauseReason, detail: str = "") -> None:
        self._over = True
        digest = Digest.objects.get(pk=self.digest_id)
        try:
            detail = ledger.without_addresses(detail)
            stop_sending(digest, reason=reason, detail=detail)
        except IllegalTransition:
            logger.info("digest %s had been stopped already", self.digest_id)


def keep_trying(record: Callable[[], None]) -> None:
    """Write a result down even if the database is away for up to a minute.

    After a 250 a row must never look unsent. When the minute is over it stays
    `sending`, which the reaper turns into "uncertain", not into a second mail.
    """
    until, pause = time.monotonic() + HOLD_RESULT, 0.1
    while True:
        try:
            return record()
        except AWAY:
            if time.monotonic() > until:
                raise
            logger.warning("the database is away; holding a result", exc_info=True)
            connection.close()
            time.sleep(pause)
            pause = min(2 * pause, 2.0)
