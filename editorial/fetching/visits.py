"""Many links at once, each judged by itself."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from .client import Client, Limits, Policy
from .manners import Manners
from .network import Network
from .outcomes import FetchError
from .verdicts import Judgement, judge

logger = logging.getLogger(__name__)

BUDGET = 90.0  # seconds of one run: less than a task may take

OnResult = Callable[[str, Judgement], None]


def check_urls(
    urls: Iterable[str],
    *,
    network: Network | None = None,
    policy: Policy | None = None,
    limits: Limits | None = None,
    manners: Manners | None = None,
    budget: float = BUDGET,
    on_result: OnResult | None = None,
) -> dict[str, Judgement]:
    """Visit the URLs and return a judgement for each one that was visited in time.

    For code without an event loop: it runs its own. `on_result` is called as results
    come in, inside that loop, where the ORM must not be used. URLs that are missing
    after `budget` seconds were not visited, and can be asked for again.
    """
    results: dict[str, Judgement] = {}

    def keep(url: str, judgement: Judgement) -> None:
        results[url] = judgement
        if on_result:
            on_result(url, judgement)

    async def run() -> None:
        async with Client(
            network=network, policy=policy, limits=limits, manners=manners
        ) as client:
            await visit_many(urls, client=client, on_result=keep, budget=budget)

    asyncio.run(run())
    return results


async def visit_many(
    urls: Iterable[str],
    *,
    client: Client,
    on_result: OnResult,
    budget: float = BUDGET,
) -> None:
    """Visit each URL once, all at the same time as far as manners allow.

    `on_result` gets each judgement as soon as it is there; those not there after
    `budget` seconds are given up.
    """

    async def visit_one(url: str) -> None:
        on_result(url, await visit(url, client=client))

    tasks = {
        asyncio.create_task(visit_one(url), name=url) for url in dict.fromkeys(urls)
    }
    if not tasks:
        return
    done, late = await asyncio.wait(tasks, timeout=budget)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in done:
        if error := task.exception():
            logger.error("Link check of %s failed", task.get_name(), exc_info=error)


async def visit(url: str, *, client: Client) -> Judgement:
    """The judgement on one URL; trouble on the way is a judgement too."""
    try:
        return judge(await client.fetch(url))
    except FetchError as error:
        return judge(error)
