"""Answers held back until something changes, so that clients that poll slowly hear of it at once."""

import asyncio
from typing import Protocol

from clary.core.exchange import Context
from clary.wire.body import Body

_MAXIMUM = 64


class Hold(Protocol):
    """Decides whether and how long an answer is held back."""

    async def wait(self, key: str, ctx: Context) -> bool:
        """Return True when row ``key`` changed and the service is to be asked again, False to answer."""
        ...


class Holds:
    """The answers that are held back now, at most ``maximum`` of them."""

    def __init__(self, policy: Hold | None, maximum: int = _MAXIMUM) -> None:
        self._policy = policy
        self._free = maximum

    async def changed(self, key: str | None, ctx: Context, body: Body) -> bool:
        """Wait as the policy has it; return False at once when there is no key, no policy or no place.

        A client that goes away ends the wait.
        """
        if key is None or self._policy is None or self._free == 0:
            return False
        self._free -= 1
        waiting = asyncio.ensure_future(self._policy.wait(key, ctx))
        leaving = asyncio.ensure_future(body.gone())
        try:
            await asyncio.wait((waiting, leaving), return_when=asyncio.FIRST_COMPLETED)
            return waiting.done() and waiting.result()
        finally:
            self._free += 1
            waiting.cancel()
            leaving.cancel()
            await asyncio.gather(waiting, leaving, return_exceptions=True)
