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

# Answers a row of questions: for each key the name of a deed and what it needs.
_ANSWER_ALL = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local deeds = {}
function deeds.reserve(key, patience, gap)
  local free = math.max(tonumber(redis.call('GET', key) or '0'), now)
  if free - now <= tonumber(patience) then
    local next = free + gap
    redis.call('SET', key, next, 'PX', math.max(next - now, 1))
  end
  return free - now
end
function deeds.rest(key, pause)
  local free = math.max(tonumber(redis.call('GET', key) or '0'), now + pause)
  redis.call('SET', key, free, 'PX', math.max(free - now, 1))
  return 0
end
function deeds.sit_down(key, seat, seats, lease)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  if redis.call('ZCARD', key) >= tonumber(seats) then return 0 end
  redis.call('ZADD', key, now + lease, seat)
  redis.call('PEXPIRE', key, lease)
  return 1
end
function deeds.stand_up(key, seat)
  return redis.call('ZREM', key, seat)
end
local answers = {}
for n, key in ipairs(KEYS) do
  local at = (n - 1) * 4
  answers[n] = deeds[ARGV[at + 1]](key, ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
end
return answers
"""


@dataclass(slots=True)
class _Question:
    """A deed upon a key with up to three arguments, and who waits for the answer."""

    key: str
    deed: str
    arguments: tuple[str | int, ...]
    answer: asyncio.Future[int | None]

    @property
    def words(self) -> tuple[str | int, ...]:
        return (self.deed, *self.arguments, *[""] * (3 - len(self.arguments)))


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

    async def take_seat(self, host: str) -> str | None:
        seat = secrets.token_hex(8)
        lease = _milliseconds(self._lease)
        taken = await self._ask(f"seats:{host}", "sit_down", seat, self._seats, lease)
        return None if taken == 0 else seat

    async def leave_seat(self, host: str, seat: str) -> None:
        await self._ask(f"seats:{host}", "stand_up", seat)

    async def reserve(self, host: str, *, patience: float, count: int = 1) -> float:
        gap = _milliseconds(self.gap * count)
        wait = await self._ask(f"free:{host}", "reserve", _milliseconds(patience), gap)
        if wait is None:
            return await self._alone.reserve(host, patience=patience, count=count)
        return wait / 1000

    async def rest(self, host: str, seconds: float) -> None:
        await self._ask(f"free:{host}", "rest", _milliseconds(seconds))
        await self._alone.rest(host, seconds)  # should the broker go meanwhile

    async def close(self) -> None:
        await self._broker.aclose()

    async def _ask(self, key: str, deed: str, *arguments: str | int) -> int | None:
        """The answer to one question, None where the broker gives none.

        What is asked while another answer is on its way goes out together when that
        is there: one connection, and hardly a request more for two hundred askers.
        """
        answer = asyncio.get_running_loop().create_future()
        self._questions.append(_Question(_PREFIX + key, deed, arguments, answer))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all())
        return await answer

    async def _ask_all(self) -> None:
        while asked := self._questions:
            self._questions = []
            answers = await self._put(asked)
            for question, answer in zip(asked, answers, strict=True):
                if not question.answer.done():  # who asked may have given up
                    question.answer.set_result(answer)

    async def _put(self, asked: list[_Question]) -> list[int | None]:
        if time.monotonic() < self._away_until:
            return [None] * len(asked)
        keys = [question.key for question in asked]
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
