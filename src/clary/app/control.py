"""The control process: every AWS operation but the invocation of endpoints, behind a unix socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import uvicorn
import uvloop

from clary.app import parts, services, simulation
from clary.app.keys import Keys
from clary.app.moto_api import MotoApi
from clary.app.readiness import HEALTH
from clary.app.settings import Settings
from clary.engine.hold import DescribeHold
from clary.engine.kind import Kind
from clary.engine.platform import Platform
from clary.engine.shipper import feeds
from clary.services.s3.cors import Cors
from clary.store.database import Database
from clary.wire.asgi import Wire
from clary.wire.signature import Verifier

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

GRACE = 5
"""Seconds that requests under way may still take when the server is told to stop."""


def main(settings: Settings) -> None:
    """Serve the control plane until SIGTERM."""
    database = Database(settings.database)
    platform = parts.platform(settings, database)
    keys = Keys(settings, platform.resources)
    moto = MotoApi(settings, platform, database)
    built = moto.services() if settings.simulate else services.build(platform, database)
    stack = moto.stack() if settings.simulate else services.stack(built)
    hold = _hold(platform, services.kinds(settings, stack))
    region = None if settings.simulate else settings.region
    verifier = Verifier(keys.find, region, settings.auth, keys.caller, keys.remembers)
    wire = (simulation.LenientWire if settings.simulate else Wire)(
        built,
        verifier,
        settings.region,
        hold,
        Cors(platform.objects),
        settings.hosts,
    )

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        if scope["path"] == HEALTH:
            await _health(send)
        elif moto.answers(scope):
            await moto(scope, receive, send)
        else:
            await wire(scope, receive, send)

    config = uvicorn.Config(
        application,
        uds=str(settings.sockets / "control.sock"),
        http="httptools",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE,
    )

    async def serve() -> None:
        hold.attach(asyncio.get_running_loop())
        await uvicorn.Server(config).serve()

    uvloop.run(serve())
    wire.close()


def _hold(platform: Platform, kinds: Mapping[str, Kind]) -> DescribeHold:
    """Return the policy that keeps the answers of waiting clients back until their job has ended."""

    def settled(row_id: str) -> bool:
        row = platform.resources.get(row_id)
        return row is None or kinds[row.kind].rests(row)

    def chatty(row_id: str) -> bool:
        row = platform.resources.get(row_id)
        fed = feeds(row) if row is not None else ()
        return any(platform.logs.has_stream(feed.group, feed.stream) for feed in fed)

    return DescribeHold(platform.bus.listen(), settled, chatty)


async def _health(send: Send) -> None:
    body = json.dumps({"status": "ok"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
