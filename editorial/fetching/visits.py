"""Many links at once, each judged by itself."""

import asyncio
import logging
import queue
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from .client import Client, Limits, Policy
from .ladder import judge, judge_page, wants_the_whole_page
from .manners import PER_HOST, Manners
from .network import Network
from .outcomes import FetchError, HostBusy
from .pages import PAGE_BYTES, read_page
from .probes import Probes
from .verdicts import Judgement, Reason, Verdict

logger = logging.getLogger(__name__)

BUDGET = 90.0  # seconds of one run: less than a task may take
LONGEST_PAUSE = 10  # seconds that a site may ask for within one run
MAY_PASS = frozenset({"timeout", "reset"})
BATCH = 200  # judgements that wait to be stored together
BATCH_SECONDS = 0.5  # and how long the first of them waits
# Links of one host that stand in its queue, with one more at hand for each place that
# becomes free; the rest take no memory yet.
LANES = PER_HOST + 1

OnResult = Callable[[str, Judgement], None]


def check_urls(
    urls: Iterable[str],
    *,
    network: Network | None = None,
    policy: Policy | None = None,
    limits: Limits | None = None,
    manners: Manners | None = None,
    budget: float = BUDGET,
) -> dict[str, Judgement]:
    """Visit the URLs and return a judgement for each one that was visited in time.

    For code without an event loop: it runs its own. URLs that are missing after
    `budget` seconds were not visited, and can be asked for again.
    """
    results: dict[str, Judgement] = {}

    async def run() -> None:
        async with Client(
            network=network, policy=policy, limits=limits, manners=manners
        ) as client:
            await visit_many(
                urls, client=client, on_result=results.__setitem__, budget=budget
            )

    asyncio.run(run())
    return results


def visit_in_batches(
    urls: Iterable[str],
    *,
    network: Network | None = None,
    policy: Policy | None = None,
    limits: Limits | None = None,
    manners: Manners | None = None,
    budget: float = BUDGET,
    size: int = BATCH,
    seconds: float = BATCH_SECONDS,
) -> Iterator[dict[str, Judgement]]:
    """Like `check_urls`, in batches as they come, for who stores them on the way.

    The caller's code runs in its own thread with no event loop around it, so the ORM
    may be used between batches, and takes no time from the visits' deadlines. A batch
    is at most `size` judgements, told at the latest `seconds` after the first of them:
    who is killed has lost no more than that. Closing the iterator ends the visits.
    """
    found: queue.SimpleQueue[dict[str, Judgement] | None] = queue.SimpleQueue()

    async def run() -> None:
        batches = _Batches(found, size=size, seconds=seconds)
        try:
            async with Client(
                network=network, policy=policy, limits=limits, manners=manners
            ) as client:
                await visit_many(
                    urls, client=client, on_result=batches.add, budget=budget
                )
        finally:
            batches.hand_over()

    with _in_a_thread(run, when_done=lambda: found.put(None)) as raise_trouble:
        yield from iter(found.get, None)
        raise_trouble()


