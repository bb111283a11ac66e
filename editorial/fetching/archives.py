"""An archived copy of a page that is gone, from the Wayback Machine."""

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from .client import Client, Limits, Policy
from .guard import parse_target
from .manners import Manners
from .network import Network
from .outcomes import FetchError, Refused, Response

# https://archive.org/help/wayback_api.php
AVAILABILITY = "https://archive.org/wayback/available"
COPIES = re.compile(r"https?://web\.archive\.org(?::80|:443)?(/web/\d{14}/.+)")
TAKEN = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True)
class ArchivedCopy:
    """Where a copy can be read, and when it was taken (aware, UTC)."""

    url: str
    taken_at: datetime


def find_copy(
    url: str,
    *,
    near: datetime | None = None,
    network: Network | None = None,
    policy: Policy | None = None,
    limits: Limits | None = None,
    manners: Manners | None = None,
) -> ArchivedCopy | None:
    """The copy taken closest to `near` (an aware time; without it, the newest).

    None where there is no copy of a page that worked, where the archive does not
    answer, and for addresses that nobody outside should hear of. For code without an
    event loop: it runs its own.
    """
    policy = policy or Policy.from_settings()
    try:
        parse_target(url, own_hosts=policy.own_hosts, extra_ports=policy.extra_ports)
    except Refused:
        return None

    async def run() -> Response:
        async with Client(
            network=network, policy=policy, limits=limits, manners=manners
        ) as client:
            return await client.fetch(_question(url, near))

    try:
        response = asyncio.run(run())
    except FetchError:
        return None
    return _read_answer(response)


def _question(url: str, near: datetime | None) -> str:
    fields = {"url": url}
    if near:
        fields["timestamp"] = near.astimezone(UTC).strftime(TAKEN)
    return f"{AVAILABILITY}?{urlencode(fields, errors='replace')}"


def _read_answer(response: Response) -> ArchivedCopy | None:
    if response.status != 200 or not response.complete:
        return None
    try:
        answer: Any = json.loads(response.body)
        closest = answer["archived_snapshots"]["closest"]
        # The archive keeps error pages too, with the status they had.
        if not closest["available"] or str(closest.get("status", "200"))[0] not in "23":
            return None
        taken_at = datetime.strptime(closest["timestamp"], TAKEN).replace(tzinfo=UTC)
        place = COPIES.fullmatch(closest["url"])
        return ArchivedCopy(_over_https(place), taken_at) if place else None
    except (ValueError, LookupError, TypeError, Refused, RecursionError):
        return None


def _over_https(place: re.Match[str]) -> str:
    return parse_target(f"https://web.archive.org{place[1]}").url
