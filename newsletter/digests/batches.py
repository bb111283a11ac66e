"""One sender over a provider's API: the pump's order, a batch at a time.

Re-check, one commit of the batch's intents, the call, one commit of its answers. While
a call is out, nobody knows; so a crash leaves its whole batch uncertain and listed, and
nothing is sent again by itself. A call that was refused as a whole was certainly not
taken: its rows wait again, and batches become smaller until the row that spoils them
is alone.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from django.conf import settings
from django.db import connection, transaction

from newsletter.models import Delivery, Digest
from newsletter.postbox import Cut, Phase, Refused, Reply, WireError
from newsletter.postbox.api_answers import Answer, Busy, Spoiled
from newsletter.postbox.carriers import Call, Carriers
from newsletter.postbox.mailing import Addressee, Mailing
from newsletter.postbox.providers import PROVIDERS, Way
from newsletter.states import DeliveryState, Outcome, PauseReason

from . import brakes, ledger
from .answers import Verdict, is_hard_bounce
from .copies import Copy
from .ledger import Claim
from .seats import Seat
from .shift import AWAY, Answered, Shift, keep_trying
from .wrapping import addressee_of, mailing_of

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 16  # calls of one sender
SHORT_REST = 5.0  # seconds for which a sender that is told to wait keeps its seat
_ABOUT_ADDRESS = re.compile(r"address|recipient|\bto\b|mailbox", re.IGNORECASE)


def send_in_batches(digest_id: int, seat: Seat, stopping: Callable[[], bool]) -> Shift:
    """One shift over the provider's API; the shift, when it is over."""
    single = PROVIDERS[settings.EMAIL_PROVIDER].way is Way.SINGLE
    at_once = min(settings.EMAIL_CONNECTIONS, MOST_AT_ONCE) if single else 2
    with Carriers(at_once) as carriers:
        shift = _Batches(digest_id, seat, stopping, carriers)
        shift.run()
    return shift


def judge_call(error: WireError) -> Verdict:
    """What follows from a provider's refusal, or from its silence."""
    if isinstance(error, Busy | Spoiled):
        return Verdict.BACK_OFF
    if isinstance(error, Refused):
        if error.phase is Phase.LOGIN:
            return Verdict.PAUSE
        bounced = is_hard_bounce(error.phase, error.reply)
        return Verdict.BOUNCE if bounced else Verdict.FAIL
    return Verdict.UNCERTAIN if error.phase is Phase.DOT else Verdict.BACK_OFF


@dataclass(frozen=True, slots=True)
class _Copies:
    """What goes out in one call, and whose it is."""

    mailing: Mailing
    claims: Sequence[Claim]
    to: Sequence[Addressee]

    def call(self) -> Call:
        name = "/".join(f"{one.delivery_id}:{one.token}" for one in self.claims)
        return Call(self.mailing, self.to, sha256(name.encode()).hexdigest())


