"""Where an invocation goes: the endpoint's variants, their replicas, and the choice between them."""

import asyncio
import itertools
import random
from bisect import bisect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property

from clary.core import arn, clock

_LIFETIME = 2.0
"""Seconds after which a route is looked up again though nobody said that it changed."""

_ABSENCE = 0.1
"""The same for an endpoint that does not exist; short, for it may be created at any moment."""

_SERVING = frozenset(("InService", "Updating", "SystemUpdating", "RollingBack"))


@dataclass(frozen=True, slots=True)
class Replica:
    """A running copy of a model, listening on the unix socket at ``address``."""

    address: str


@dataclass(frozen=True)
class Variant:
    """A production variant; ``weight`` is its share of the traffic relative to the others."""

    name: str
    weight: float
    replicas: tuple[Replica, ...]
    container: str = "primary"

    @cached_property
    def line(self) -> bytes:
        """The header line that tells a client which variant answered."""
        return b"x-amzn-invoked-production-variant: %s\r\n" % self.name.encode()


@dataclass(frozen=True)
class Route:
    """An endpoint as the gateway needs to know it.

    ``logs`` says where a user reads what the model wrote: a URL, or the name of a log group.
    """

    endpoint: str
    account: str
    region: str
    status: str
    variants: tuple[Variant, ...]
    logs: str = ""

    @cached_property
    def serving(self) -> bool:
        """Whether the endpoint answers in its present status."""
        return self.status in _SERVING

    @property
    def log_group(self) -> str:
        """The name of the log group the endpoint's models write to."""
        return f"/aws/sagemaker/Endpoints/{self.endpoint}"

    @property
    def log_arn(self) -> str:
        """The ARN of that log group."""
        return arn.make("logs", self.region, self.account, f"log-group:{self.log_group}")

    @cached_property
    def _shares(self) -> list[float]:
        return list(itertools.accumulate(variant.weight for variant in self.variants))

    def variant(self, name: str | None = None) -> Variant | None:
        """Return the variant called ``name``; without a name, one at random in proportion to its weight.

        None where there is no such variant, or none that takes traffic.
        """
        if name is not None:
            return next((variant for variant in self.variants if variant.name == name), None)
        shares = self._shares
        if not shares or shares[-1] <= 0:
            return None
        if len(shares) == 1:
            return self.variants[0]
        return self.variants[bisect(shares, random.random() * shares[-1], hi=len(shares) - 1)]  # noqa: S311


@dataclass(frozen=True, slots=True)
class Entry:
    """What the router remembers of an endpoint until ``expires``; no route means that there is none."""

    route: Route | None
    expires: float


class Router:
    """Remembers routes and chooses replicas.

    ``lookup(account, endpoint)`` reads a route from wherever endpoints are kept; it may block and runs in a
    thread. ``busy(address)`` says how many requests a replica has under way.
    """

    def __init__(
        self, lookup: Callable[[str, str], Route | None], busy: Callable[[str], int], *, capacity: int = 4096
    ) -> None:
        self._lookup = lookup
        self._busy = busy
        self._capacity = capacity
        self._entries: dict[tuple[str, str], Entry] = {}
        self._pending: dict[tuple[str, str], asyncio.Future[Route | None]] = {}
        self._turn = 0

    def cached(self, account: str, endpoint: str) -> Entry | None:
        """Return what is remembered and still fresh."""
        entry = self._entries.get((account, endpoint))
        return entry if entry is not None and entry.expires > clock.monotonic() else None

    def load(self, account: str, endpoint: str) -> "asyncio.Future[Route | None]":
        """Look the route up; whoever asks meanwhile waits for the same answer."""
        key = (account, endpoint)
        pending = self._pending.get(key)
        if pending is None:
            loop = asyncio.get_running_loop()
            pending = self._pending[key] = loop.run_in_executor(None, self._lookup, account, endpoint)
            pending.add_done_callback(lambda future: self._loaded(key, future))
        return pending

    def forget(self, endpoint: str) -> None:
        """Drop what is known of ``endpoint``, and what is being looked up at this moment: it changed."""
        for known in (self._entries, self._pending):
            for key in [key for key in known if key[1] == endpoint]:
                del known[key]

    def pick(self, variant: Variant, tried: Collection[Replica] = ()) -> Replica | None:
        """Return the least busy replica that was not tried yet; equally busy ones take turns."""
        replicas = variant.replicas
        if len(replicas) == 1:
            return None if replicas[0] in tried else replicas[0]
        self._turn += 1
        best, least = None, 0
        for i in range(len(replicas)):
            replica = replicas[(self._turn + i) % len(replicas)]
            if replica in tried:
                continue
            busy = self._busy(replica.address)
            if best is None or busy < least:
                best, least = replica, busy
        return best

    def _loaded(self, key: tuple[str, str], future: "asyncio.Future[Route | None]") -> None:
        if self._pending.get(key) is not future:
            return  # forgotten while it was read: what it saw may be the state before the change
        del self._pending[key]
        if future.cancelled() or future.exception() is not None:
            return
        route = future.result()
        now = clock.monotonic()
        if len(self._entries) >= self._capacity:
            self._entries = {known: entry for known, entry in self._entries.items() if entry.expires > now}
        self._entries[key] = Entry(route, now + (_LIFETIME if route is not None else _ABSENCE))
