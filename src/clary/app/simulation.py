"""Simulation: what differs in a server that runs nothing: every region is served, and moto's own paths are.

Test suites written against moto's server reset it and say what endpoints answer by requests to ``/moto-api``.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import replace
from typing import Any

from clary.app import services
from clary.app.settings import Settings
from clary.core import clock
from clary.core.bus import Listener
from clary.core.exchange import Context, Document, Reply, Service
from clary.engine.kind import Kind
from clary.engine.lifecycle import Outcome
from clary.engine.platform import Platform
from clary.services.cloudformation.stack import Stack
from clary.services.simulation.answers import Answers
from clary.services.simulation.runtime import ASYNC, SYNC, Runtime
from clary.store import dump
from clary.store.database import Database
from clary.store.resources import Home, Query, Row
from clary.wire.asgi import Wire
from clary.wire.body import Body
from clary.wire.http import RequestHead

MOVING = ("CreateStack", "UpdateStack", "DeleteStack", "ExecuteChangeSet")
"""The operations of CloudFormation that a stack is moved by."""
PATIENCE = 30.0
"""Seconds; clients give up after 60."""
PREFIX = "/moto-api/"
RESET = f"{PREFIX}reset"
_REFUSED = (
    "This server does not simulate: a reset would destroy what it holds. Start one for tests: "
    "clary up --simulate"
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = tuple[int, Document]
"""A status and what is answered as JSON."""


class Regions:
    """The services of every region, which are built when it is asked for the first time."""

    def __init__(
        self, settings: Settings, platform: Platform, database: Database, answers: Answers | None = None
    ) -> None:
        self._nouns = services.nouns(settings)
        self._platform = platform
        self._database = database
        self._answers = answers or Answers()
        self.built: dict[str, Mapping[str, Service]] = {}

    def __getitem__(self, region: str) -> Mapping[str, Service]:
        """Return the services of ``region``, by botocore's names for them."""
        if region not in self.built:
            here = replace(self._platform, site=replace(self._platform.site, region=region))
            built = services.build(here, self._database, self._nouns)
            self.built[region] = {**built, "sagemaker-runtime": Runtime(here, self._answers)}
        return self.built[region]


class Regional:
    """The service ``name`` in whichever region it is asked in."""

    def __init__(self, name: str, regions: Regions) -> None:
        self._name = name
        self._regions = regions

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation`` in ``ctx.region``."""
        return self._regions[ctx.region][self._name](ctx, params)


class RegionalStacks(Regional):
    """CloudFormation, whose stacks are what they are to be when it answers: suites look at once."""

    def __init__(self, regions: Regions, platform: Platform) -> None:
        super().__init__("cloudformation", regions)
        self._platform = platform

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation`` and what follows from it."""
        listener = self._platform.bus.listen()  # before: nothing that moves is missed
        try:
            reply = super().__call__(ctx, params)
            if ctx.operation in MOVING:
                self._await(ctx.region, listener)
        finally:
            listener.close()
        return reply

    def _await(self, region: str, listener: Listener) -> None:
        """Wait until all stacks of ``region`` rest, and no longer than clients do."""
        kind = services.stack(self._regions[region])
        stacks = Query(Home(self._platform.site.account, region, kind.noun))
        begun = clock.monotonic()
        while not all(kind.rests(row) for row in self._platform.resources.each(stacks)):
            left = PATIENCE - (clock.monotonic() - begun)
            if left <= 0:
                return
            listener.receive(left)


class RegionalStack(Kind):
    """Stacks of all regions, each carried out by the services of its own."""

    noun, resource, spoken, lifecycle = Stack.noun, Stack.resource, Stack.spoken, Stack.lifecycle

    def __init__(self, regions: Regions) -> None:
        self._regions = regions

    def step(self, name: str, platform: Platform, row: Row) -> Outcome:
        """Run the step ``name`` where the stack is."""
        return services.stack(self._regions[row.region]).step(name, platform, row)

    def rests(self, row: Row) -> bool:
        """Return whether nothing happens to the stack by itself."""
        return services.stack(self._regions[row.region]).rests(row)

    def hear(self, row_id: str) -> None:
        """Take the step of the stack that waits for this row, which has moved."""
        for built in list(self._regions.built.values()):
            services.stack(built).hear(row_id)


class LenientWire(Wire):
    """Takes the names and ARNs that suites make up: what moto's server takes is not held against patterns."""

    rules: tuple[str, ...] = ("enum",)


class MotoApi:
    """The ASGI application at ``/moto-api``, and the services that go with it."""

    def __init__(self, settings: Settings, platform: Platform, database: Database) -> None:
        self._settings = settings
        self._platform = platform
        self._database = database
        self._answers = Answers()
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
        status, document = await asyncio.to_thread(self._answer, scope["method"], scope["path"], content)
        body = json.dumps(document, default=str).encode()
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
        }
        operation = operations.get((method, path))
        if operation is None:
            known = ", ".join(" ".join(each) for each in operations)
            return 404, {"Error": f"{method} {path} is not one of moto's requests that are served: {known}"}
        return operation(content)

    def _reset(self, _content: bytes) -> Answer:
        """Forget everything: rows, objects, logs, and what endpoints were to answer."""
        self._platform.objects.blobs.remove(dump.clear(self._database))
        self._platform.logs.clear()
        self._answers.clear()
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
