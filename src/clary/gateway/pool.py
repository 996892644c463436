"""The pool of connections to one unix socket."""

import asyncio
from collections import deque

from clary.core import clock
from clary.gateway.upstream import Call, Connection, Receiver

_PAUSE = 0.05
"""Seconds between two attempts to reach a socket on which nobody listens."""


class Pool:
    """At most ``limit`` connections to the unix socket at ``address``; calls beyond that wait their turn.

    A socket on which nobody listens is tried again for ``patience`` seconds.
    """

    def __init__(self, address: str, limit: int, patience: float = 0.0) -> None:
        self.address = address
        self._limit = limit
        self._patience = patience
        self.line: Connection | None = None  # on which calls in line are sent one behind the other
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._connecting: dict[asyncio.Task[None], Call] = {}
        self._waiting: deque[Call] = deque()

    @property
    def busy(self) -> int:
        """How many calls are under way or waiting."""
        behind = self.line.load - 1 if self.line is not None else 0
        return len(self._open) - len(self._idle) + behind + len(self._connecting) + len(self._waiting)

    @property
    def size(self) -> int:
        """How many connections are open or being opened."""
        return len(self._open) + len(self._connecting)

    def call(
        self, head: bytes, receiver: Receiver, *, bodiless: bool = False, complete: bool = False
    ) -> Call:
        """Start a request whose bytes begin with ``head``.

        ``bodiless`` says that the answer has no body (HEAD), ``complete`` that ``head`` is the whole request.
        """
        call = Call(self, head, receiver, bodiless=bodiless, complete=complete)
        if self._idle:
            self._idle.pop().serve(call)
        else:
            self.connect(call)
        return call

    def call_in_line(self, order: bytes, receiver: Receiver) -> Call:
        """Start the whole request ``order``, behind others if the server takes one after another anyhow.

        Its answer is delivered as it comes: the receiver must not pause it.
        """
        if self.line is None:
            return self.call(order, receiver, complete=True)
        call = Call(self, order, receiver, bodiless=False, complete=True)
        self.line.line_up(call, order)
        return call

    def connect(self, call: Call) -> None:
        """Give ``call`` a connection of its own as soon as the limit allows one."""
        if self.size >= self._limit:
            self._waiting.append(call)
            return
        task = asyncio.get_running_loop().create_task(self._connect(call))
        self._connecting[task] = call
        task.add_done_callback(self._connected)

    def give_up(self, call: Call) -> None:
        """Forget ``call`` wherever it is."""
        if call.connection is not None:
            call.connection.drop(call)
        elif call in self._waiting:
            self._waiting.remove(call)
        else:
            for task, waiting in self._connecting.items():
                if waiting is call:
                    task.cancel()

    def idle(self, connection: Connection) -> None:
        """Give ``connection`` its next call, or keep it for one."""
        if self._waiting:
            connection.serve(self._waiting.popleft())
        elif connection is not self.line:
            self._idle.append(connection)

    def discard(self, connection: Connection) -> None:
        """Forget a connection that is closed or about to be."""
        if connection in self._open:
            self._open.remove(connection)
            if connection is self.line:
                self.line = None
            elif connection in self._idle:
                self._idle.remove(connection)
            self._advance()

    def close(self) -> None:
        """Close every connection; calls under way are dropped without a word."""
        self._waiting.clear()
        for task in self._connecting:
            task.cancel()
        for connection in tuple(self._open):
            connection.abandon()

    async def _connect(self, call: Call) -> None:
        loop = asyncio.get_running_loop()
        until = clock.monotonic() + self._patience
        while True:
            try:
                _, connection = await loop.create_unix_connection(lambda: Connection(self), self.address)
            except OSError as error:
                if clock.monotonic() >= until:
                    call.lost(f"{self.address}: {error}", connected=False)
                    return
                await asyncio.sleep(_PAUSE)
            else:
                self._open.add(connection)
                connection.serve(call)
                return

    def _connected(self, task: asyncio.Task[None]) -> None:
        del self._connecting[task]
        self._advance()

    def _advance(self) -> None:
        while self._waiting and self.size < self._limit:
            self.connect(self._waiting.popleft())
