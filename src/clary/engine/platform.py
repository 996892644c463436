"""Platform: everything a kind may use, joined once by the app and passed in."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clary.compute.capacity import Capacity
from clary.compute.cards import Cards
from clary.compute.executor import Executor
from clary.core import arn
from clary.core.bus import Bus
from clary.store.edges import Edges
from clary.store.logs import Logs
from clary.store.metrics import Metrics
from clary.store.objects import Objects
from clary.store.resources import Home, Resources, Row
from clary.store.tags import Tags


@dataclass(frozen=True, slots=True)
class Site:
    """Where this server says it is: region and account of what it owns, and the endpoint for its jobs."""

    region: str
    account: str
    url: str

    def arn(self, resource: str, service: str = "sagemaker") -> str:
        """Return the ARN of ``resource`` here."""
        return arn.make(service, self.region, self.account, resource)


@dataclass(frozen=True, slots=True)
class Platform:
    """The parts below the services."""

    site: Site
    resources: Resources
    tags: Tags
    edges: Edges
    objects: Objects
    logs: Logs
    metrics: Metrics
    executor: Executor
    capacity: Capacity
    cards: Cards
    bus: Bus
    work: Path
    """The folder that holds one workspace for each row with runs."""

    def home(self, noun: str) -> Home:
        """Return where the resources of a kind are, by noun."""
        return Home(self.site.account, self.site.region, noun)

    def get(self, noun: str, name: str) -> Row | None:
        """Return the resource ``name`` of another kind, by noun."""
        return self.resources.find(self.home(noun), name)

    def by_arn(self, arn: str) -> Row | None:
        """Return the resource with this ARN, however that spells names: SageMaker's are in lower case."""
        found = self.resources.by_arn(arn)
        if found is None and arn != arn.lower() and arn.split(":")[2:3] == ["sagemaker"]:
            return self.resources.by_arn(arn.lower())
        return found

    def amend(
        self, row: Row, revise: Callable[[Row], Mapping[str, Any]], message: str | None = None
    ) -> Row | None:
        """Write the columns that ``revise`` makes of a row, whoever else changes it; None when it is gone."""
        return self.resources.amend(row, revise, message)

    def workspace(self, row: Row) -> Path:
        """Return the folder where the files of the row's runs lie."""
        return self.work / row.id

    def clear(self, row: Row) -> None:
        """Remove the row's workspace."""
        shutil.rmtree(self.workspace(row), ignore_errors=True)
