"""Hosts a trained model: /ping, /invocations and /execution-parameters as SageMaker asks of a container."""

import asyncio
import json
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from clary.toolkit import environment, media_type
from clary.toolkit.algorithm import find
from clary.toolkit.answer import Answer, Handler
from clary.toolkit.errors import ClientError
from clary.toolkit.report import Report
from clary.toolkit.request import Request

if TYPE_CHECKING:
    from clary.toolkit.http import Connections

_GRACE = 30.0  # seconds for requests in flight after SIGTERM


def serve(name: str, base: Path) -> int:
    """Load the model under ``base`` and answer for it until SIGTERM; returns the exit code."""
    report = Report()
    try:
        model = find(name).load(base / "model")
    except ClientError as error:
        report.error(f"Customer Error: {error}")
        return 2
    listen(model.answer, report)
    return 0


def listen(invoke: Handler, report: Report) -> None:
    """Answer until SIGTERM; ``invoke`` answers the POSTs to /invocations and may raise ClientError."""
    import uvloop  # noqa: PLC0415 - training and describing need no event loop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_listen(answering(invoke, report), report))


def answering(invoke: Handler, report: Report) -> Handler:
    """Return the function that answers every request, those to /invocations by ``invoke``."""
    limit = environment.payload_limit() // 2**20
    execution = {
        "MaxConcurrentTransforms": 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": limit,
    }
    fixed = {
        "/ping": Answer(b"\n"),
        "/execution-parameters": Answer(json.dumps(execution).encode(), media_type.JSON),
    }

    def answer(request: Request) -> Answer:
        try:
            if request.path == "/invocations":
                if request.method != "POST":
                    raise ClientError(f"/invocations answers POST, not {request.method}.", 405)
                return invoke(request)
            if request.path not in fixed:
                raise ClientError(f"There is nothing at {request.path}; POST rows to /invocations.", 404)
            if request.method != "GET":
                raise ClientError(f"{request.path} answers GET, not {request.method}.", 405)
            return fixed[request.path]
        except ClientError as error:
            return Answer(str(error).encode(), status=error.status)
        except Exception as error:  # noqa: BLE001 - one bad request must not end the server
            report.error(f"{request.method} {request.path} failed: {type(error).__name__}: {error}")
            traceback.print_exc(file=sys.stderr)
            return Answer(f"The model failed: {type(error).__name__}: {error}".encode(), status=500)

    return answer


async def _listen(answer: Handler, report: Report) -> None:
    from clary.toolkit.http import Connections, HttpProtocol  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    connections = Connections()
    limit = environment.payload_limit()

    def protocol() -> HttpProtocol:
        return HttpProtocol(answer, limit, connections)

    path = environment.listening_socket()
    if path is not None:
        path.unlink(missing_ok=True)
        server = await loop.create_unix_server(protocol, str(path))
    else:
        server = await loop.create_server(protocol, "0.0.0.0", environment.listening_port())  # noqa: S104
    report.info(f"Listening on {path or environment.listening_port()}")
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    await stop.wait()
    await _finish(server, connections)


async def _finish(server: asyncio.AbstractServer, connections: "Connections") -> None:
    """Accept nothing more, let requests in flight have their answers, close the rest."""
    server.close()
    connections.close_idle()
    async with asyncio.timeout(_GRACE):
        await connections.empty.wait()