class _Batches:
    """Gathers judgements in the event loop and hands them over together.

    Who waits for them in another thread wakes once for a batch: waking for each
    judgement took a tenth of a run's time.
    """

    def __init__(
        self,
        found: queue.SimpleQueue[dict[str, Judgement] | None],
        *,
        size: int,
        seconds: float,
    ) -> None:
        self._found = found
        self._size = size
        self._seconds = seconds
        self._batch: dict[str, Judgement] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, url: str, judgement: Judgement) -> None:
        if not self._batch:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._seconds, self.hand_over)
        self._batch[url] = judgement
        if len(self._batch) >= self._size:
            self.hand_over()

    def hand_over(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._batch:
            self._found.put(self._batch)
            self._batch = {}


@contextmanager
def _in_a_thread(
    run: Callable[[], Coroutine[Any, Any, None]], *, when_done: Callable[[], None]
) -> Iterator[Callable[[], None]]:
    """Let `run` run in an event loop of another thread, to the block's end at most.

    Gives a function that raises, in this thread, what `run` failed of.
    """
    loop = asyncio.new_event_loop()
    task = loop.create_task(run())

    def drive() -> None:
        try:
            with suppress(asyncio.CancelledError, Exception):  # `task` keeps it
                loop.run_until_complete(task)
        finally:
            loop.close()
            when_done()

    thread = threading.Thread(target=drive, name="link-visits", daemon=True)
    thread.start()
    try:
        yield lambda: task.result()
    finally:
        with suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(task.cancel)
        thread.join()


async def visit_many(
    urls: Iterable[str],
    *,
    client: Client,
    on_result: OnResult,
    budget: float = BUDGET,
) -> None:
    """Visit each URL once, all at the same time as far as manners allow.

    What may only be a bad moment is visited once more after a pause. `on_result` gets
    each judgement as soon as it is final; those not there after `budget` seconds are
    given up.
    """
    probes = Probes(client)

    async def settle(url: str) -> None:
        judgement = await visit(url, client=client, probes=probes)
        wait = seconds_until_again(judgement, pause=client.limits.pause_seconds)
        if wait is None:
            on_result(url, judgement)
        else:  # nobody behind it waits for the pause
            group.create_task(_guarded(url, partial(settle_again, url, wait)))

    async def settle_again(url: str, wait: float) -> None:
        await asyncio.sleep(wait)
        on_result(url, await visit(url, client=client, probes=probes, again=True))

    async def work_off(waiting: deque[str]) -> None:
        while waiting:
            url = waiting.popleft()
            await _guarded(url, partial(settle, url))

    try:
        async with asyncio.timeout(budget), asyncio.TaskGroup() as group:
            for host, waiting in _by_host(urls).items():
                client.expect(host, waiting)
                for _ in range(min(len(waiting), LANES)):
                    group.create_task(work_off(waiting))
    except TimeoutError:
        pass  # the rest is for another run
    finally:
        await probes.close()


def _by_host(urls: Iterable[str]) -> dict[str, deque[str]]:
    """Each URL once. What has no host is in one place: it is refused unvisited."""
    hosts: defaultdict[str, deque[str]] = defaultdict(deque)
    for url in dict.fromkeys(urls):
        hosts[_host_of(url)].append(url)
    return hosts


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


async def _guarded(url: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Trouble with one link costs no other; HostBusy is to be asked for again."""
    try:
        await work()
    except HostBusy:
        pass
    except Exception:
        logger.exception("Link check of %s failed", url)


def seconds_until_again(judgement: Judgement, *, pause: float) -> float | None:
    """When to visit once more, None where another visit would tell nothing new.

    A site that asks for a longer pause than LONGEST_PAUSE is visited another day.
    """
    asked = judgement.retry_after
    if judgement.status == 503 and judgement.reason is Reason.SERVER_ERROR:
        return max(pause, asked or 0) if (asked or 0) <= LONGEST_PAUSE else None
    if judgement.reason is Reason.RATE_LIMITED:
        wait = asked if asked is not None and asked <= LONGEST_PAUSE else None
        return None if wait is None else max(wait, pause)
    no_answer = judgement.reason is Reason.UNREACHABLE_FROM_HERE
    if not no_answer or judgement.detail not in MAY_PASS:
        return None
    # Waiting for an answer that did not come was a pause already.
    return max(pause - judgement.elapsed_ms / 1000, 0)


async def visit(
    url: str, *, client: Client, probes: Probes | None = None, again: bool = False
) -> Judgement:
    """The judgement on one URL; trouble on the way is a judgement too.

    Raises `HostBusy` where our own other workers leave no place.
    """
    size = PAGE_BYTES if wants_the_whole_page(url) else None
    try:
        response = await client.fetch(url, max_bytes=size, again=again)
    except HostBusy:
        raise
    except FetchError as error:
        return judge(error)
    page = read_page(response)
    judgement = judge_page(response, page)
    if judgement.verdict is not Verdict.OK or probes is None:
        return judgement
    return await probes.examine(response, page, judgement)
