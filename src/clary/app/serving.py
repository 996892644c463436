"""The door process: owns the listening socket, answers invocations, passes everything else on."""

import asyncio
import socket
from collections.abc import Mapping
from hashlib import sha256

from clary.app import certificates, parts
from clary.app.keys import Keys
from clary.app.settings import Settings
from clary.core.bus import Listener
from clary.core.exchange import Caller
from clary.engine.platform import Platform
from clary.gateway import server
from clary.gateway.route import Replica, Route, Variant
from clary.gateway.server import Secured, Server
from clary.services import fleet
from clary.services.cloudwatch.meter import Meter
from clary.services.sagemaker.endpoint import Endpoint
from clary.store.database import Database
from clary.wire.http import RequestHead
from clary.wire.signature import Verifier

GRACE = 10.0
"""Seconds that requests under way may still take when the server is told to stop."""


def main(settings: Settings, sock: socket.socket, tls: socket.socket | None) -> None:
    """Serve on ``sock``, and on ``tls`` over TLS, until SIGTERM; then finish what is under way."""
    platform = parts.platform(settings, Database(settings.database))
    keys = Keys(settings, platform.resources)
    verifier = Verifier(keys.find, settings.region, settings.auth, keys.caller)

    def verify(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Caller:
        return verifier.verify(
            RequestHead(method, path, query, headers), sha256(body).hexdigest(), "sagemaker"
        )

    meter = Meter(platform.metrics)
    plan = server.Plan(
        control=str(settings.sockets / "control.sock"),
        lookup=lambda _account, name: route(platform, name),
        verify=verify,
        on_invocation=meter,
    )
    secured = None if tls is None else Secured(tls, certificates.context(settings))
    listener = platform.bus.listen()
    try:
        with meter:
            server.serve(plan, sock, secured, started=lambda running: _follow(running, listener), grace=GRACE)
    finally:
        listener.close()


def route(platform: Platform, name: str) -> Route | None:
    """Return where the endpoint ``name`` is served; None when there is no such endpoint."""
    row = platform.get("Endpoint", name)
    if row is None:
        return None
    serving = fleet.parse(row.private.get("fleet"))
    variants = tuple(
        Variant(
            variant["VariantName"],
            variant["InitialVariantWeight"],
            tuple(Replica(member.address) for member in serving.of(variant["VariantName"]) if member.address),
        )
        for variant in serving.variants
    )
    return Route(name, row.account, row.region, Endpoint.lifecycle.status(row.phase), variants)


def _follow(running: Server, listener: Listener) -> None:
    """Drop what the gateway remembers of an endpoint as soon as it changes."""

    def hear() -> None:
        for topic, key in listener.receive(0):
            kind, _, name = key.partition("/")
            if topic == "changed" and kind == "Endpoint":
                running.forget(name)

    asyncio.get_running_loop().add_reader(listener.fileno(), hear)
