"""The door process: owns the listening socket, answers invocations, passes everything else on."""

import asyncio
import socket
from collections.abc import Mapping
from hashlib import sha256
from typing import cast

from clary.app import certificates, membership, parts
from clary.app.keys import Keys
from clary.app.settings import Settings
from clary.core.bus import Listener
from clary.core.errors import ClaryError
from clary.core.exchange import Caller
from clary.engine.platform import Platform
from clary.gateway import server
from clary.gateway.inference import Verify
from clary.gateway.message import Request
from clary.gateway.route import Replica, Route, Variant
from clary.gateway.secured_listener import Secured
from clary.gateway.server import Server
from clary.services import fleet
from clary.services.cloudwatch.meter import Meter
from clary.services.sagemaker.endpoint import Endpoint
from clary.store.database import Database
from clary.wire import errors
from clary.wire.http import RequestHead
from clary.wire.invocation_rules import InvocationRules
from clary.wire.model import load
from clary.wire.signature import Verifier

GRACE = 10.0
"""Seconds that requests under way may still take when the server is told to stop."""


def main(settings: Settings, sock: socket.socket, tls: socket.socket | None) -> None:
    """Serve on ``sock``, and on ``tls`` over TLS, until SIGTERM; then finish what is under way."""
    database = Database(settings.database)
    platform = parts.platform(settings, database)
    keys = Keys(settings, platform.resources)
    meter = Meter(platform.metrics)
    rules = InvocationRules(load("sagemaker-runtime"))
    plan = server.Plan(
        control=str(settings.sockets / "control.sock"),
        lookup=lambda _account, name: route(platform, database, name),
        recall=_verify(Verifier(keys.recall, settings.region, settings.auth, keys.caller), rules),
        verify=_verify(Verifier(keys.find, settings.region, settings.auth, keys.caller), rules),
        on_invocation=meter,
        spell=_spell,
        serves=not settings.simulate,
    )
    secured = None if tls is None else Secured(tls, certificates.context(settings))
    listener = platform.bus.listen()
    try:
        with meter:
            server.serve(plan, sock, secured, started=lambda running: _follow(running, listener), grace=GRACE)
    finally:
        listener.close()


def _verify(verifier: Verifier, rules: InvocationRules) -> Verify:
    def verify(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Caller:
        head = RequestHead(method, path, query, headers)
        caller = verifier.verify(head, sha256(body).hexdigest(), "sagemaker")
        rules.check(path, headers)
        return caller

    return verify


def _spell(error: ClaryError, request: Request, request_id: str) -> tuple[Mapping[str, str], bytes]:
    """Return headers and body that tell of ``error`` in the protocol that ``request`` speaks."""
    path, _, query = request.target.decode("latin-1").partition("?")
    head = RequestHead(request.method.decode("latin-1"), path, query, request.fields)
    response = errors.render(error, head, None, request_id)
    return response.headers, cast("bytes", response.body)  # an error is never told by a file


def route(platform: Platform, database: Database, name: str) -> Route | None:
    """Return where the endpoint ``name`` is served; None when there is no such endpoint.

    Raises ClaryError when its replicas are on another server's machine, where no other reaches their sockets.
    """
    row = platform.get("Endpoint", name)
    if row is None:
        return None
    if not platform.resources.ours(row):
        raise ClaryError(
            "ServiceUnavailable",
            f"Endpoint {name} runs on another server of this database. Invoke it at "
            f"{membership.url(database, row.server)}",
            503,
        )
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
