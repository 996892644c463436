"""MotoApi: the requests by which suites written against moto's server steer it.

What moto's server lets be said of other services than those that are spoken, or of what never changes
here, is refused with the reason.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from clary.app import services
from clary.app.settings import Settings
from clary.app.simulation import Regional, RegionalStack, RegionalStacks, Regions
from clary.core import ids
from clary.core.exchange import Document, Service
from clary.engine.platform import Platform
from clary.services.simulation.answers import Answers
from clary.services.simulation.runtime import ASYNC, SYNC
from clary.store import dump
from clary.store.database import Database
from clary.store.resources import Home, Query
from clary.wire.body import Body
from clary.wire.http import RequestHead

PREFIX = "/moto-api/"
RESET = f"{PREFIX}reset"
_REFUSED = (
    "This server does not simulate: a reset would destroy what it holds. Start one for tests: "
    "clary up --simulate"
)
_IMMEDIATE: Document = {"progression": "immediate"}
"""How all resources get from one status to the next."""
_SENSELESS = {
    "recorder/": "Requests are not recorded here. Let the suite itself make what it needs.",
    "proxy/": "This is no proxy: it passes nothing on to AWS.",
    "reset-auth": "IAM's policies are kept and not enforced here, so there is nothing to begin with.",
    "static/": "The service that this would answer for is not spoken here; SageMaker's endpoints are.",
}
"""Why parts of moto's API mean nothing here, by how their paths begin."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = tuple[int, Document | None]
"""A status and what is answered as JSON; nothing is answered where that is None."""


class MotoApi:
    """The ASGI application at ``/moto-api``, and the services that go with it."""

    def __init__(self, settings: Settings, platform: Platform, database: Database) -> None:
        self._settings = settings
        self._platform = platform
        self._database = database
        self._answers = Answers()
        self._config = _configuration()
        self._regions = Regions(settings, platform, database, self._answers)

    def services(self) -> Mapping[str, Service]:
        """Return what answers for each service, in every region."""
        named = {name: Regional(name, self._regions) for name in self._regions[self._settings.region]}
        return {**named, "cloudformation": RegionalStacks(self._regions, self._platform)}

    def stack(self) -> RegionalStack:
        """Return the kind of the stacks of all regions."""
        return RegionalStack(self._regions)

    def answers(self, scope: Message) -> bool:
        """Return whether a request is for this: all below ``/moto-api``, else the reset alone, to refuse it.

        A real server has S3 behind that path, where nothing is posted to an object without a query.
        """
        if self._settings.simulate:
            return str(scope["path"]).startswith(PREFIX)
        return (scope["path"], scope["method"], scope["query_string"]) == (RESET, "POST", b"")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        content = await Body(RequestHead.from_scope(scope), receive).whole()
        query = scope["query_string"].decode("utf-8", "replace")
        status, document = await asyncio.to_thread(
            self._answer, scope["method"], scope["path"], content or query.encode()
        )
        body = b"" if document is None else json.dumps(document, default=str).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, method: str, path: str, content: bytes) -> Answer:
        if not self._settings.simulate:
            return 404, {"Error": _REFUSED}
        operations: Mapping[tuple[str, str], Callable[[bytes], Answer]] = {
            ("POST", RESET): self._reset,
            ("GET", PREFIX): self._greet,
            ("GET", f"{PREFIX}data.json"): self._show,
            ("POST", f"{PREFIX}static/sagemaker/{SYNC}"): lambda body: self._say(SYNC, body),
            ("POST", f"{PREFIX}static/sagemaker/{ASYNC}"): lambda body: self._say(ASYNC, body),
            ("POST", f"{PREFIX}seed"): _seed,
            ("GET", f"{PREFIX}config"): self._configure,
            ("POST", f"{PREFIX}config"): self._configure,
            ("GET", f"{PREFIX}state-manager/get-transition"): lambda _body: (200, _IMMEDIATE),
            ("POST", f"{PREFIX}state-manager/set-transition"): _set_transition,
            ("POST", f"{PREFIX}state-manager/unset-transition"): lambda _body: (201, None),
        }
        operation = operations.get((method, path))
        if operation is not None:
            return operation(content)
        reason = next((why for part, why in _SENSELESS.items() if path.startswith(PREFIX + part)), None)
        if reason is not None:
            return 501, {"Error": reason}
        known = ", ".join(" ".join(each) for each in operations)
        return 404, {"Error": f"{method} {path} is not one of moto's requests that are served: {known}"}

    def _reset(self, _content: bytes) -> Answer:
        """Forget everything: rows, objects, logs, and what endpoints were to answer."""
        self._platform.objects.blobs.remove(dump.clear(self._database))
        self._platform.logs.clear()
        self._answers.clear()
        self._config = _configuration()
        return 200, {"status": "ok"}

    def _greet(self, _content: bytes) -> Answer:
        return 200, {"status": "ok", "server": "clary up --simulate"}

    def _show(self, _content: bytes) -> Answer:
        """Return the documents of all resources of SageMaker by noun."""
        account, shown = self._settings.account, {}
        for kind in services.nouns(self._settings):
            rows = [
                row
                for region in self._regions.built
                for row in self._platform.resources.each(Query(Home(account, region, kind.noun)))
            ]
            shown[kind.noun] = [{**row.doc, "arn": row.arn, "status": row.phase} for row in rows]
        return 200, {"sagemaker": {noun: rows for noun, rows in sorted(shown.items()) if rows}}

    def _say(self, queue: str, content: bytes) -> Answer:
        """Take what the next invocations are to be answered."""
        try:
            said = json.loads(content)
            region = said.get("region", self._settings.region)
            needed = "Body" if queue == SYNC else "data"
            results = [result for result in said["results"] if needed in result]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return 400, {"Error": f"The request is not JSON with a list of results: {error!r}"}
        self._answers.put((queue, region), results)
        return 201, {}

    def _configure(self, content: bytes) -> Answer:
        """Keep and answer what moto is configured by: it concerns services that are not spoken."""
        try:
            said = json.loads(content or b"{}")
            self._config |= {name: said[name] for name in self._config if name in said}
        except (ValueError, TypeError) as error:
            return _unread(error)
        return 201, self._config


def _configuration() -> Document:
    """Return what moto's server is configured by at first."""
    return {"batch": {"use_docker": True}, "lambda": {"use_docker": True}}


def _seed(content: bytes) -> Answer:
    """Let the ids that are made from now on be the same as after any other seed of this number."""
    try:
        ids.seed(int(parse_qs(content.decode())["a"][0]))
    except (ValueError, KeyError) as error:
        return _unread(error)
    return 200, None


def _set_transition(content: bytes) -> Answer:
    """Take what is so already; raise no hope of statuses that move."""
    try:
        said = json.loads(content)
        name, progression = said["model_name"], said["transition"]["progression"]
    except (ValueError, KeyError, TypeError) as error:
        return _unread(error)
    if progression != _IMMEDIATE["progression"]:
        return 501, {
            "Error": f"{name}: resources have settled when they are created and do not move by themselves; "
            f"the progression {progression!r} is not simulated, only 'immediate' is."
        }
    return 201, None


def _unread(error: Exception) -> Answer:
    return 400, {"Error": f"The request is not as moto's server takes it: {error!r}"}
