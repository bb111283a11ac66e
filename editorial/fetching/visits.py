"""Many links at once, each judged by itself."""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from .client import Client, Limits, Policy
from .ladder import judge, judge_page, wants_the_whole_page
from .manners import Manners
from .network import Network
from .outcomes import FetchError, HostBusy
from .pages import PAGE_BYTES, read_page
from .probes import Probes
from .verdicts import Judgement, Reason, Verdict

logger = logging.getLogger(__name__)

BUDGET = 90.0  # seconds of one run: less than a task may take
LONGEST_PAUSE = 10  # seconds that a site may ask for within one run
MAY_PASS = frozenset({"timeout", "reset"})
BATCH = 100  # judgements that wait to be stored together
BATCH_SECONDS = 0.5  # and how long the first of them waits

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
    found: queue.SimpleQueue[tuple[str, Judgement] | None] = queue.SimpleQueue()

    async def run() -> None:
        async with Client(
            network=network, policy=policy, limits=limits, manners=manners
        ) as client:
            await visit_many(
                urls,
                client=client,
                on_result=lambda url, judgement: found.put((url, judgement)),
                budget=budget,
            )

    with _in_a_thread(run, when_done=lambda: found.put(None)) as raise_trouble:
        yield from _in_batches(found, size=size, seconds=seconds)
        raise_trouble()


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


def _in_batches(
    found: queue.SimpleQueue[tuple[str, Judgement] | None],
    *,
    size: int,
    seconds: float,
) -> Iterator[dict[str, Judgement]]:
    while first := found.get():
        batch, until = dict([first]), time.monotonic() + seconds
        while len(batch) < size:
            try:
                following = found.get(timeout=max(until - time.monotonic(), 0))
            except queue.Empty:
                break
            if following is None:
                found.put(None)  # the outer loop ends by it
                break
            batch.update([following])
        yield batch


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
        with suppress(HostBusy):  # to be asked for again, as what the budget left
            judgement = await visit(url, client=client, probes=probes)
            wait = seconds_until_again(judgement, pause=client.limits.pause_seconds)
            if wait is not None:
                await asyncio.sleep(wait)
                judgement = await visit(url, client=client, probes=probes, again=True)
            on_result(url, judgement)

    tasks = {asyncio.create_task(settle(url), name=url) for url in dict.fromkeys(urls)}
    if not tasks:
        return
    done, late = await asyncio.wait(tasks, timeout=budget)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in done:
        if error := task.exception():
            logger.error("Link check of %s failed", task.get_name(), exc_info=error)


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
