"""What all doors of one server share: the limits, who is inside, the date, and the way out."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Protocol

from clary.core import clock
from clary.gateway.message import Request


@dataclass(frozen=True, slots=True)
class Limits:
    """How much and how long: sizes in bytes, times in seconds.

    ``head`` bounds a request's head, ``fields`` the number of its headers, ``body`` an invocation's body (AWS
    allows 6 MB). ``head_time`` is for a head to arrive, ``idle`` for silence between and within messages; a
    body that drips in at less than ``pace`` bytes a second uses it up. ``model`` is for a model to answer
    and ``answer`` for the control plane to; ``restart`` is how long that may be gone. ``connections`` bounds
    the clients' connections, ``upstreams`` those to any one unix socket.
    """

    head: int = 64 * 1024
    fields: int = 256
    pace: int = 1024
    body: int = 6 * 1024 * 1024
    head_time: float = 30.0
    idle: float = 75.0
    model: float = 60.0
    answer: float = 300.0
    restart: float = 5.0
    connections: int = 8192
    upstreams: int = 512


class Exchange(Protocol):
    """What serves one request; it answers through the door it was opened by."""

    @property
    def patience(self) -> float:
        """How many seconds may pass without a sign of life from whoever answers."""
        ...

    def begin(self, body: bytes) -> None:
        """Begin with a request that is there as a whole; none of the three below is called for it."""
        ...

    def start(self) -> None:
        """Begin; the request's body follows."""
        ...

    def receive(self, data: bytes) -> None:
        """Take a piece of the request's body."""
        ...

    def received(self) -> None:
        """Take note that the request is complete."""
        ...

    def cancel(self) -> None:
        """Stop: the client is gone."""
        ...

    def expire(self) -> None:
        """Answer now: ``patience`` is over."""
        ...

    def hold(self) -> None:
        """Write no more until ``resume``: the client does not read."""
        ...

    def resume(self) -> None:
        """Go on writing."""
        ...


class Doorway(Protocol):
    """What a door offers to the exchange behind it."""

    lobby: "Lobby"

    @property
    def receiving(self) -> bool:
        """Whether the current request is still arriving."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes of the answer to the client."""
        ...

    def finish(self) -> None:
        """Take note that the answer is complete."""
        ...

    def answer(self, data: bytes) -> None:
        """Send the whole answer to the client."""
        ...

    def abort(self) -> None:
        """Break the connection off, so that the client sees its answer is incomplete."""
        ...

    def hold_body(self) -> None:
        """Take no more of the request from the client until ``resume_body``."""
        ...

    def resume_body(self) -> None:
        """Go on taking."""
        ...


class Guest(Protocol):
    """A connection as the lobby sees it."""

    deadline: float
    """When it has been silent for too long, on the clock of ``clock.monotonic``."""

    def expire(self) -> None:
        """Act on the deadline that passed."""
        ...

    def leave(self) -> None:
        """Close as soon as nothing is under way."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class Lobby:
    """The open connections of one server and what they have in common."""

    def __init__(self, limits: Limits, dispatch: Callable[[Doorway, Request], Exchange]) -> None:
        self.limits = limits
        self.dispatch = dispatch
        self.closing = False
        self.date = b""
        self.arriving = 0  # connections that are not inside yet: their handshake is under way
        self._guests: set[Guest] = set()
        self._empty = asyncio.Event()
        shortest = min(limits.head_time, limits.idle, limits.model, limits.answer)
        self._interval = min(1.0, shortest / 4)
        self._timer: asyncio.TimerHandle
        self._sweep()

    @property
    def full(self) -> bool:
        """Whether there is no room for one more connection."""
        return len(self._guests) + self.arriving >= self.limits.connections

    def enter(self, guest: Guest) -> None:
        """Count ``guest`` in."""
        self._guests.add(guest)

    def leave(self, guest: Guest) -> None:
        """Count ``guest`` out."""
        self._guests.discard(guest)
        if self.closing and not self._guests:
            self._empty.set()

    async def close(self, grace: float) -> None:
        """Let requests under way finish for at most ``grace`` seconds, then break off the rest."""
        self.closing = True
        for guest in tuple(self._guests):
            guest.leave()
        if self._guests:
            try:
                await asyncio.wait_for(self._empty.wait(), grace)
            except TimeoutError:
                for guest in tuple(self._guests):
                    guest.abort()
        self._timer.cancel()

    def _sweep(self) -> None:
        # One timer for all connections: a timer for each request would cost more than the request's parsing.
        now = clock.monotonic()
        self.date = b"date: %s\r\n" % formatdate(clock.now(), usegmt=True).encode()
        for guest in [guest for guest in self._guests if guest.deadline < now]:
            guest.expire()
        self._timer = asyncio.get_running_loop().call_later(self._interval, self._sweep)