class _Batches(Shift):
    """One shift over an API."""

    def __init__(
        self,
        digest_id: int,
        seat: Seat,
        stopping: Callable[[], bool],
        carriers: Carriers,
    ) -> None:
        super().__init__(digest_id, seat, stopping)
        self._carriers = carriers
        self._mailings: dict[bool, Mailing] = {}  # by whether it is text alone
        self._size = 0  # of a batch; 0 until the mail was looked at
        self._rest_until = 0.0

    def run(self) -> None:
        try:
            while self._wave():
                pass
        finally:
            if self._claims:
                keep_trying(partial(ledger.put_back, self._claims))

    def _wave(self) -> bool:
        """One batch; False when there is nothing (more) to begin."""
        time.sleep(max(0.0, min(self._rest_until - time.monotonic(), SHORT_REST)))
        try:
            return not self._is_over() and self._is_begun()
        except AWAY:
            logger.warning("the database is away; no new batch", exc_info=True)
            connection.close()
            self._over = True
            return False

    def _is_begun(self) -> bool:
        ready = self._ready().only("error_streak", "backoffs", "rate").first()
        if ready is None or not self._is_written():
            return False
        room = self._size
        self._troubled = bool(ready.error_streak or ready.backoffs)
        if self._troubled:  # so that a streak ends where it must
            room = max(1, min(room, brakes.LONGEST_STREAK - ready.error_streak))
        claims = self._take(room)
        if not claims:
            return self._linger()
        if not self._is_written():  # frozen again, and it cannot be made
            ledger.put_back(claims)
            return False
        allowed = self._pace.take(len(claims), rate=ready.rate)
        self._claims[:0] = claims[allowed:]
        if not allowed:
            return self._wait_for_pace()
        self._dry_since = None
        self._send(self._mailable(claims[:allowed]))
        return True

    def _is_written(self) -> bool:
        """Whether there is a mail to send; where it cannot be made, the digest stops."""
        if self._mailings:
            return True
        try:
            digest = Digest.objects.get(pk=self.digest_id)
            self._content_hash = digest.content_hash
            self._mailings = {
                short: mailing_of(digest, text_only=short) for short in (False, True)
            }
        except AWAY:
            raise
        except Exception as error:
            logger.exception("digest %s cannot be written", self.digest_id)
            self._pause(PauseReason.RENDERING, f"{type(error).__name__}: {error}")
            return False
        self._size = self._size or self._largest()
        return True

    def _let_go_of_an_old_letter(self) -> None:
        mine = Digest.objects.filter(pk=self.digest_id, content_hash=self._content_hash)
        if not mine.exists():
            self._mailings = {}

    def _largest(self) -> int:
        if PROVIDERS[settings.EMAIL_PROVIDER].way is Way.SINGLE:
            return self._carriers.at_once
        return self._carriers.most(self._mailings[False])

    def _take(self, count: int) -> list[Claim]:
        """One lease for one batch; what is left of it goes first."""
        if not self._claims:
            self._claims = ledger.claim(digest_id=self.digest_id, limit=count)
            self._let_go_of_an_old_letter()
        taken, self._claims = self._claims[:count], self._claims[count:]
        return taken

    def _send(self, claims: Sequence[Claim]) -> None:
        batches = list(self._addressed(claims))
        intended = [claim for batch in batches for claim in batch.claims]
        granted = self._intend(intended)
        calls = [_only(batch, granted) for batch in batches]
        out = [
            (batch, self._carriers.begin(batch.call()))
            for batch in calls
            if batch.claims
        ]
        self._await([future for _, future in out])
        answered: list[Answered] = []
        for batch, future in out:
            answers = _answers_of(future, len(batch.claims))
            answered += zip(batch.claims, answers, strict=True)
        self._note(answered)
        self._withdraw([claim for claim in intended if claim not in granted])
        self._grow(answered)

    def _addressed(self, claims: Sequence[Claim]) -> Iterator[_Copies]:
        """The calls they make; a copy that cannot be written fails at once."""
        for mailing in self._mailings.values():
            ours: list[tuple[Claim, Addressee]] = []
            for claim in claims:
                if mailing is self._mailings[claim.text_only]:
                    ours += self._addressee(claim, mailing)
            most = self._carriers.most(mailing)
            for at in range(0, len(ours), most):
                part = ours[at : at + most]
                yield _Copies(mailing, [c for c, _ in part], [a for _, a in part])

    def _addressee(
        self, claim: Claim, mailing: Mailing
    ) -> Iterator[tuple[Claim, Addressee]]:
        try:
            yield claim, addressee_of(Copy.for_claim(claim), mailing)
        except WireError as error:
            self._note([(claim, error)])
        except Exception as error:
            logger.exception("delivery %s cannot be written", claim.delivery_id)
            reply = Reply(0, f"{type(error).__name__}: {error}")
            ledger.fail(claim, Outcome.UNWRITTEN, reply)
            self._count([False])

    def _intend(self, claims: Sequence[Claim]) -> set[Claim]:
        """One commit of all intents; without a clear answer to it nothing leaves."""
        if not claims:
            return set()
        try:
            return ledger.intend(claims)
        except AWAY:
            logger.warning("the database is away; no call is made", exc_info=True)
            connection.close()
            self._over = True
            keep_trying(partial(ledger.put_back, claims))
            return set()

    def _await(self, futures: Sequence[Future[list[Answer]]]) -> None:
        """Let the calls come back; a worker that must stop waits only so long."""
        out = set(futures)
        while out and not self._is_late():
            _done, out = wait(out, timeout=0.5)
            self._is_over()  # keeps the seat, and hears of a stop

    @transaction.atomic
    def _write_down(
        self, answered: Sequence[Answered], accepted: Sequence[tuple[Claim, Reply]]
    ) -> None:
        ledger.name_mails(accepted)
        super()._write_down(answered, accepted)

    def _judge(self, error: WireError) -> Verdict:
        return judge_call(error)

    def _fail(self, claim: Claim, error: WireError) -> bool:
        """As over SMTP, but while nobody has got the digest yet and the provider does
        not speak of the reader, its refusal may be about the mail: it keeps the row."""
        if (
            isinstance(error, Refused)
            and error.phase is Phase.DATA
            and judge_call(error) is Verdict.FAIL
            and not self._is_right(error)
        ):
            ledger.defer(claim, error.reply)
            return True
        return super()._fail(claim, error)

    def _is_right(self, error: Refused) -> bool:
        if _ABOUT_ADDRESS.search(error.reply.text):
            return True
        sent = Delivery.objects.filter(
            digest_id=self.digest_id, state=DeliveryState.SENT
        )
        return sent.exists()

    def _goes_on(self, error: WireError) -> bool:
        if isinstance(error, Spoiled):
            return True
        if isinstance(error, Busy) and 0 < error.seconds <= SHORT_REST:
            self._rest_until = time.monotonic() + error.seconds
            return True
        return False

    def _rest_asked(self, error: WireError) -> float:
        return error.seconds if isinstance(error, Busy) else 0.0

    def _grow(self, answered: Sequence[Answered]) -> None:
        """Half of a batch that was refused as a whole; twice one that was not."""
        if any(isinstance(answer, Spoiled) for _, answer in answered):
            self._size = max(1, len(answered) // 2)
        elif any(isinstance(answer, Reply) for _, answer in answered):
            self._size = min(2 * self._size, self._largest())


def _only(batch: _Copies, granted: set[Claim]) -> _Copies:
    pairs = zip(batch.claims, batch.to, strict=True)
    kept = [(claim, one) for claim, one in pairs if claim in granted]
    return _Copies(batch.mailing, [c for c, _ in kept], [one for _, one in kept])


def _answers_of(future: Future[list[Answer]], count: int) -> list[Answer]:
    if not future.done():
        silence = Cut(Phase.DOT, "no answer before the sender had to stop")
        return [silence] * count
    return future.result()
