"""The gateway's server: a listening socket, the doors behind it, and where they lead."""

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import uvloop

from clary.gateway.door import Door
from clary.gateway.inference import Inference, OnInvocation, Verify, invoked
from clary.gateway.invoke_endpoint import InvokeEndpoint
from clary.gateway.invoke_endpoint_with_response_stream import InvokeEndpointWithResponseStream
from clary.gateway.lobby import Doorway, Exchange, Limits, Lobby
from clary.gateway.message import Request
from clary.gateway.pool import Pool
from clary.gateway.pools import Pools
from clary.gateway.relay import Relay, Spell
from clary.gateway.route import Route, Router
from clary.gateway.secured_listener import Secured, SecuredListener

_BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """What a gateway is joined to.

    ``control`` is the path of the control plane's unix socket. ``lookup(account, endpoint)`` reads a route
    and runs in a thread. ``recall`` and ``verify`` are those of ``Inference``. ``on_invocation`` and
    ``spell`` run in the event loop and must be quick. Where no model ``serves`` the control plane is given
    invocations too.
    """

    control: str
    lookup: Callable[[str, str], Route | None]
    recall: Verify
    verify: Verify
    on_invocation: OnInvocation
    spell: Spell
    limits: Limits = field(default_factory=Limits)
    serves: bool = True


class Server:
    """A running gateway; made by ``start``."""

    def __init__(self, plan: Plan) -> None:
        self._control = Pool(plan.control, plan.limits.upstreams, plan.limits.restart)
        self._spell = plan.spell
        self._serves = plan.serves
        self._replicas = Pools(plan.limits.upstreams)
        self._router = Router(plan.lookup, self._replicas.busy)
        self._inference = Inference(
            self._router, self._replicas, plan.recall, plan.verify, plan.on_invocation
        )
        self._lobby = Lobby(plan.limits, self._dispatch)
        self._listeners: list[asyncio.Server | SecuredListener] = []

    async def listen(self, sock: socket.socket) -> None:
        """Accept connections on ``sock``, which is bound; it stays open when the server closes."""
        loop = asyncio.get_running_loop()
        self._listeners.append(
            await loop.create_server(lambda: Door(self._lobby), sock=sock.dup(), backlog=_BACKLOG)
        )

    def listen_secured(self, secured: Secured) -> None:
        """Accept connections over TLS; the socket stays open when the server closes."""
        self._listeners.append(SecuredListener(secured, self._lobby, _BACKLOG))

    def forget(self, endpoint: str) -> None:
        """Drop what is known of ``endpoint``: it changed."""
        self._router.forget(endpoint)

    def stop_listening(self) -> None:
        """Accept no more connections; those that are open stay so."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()

    async def close(self, grace: float) -> None:
        """Accept no more, let requests under way finish for at most ``grace`` seconds, then close."""
        self.stop_listening()
        await self._lobby.close(grace)
        self._control.close()
        self._replicas.close()

    def _dispatch(self, door: Doorway, request: Request) -> Exchange:
        target = invoked(request) if self._serves else None
        if target is None:
            return Relay(door, request, self._control, self._spell)
        opening = InvokeEndpointWithResponseStream if target.streamed else InvokeEndpoint
        return opening(door, request, target, self._inference)


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to ``host`` and ``port``, 0 for any free one; raises OSError if it is taken."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


async def start(plan: Plan, sock: socket.socket, secured: Secured | None = None) -> Server:
    """Start a gateway on the bound socket ``sock``, and one over TLS if given, in the running event loop."""
    server = Server(plan)
    if secured is not None:
        server.listen_secured(secured)
    await server.listen(sock)
    return server


def serve(
    plan: Plan,
    sock: socket.socket,
    secured: Secured | None = None,
    *,
    started: Callable[[Server], None],
    grace: float = 30.0,
) -> None:
    """Run a gateway under uvloop until SIGTERM or SIGINT, then close it within ``grace`` seconds.

    ``started`` is called in the event loop once connections are accepted. Who connects while it closes is
    refused, though other processes may have the sockets open.
    """

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stop.set)
        server = await start(plan, sock, secured)
        started(server)
        await stop.wait()
        server.stop_listening()
        for listening in (sock, *([] if secured is None else [secured.sock])):
            with suppress(
                OSError
            ):  # not every system can, and there who connects waits until all have closed
                listening.shutdown(socket.SHUT_RDWR)
        await server.close(grace)

    uvloop.run(run())
