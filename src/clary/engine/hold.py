"""Hold: keeps a waiting client's Describe back until the resource settles.

The SDKs describe once, then sleep for up to 30 seconds and describe again; a job that ends meanwhile is seen
late. An answer that comes when the job ends is noticed at once. What is held, for how long and for whom is
told in ``docs/decisions/0004-describe-hold.md``.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from clary.core import clock
from clary.core.bus import Listener
from clary.core.exchange import Context

LONGEST = 45.0
"""Seconds an answer is kept back at most: clients give up reading after 60."""
CHATTY = 15.0
"""Seconds for a job that is writing to its log: a client that waits cannot print what the job says."""


class DescribeHold:
    """The waiting answers of one process, released by messages on the bus."""

    def __init__(
        self, listener: Listener, settled: Callable[[str], bool], chatty: Callable[[str], bool]
    ) -> None:
        self._listener = listener
        self._settled = settled
        self._chatty = chatty
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear the bus in ``loop``."""
        loop.add_reader(self._listener.fileno(), self._hear)

    async def wait(self, key: str, ctx: Context) -> bool:
        """Wait for the row ``key`` to settle if ``ctx`` is of a client that waits; True when it has."""
        if not waits(ctx.user_agent):
            return False
        event = asyncio.Event()
        self._waiting[key].add(event)
        try:
            return await self._watch(key, event)
        finally:
            self._waiting[key].discard(event)
            if not self._waiting[key]:
                del self._waiting[key]

    async def _watch(self, key: str, event: asyncio.Event) -> bool:
        begun = clock.monotonic()
        while not await asyncio.to_thread(self._settled, key):
            held = clock.monotonic() - begun
            chatty = held >= CHATTY and await asyncio.to_thread(self._chatty, key)
            pause = (CHATTY if held < CHATTY else LONGEST) - held
            if chatty or pause <= 0:
                return False
            try:
                await asyncio.wait_for(event.wait(), pause)
            except TimeoutError:
                continue
            event.clear()
        return True

    def _hear(self) -> None:
        for topic, key in self._listener.receive(0):
            if topic == "row":
                for event in self._waiting.get(key, ()):
                    event.set()


def waits(user_agent: str) -> bool:
    """Return whether a client with this User-Agent describes in order to wait.

    SDK v2 and the session of v3 name themselves; a boto3 waiter carries feature ``B`` in the ``m/`` part.
    """
    if "AWS-SageMaker-Python-SDK" in user_agent:
        return True
    features = next((part[2:] for part in user_agent.split() if part.startswith("m/")), "")
    return "B" in features.split(",")
