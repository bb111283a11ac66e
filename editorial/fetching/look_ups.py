"""Look-ups of names for one run, whose addresses are handed on only if all are public."""

import asyncio

from .guard import is_public
from .network import Network
from .outcomes import NoSuchHost, Refusal, Refused, Unreachable

MAX_ADDRESSES = 8  # of one name that are tried


class CheckedResolver:
    """Looks each name up once per run and hands on addresses only if all are public.

    A second look-up could be answered differently (DNS rebinding), so there is none.
    """

    def __init__(self, network: Network, *, seconds: float) -> None:
        self._network = network
        self._seconds = seconds
        self._look_ups: dict[str, asyncio.Task[tuple[str, ...]]] = {}

    async def resolve(self, host: str, port: int) -> list[tuple[str, int]]:
        """Where to connect for this port of the name: (address, port), each once.

        Raises `Refused` where one of its addresses is inside, `Unreachable` and
        `NoSuchHost` where it has none.
        """
        addresses = await self._look_up_once(host)
        if not all(is_public(address) for address in addresses):
            raise Refused(Refusal.INSIDE)
        dialled = (
            self._network.dial(host, address, port)
            for address in addresses[:MAX_ADDRESSES]
        )
        return list(dict.fromkeys(dialled))

    async def close(self) -> None:
        for look_up in self._look_ups.values():
            look_up.cancel()
        await asyncio.gather(*self._look_ups.values(), return_exceptions=True)

    async def _look_up_once(self, host: str) -> tuple[str, ...]:
        if host not in self._look_ups:
            self._look_ups[host] = asyncio.create_task(self._look_up(host))
        # Shielded: a visit that gives up leaves the look-up to the others.
        try:
            return await asyncio.shield(self._look_ups[host])
        except (Unreachable, NoSuchHost) as error:  # each visit needs its own instance
            raise type(error)(error.detail) from error

    async def _look_up(self, host: str) -> tuple[str, ...]:
        if host.endswith(".invalid"):  # RFC 6761, section 6.4: nobody needs to be asked
            raise NoSuchHost
        try:
            async with asyncio.timeout(self._seconds):
                addresses = tuple(await self._network.look_up(host))
        except TimeoutError as error:
            raise Unreachable("dns_timeout") from error
        except Unreachable as error:
            if error.detail == "dns_no_such_host" and await self._is_missing(host):
                raise NoSuchHost from error
            raise
        if not addresses:
            raise Unreachable("dns_no_such_host")
        return addresses

    async def _is_missing(self, host: str) -> bool:
        """Whether a second resolver says so too: one alone may be lying or cut off."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._network.is_missing(host)
        except TimeoutError:
            return False
