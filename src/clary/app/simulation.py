"""Simulation: what differs in a server that runs nothing: all regions are served, nobody waits for stacks."""

from collections.abc import Mapping
from dataclasses import replace

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
from clary.services.simulation.runtime import Runtime
from clary.store.database import Database
from clary.store.resources import Home, Query, Row
from clary.wire.asgi import Wire

MOVING = ("CreateStack", "UpdateStack", "DeleteStack", "ExecuteChangeSet")
"""The operations of CloudFormation that a stack is moved by."""
PATIENCE = 30.0
"""Seconds; clients give up after 60."""


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
