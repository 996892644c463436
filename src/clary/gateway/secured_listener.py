"""A listener for TLS, whose connections count from when they are accepted, not from their handshake's end."""

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass

from clary.gateway.door import Door
from clary.gateway.lobby import Lobby

_HANDSHAKE = 10.0
"""Seconds that a client may take for the handshake of TLS, and for its farewell."""
_PAUSE = 0.1
"""Seconds until the next attempt to accept when the system has no room for one more connection."""


@dataclass(frozen=True, slots=True)
class Secured:
    """A bound socket on which clients speak TLS."""

    sock: socket.socket
    context: ssl.SSLContext


class _SecuredDoor(Door):
    """A client's connection over TLS, which has no end for one direction alone.

    A client that is refused while it is still sending reads the answer and closes, or is broken off when its
    time is up, as it would be without TLS.
    """

    arrived = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in, whose handshake is done."""
        self.arrived = True
        self.lobby.arriving -= 1
        super().connection_made(transport)

    def _linger(self) -> None:
        with suppress(NotImplementedError):
            super()._linger()


class SecuredListener:
    """Accepts connections on a socket, which stays open when the listener closes; made in the event loop."""

    def __init__(self, secured: Secured, lobby: Lobby, backlog: int) -> None:
        self._context = secured.context
        self._lobby = lobby
        self._sock = secured.sock.dup()
        self._sock.setblocking(False)
        self._sock.listen(backlog)
        self._handshakes: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.get_running_loop().create_task(self._accept())

    def close(self) -> None:
        """Accept no more, and wait for no handshake."""
        for task in (self._accepting, *self._handshakes):
            task.cancel()
        self._sock.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._sock)
            except OSError:
                await asyncio.sleep(_PAUSE)
                continue
            if self._lobby.full:
                connection.close()  # nothing can be said before the handshake, and that is what costs
                continue
            self._lobby.arriving += 1
            task = loop.create_task(self._greet(connection))
            self._handshakes.add(task)
            task.add_done_callback(self._handshakes.discard)

    async def _greet(self, connection: socket.socket) -> None:
        door = _SecuredDoor(self._lobby)
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: door,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=_HANDSHAKE,
                ssl_shutdown_timeout=_HANDSHAKE,
            )
        except OSError:  # among them what TLS itself complains of, and the time-out
            if not door.arrived:
                self._lobby.arriving -= 1
