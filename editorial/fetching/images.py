"""A picture behind an address. What its pixels show is looked at where uploads are."""

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum

from .client import Client, Limits, Policy
from .ladder import judge
from .manners import Manners
from .network import Network
from .outcomes import FetchError, Response, announced_size
from .verdicts import Judgement, Verdict

IMAGE_BYTES = 10 * 1024 * 1024  # as much as may be uploaded
# Also what servers say that do not know what they serve.
_PICTURES = frozenset(
    {
        *("image/jpeg", "image/jpg", "image/pjpeg", "image/png", "image/x-png"),
        *("image/webp", "image/gif"),
        *("application/octet-stream", "binary/octet-stream", ""),
    }
)


class Trouble(StrEnum):
    """Why a living address brought no picture."""

    NO_PICTURE = "no_picture"  # a page, an SVG, a film
    TOO_LARGE = "too_large"
    CUT_SHORT = "cut_short"


@dataclass(frozen=True, slots=True)
class FetchedImage:
    """What the address brought: `body` as sent, b"" with `trouble` or where the
    `judgement` is not ok.
    """

    judgement: Judgement
    body: bytes = b""
    trouble: Trouble | None = None


def fetch_image(
    url: str,
    *,
    network: Network | None = None,
    policy: Policy | None = None,
    limits: Limits | None = None,
    manners: Manners | None = None,
) -> FetchedImage:
    """Fetch one picture of at most IMAGE_BYTES that says it is no SVG.

    For code without an event loop: it runs its own. Trouble is told, never raised.
    """

    limits = replace(limits or Limits.from_settings(), whole=True)

    async def run() -> FetchedImage:
        async with Client(
            network=network, policy=policy, limits=limits, manners=manners
        ) as client:
            return await _fetch(url, client=client)

    return asyncio.run(run())


async def _fetch(url: str, *, client: Client) -> FetchedImage:
    try:
        response = await client.fetch(url, max_bytes=IMAGE_BYTES + 1)
    except FetchError as error:
        return FetchedImage(judge(error))
    # A page's words need no more than its beginning, and no picture has any.
    judgement = judge(replace(response, body=response.body[: client.limits.body_bytes]))
    if judgement.verdict is not Verdict.OK:
        return FetchedImage(judgement)
    trouble = _trouble_of(response)
    body = b"" if trouble else response.body
    return FetchedImage(judgement, body, trouble)


def _trouble_of(response: Response) -> Trouble | None:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _PICTURES:
        return Trouble.NO_PICTURE
    if response.complete and len(response.body) <= IMAGE_BYTES:
        return None
    full = max(len(response.body), announced_size(response.headers)) > IMAGE_BYTES
    return Trouble.TOO_LARGE if full else Trouble.CUT_SHORT
