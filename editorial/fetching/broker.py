"""One politeness for all workers and machines, kept by the broker.

For each host a time from which it may be asked again, and a handful of seats. Both run
out by themselves: a worker that is killed blocks nothing for long. The clock is the
broker's. Without a broker each process is polite by itself, and nobody waits for it.
"""

import asyncio
import secrets
import time
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from .manners import GAP, PER_HOST, SEAT_SECONDS, SHARED_PACE, ProcessPace

ANSWER_SECONDS = 0.4  # that the broker gets for an answer
AWAY_SECONDS = 10.0  # that it is left alone after it gave none
LEASE_SECONDS = SEAT_SECONDS + 20.0  # the last request of a seat may take its time
GATHER_SECONDS = 0.02  # in which questions come together; less than half a gap

# Answers a row of questions. Each has two keys, the host's seats and the time from
# which it is free, and six words: the name of a deed and what that needs.
_ANSWER_ALL = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local deeds = {}
function deeds.take_seat(taken, free_at, seat, seats, lease, patience, gap)
  redis.call('ZREMRANGEBYSCORE', taken, '-inf', now)
  if redis.call('ZCARD', taken) >= tonumber(seats) then return -1 end
  local free = math.max(tonumber(redis.call('GET', free_at) or '0'), now)
  if free - now <= tonumber(patience) then
    local next = free + gap
    redis.call('SET', free_at, next, 'PX', math.max(next - now, 1))
    redis.call('ZADD', taken, now + lease, seat)
    redis.call('PEXPIRE', taken, lease)
  end
  return free - now
end
function deeds.leave_seat(taken, free_at, seat)
  return redis.call('ZREM', taken, seat)
end
function deeds.rest(taken, free_at, pause)
  local free = math.max(tonumber(redis.call('GET', free_at) or '0'), now + pause)
  redis.call('SET', free_at, free, 'PX', math.max(free - now, 1))
  return 0
end
local answers = {}
for n = 1, #KEYS / 2 do
  local words = {unpack(ARGV, n * 6 - 5, n * 6)}
  answers[n] = deeds[words[1]](KEYS[n * 2 - 1], KEYS[n * 2], unpack(words, 2))
end
return answers
"""


@dataclass(slots=True)
class _Question:
    """A deed at a host with up to five arguments, and who waits for the answer."""

    host: str
    deed: str
    arguments: tuple[str | int, ...]
    answer: asyncio.Future[int | None] | None = None

    @property
    def keys(self) -> tuple[str, str]:
        return f"{_PREFIX}seats:{self.host}", f"{_PREFIX}free:{self.host}"

    @property
    def words(self) -> tuple[str | int, ...]:
        return (self.deed, *self.arguments, *[""] * (5 - len(self.arguments)))


class BrokerPace:
    """A pace for every worker of a broker; belongs to one event loop."""

    def __init__(
        self,
        url: str,
        *,
        gap: float = GAP,
        seats: int = PER_HOST,
        lease: float = LEASE_SECONDS,
        alone: ProcessPace = SHARED_PACE,
    ) -> None:
        self.gap = gap
        self._seats = seats
        self._lease = lease
        self._alone = alone
        self._away_until = 0.0
        self._broker: Redis = Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=None,
        )
        self._answer_all = self._broker.register_script(_ANSWER_ALL)
        self._questions: list[_Question] = []
        self._asking: asyncio.Task[None] | None = None

    async def take_seat(
        self, host: str, *, patience: float, count: int = 1
    ) -> tuple[str, float] | None:
        name, gap = secrets.token_hex(8), self.gap * count
        wait = await self._ask(
            host,
            "take_seat",
            *(name, self._seats, _milliseconds(self._lease)),
            *(_milliseconds(patience), _milliseconds(gap)),
        )
        if wait is None:
            alone = await self._alone.take_seat(host, patience=patience, count=count)
            return alone and (name, alone[1])
        return None if wait < 0 else (name, wait / 1000)

    async def leave_seat(self, host: str, seat: str) -> None:
        """Told with the next questions: nobody waits for an answer."""
        self._questions.append(_Question(host, "leave_seat", (seat,)))
        self._begin_to_ask()

    async def rest(self, host: str, seconds: float) -> None:
        await self._ask(host, "rest", _milliseconds(seconds))
        await self._alone.rest(host, seconds)  # should the broker go meanwhile

    async def close(self) -> None:
        if self._asking is not None:
            await self._asking
        await self._broker.aclose()

    async def _ask(self, host: str, deed: str, *arguments: str | int) -> int | None:
        """The answer to one question, None where the broker gives none.

        What is asked within a moment, or while another answer is on its way, goes out
        together: one connection, and hardly a request more for two hundred askers.
        """
        answer = asyncio.get_running_loop().create_future()
        self._questions.append(_Question(host, deed, arguments, answer))
        self._begin_to_ask()
        return await answer

    def _begin_to_ask(self) -> None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all())

    async def _ask_all(self) -> None:
        while self._questions:
            await asyncio.sleep(GATHER_SECONDS)
            asked, self._questions = self._questions, []
            answers = await self._put(asked)
            for question, answer in zip(asked, answers, strict=True):
                waiting = question.answer
                if waiting and not waiting.done():  # who asked may have given up
                    waiting.set_result(answer)

    async def _put(self, asked: list[_Question]) -> list[int | None]:
        if time.monotonic() < self._away_until:
            return [None] * len(asked)
        keys = [key for question in asked for key in question.keys]
        words = [word for question in asked for word in question.words]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._answer_all(keys=keys, args=words)
        except (RedisError, OSError, TimeoutError):
            self._leave_alone()
            return [None] * len(asked)

    def _leave_alone(self) -> None:
        self._away_until = time.monotonic() + AWAY_SECONDS


_PREFIX = "masthead:fetching:"


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
