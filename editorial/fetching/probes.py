"""Asking hosts for what cannot be there, to know their way of saying so."""

import asyncio

from . import soft404
from .client import Client
from .fingerprints import take_fingerprint
from .ladder import judge_again
from .outcomes import FetchError, Response
from .pages import Page, read_page
from .robots import may_ask
from .soft404 import Probe, Sign
from .verdicts import Judgement, Reason, Verdict


class Probes:
    """One question per host and run, and only to hosts that gave reason for it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked: dict[str, asyncio.Task[Probe | None]] = {}

    async def examine(
        self, response: Response, page: Page, judgement: Judgement
    ) -> Judgement:
        """The judgement on a page that seems alive, once its signs are followed up."""
        sign = soft404.find_sign(response, page)
        if sign is None:
            return judgement
        if sign is Sign.TAKEN_DOWN:
            return judge_again(judgement, Verdict.BROKEN, Reason.SOFT_404, "taken_down")
        probe = await self._probe(response)
        if probe and soft404.confirms(probe, sign, page, judgement.fingerprint):
            return judge_again(
                judgement, Verdict.BROKEN, Reason.SOFT_404, "same_for_all"
            )
        # Without a comparison, and where a page is nothing but the words, who knows.
        unproved = probe is None and sign is not Sign.FRONT_PAGE
        if unproved or sign is Sign.BOTH:
            return judge_again(
                judgement, Verdict.UNSURE, Reason.SOFT_404, "unconfirmed"
            )
        return judgement

    async def close(self) -> None:
        """End what is still asked: the visits it was asked for have ended."""
        for question in self._asked.values():
            question.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    async def _probe(self, response: Response) -> Probe | None:
        url = soft404.invent_path(response.url)
        host = url.split("/", 3)[2]
        if host not in self._asked:
            self._asked[host] = asyncio.create_task(self._ask(url))
        return await asyncio.shield(self._asked[host])

    async def _ask(self, url: str) -> Probe | None:
        if not await may_ask(self._client, url):
            return None
        try:
            response = await self._client.fetch(url)
        except FetchError:
            return None
        page = read_page(response)
        return soft404.read_probe(response, take_fingerprint(page.text), page)
