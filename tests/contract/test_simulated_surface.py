"""The nouns that only a simulating server has: every operation answered, from Create to Delete.

Requests are made from the shapes, as for the whole surface; none is answered by a 5xx, and what is answered
has all that its shape requires.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from clary.engine.catalog import Catalog
from clary.engine.state import State
from clary.services import simulation
from tests.conftest import assembled
from tests.contract import answers
from tests.contract import surface as surfaces
from tests.contract.surface import CATALOG, MODEL, OPERATIONS, Surface
from tests.fake_executor import FakeExecutor

pytestmark = pytest.mark.contract

SIMULATED = Catalog(MODEL, simulation.kinds(MODEL))
NOUNS = sorted(kind.noun for kind in CATALOG.kinds.values() if kind.state is State.SIMULATED)
ALL = sorted(name for name, kind in SIMULATED.owners.items() if kind.noun in NOUNS)
ROUND = [
    noun for noun in NOUNS if f"Create{noun}" in SIMULATED.owners and f"Describe{noun}" in SIMULATED.owners
]
NOTHING = {
    "DescribeClusterEvent": "nothing happens to a cluster",
    "DescribeClusterExtension": "a cluster has none",
    "DescribeClusterNode": "the node of the request is made up",
    "DescribeClusterOperation": "nothing is done to a cluster",
    "DescribeJobSchemaVersion": "schemas are AWS's own",
    "DescribeLineageGroup": "groups are AWS's own",
    "DescribeReservedCapacity": "capacity comes with a plan, which has none",
    "DescribeSubscribedWorkteam": "subscriptions come from the marketplace",
    "DescribeTrainingPlanExtensionHistory": "a plan is not extended",
    "GetLineageGroupPolicy": "groups are AWS's own",
    "ListUltraServersByReservedCapacity": "capacity comes with a plan, which has none",
}
"""Operations about what is not simulated, and why; they are refused by a modelled error."""
FIRST_STOPPED = ("StartNotebookInstance", "UpdateNotebookInstance", "DeleteNotebookInstance")
STARTED = ("PipelineExecution",)
"""Nouns of which no Create makes one; ``tests/e2e/simulate`` has them."""


@pytest.fixture(scope="module")
def surface(migrated: Path) -> Iterator[Surface]:
    """One simulating server for all."""
    folder = Path(tempfile.mkdtemp(prefix="clary-"))
    with (
        assembled(folder, f"sqlite:///{shutil.copy(migrated, folder)}", FakeExecutor()) as platform,
        surfaces.served(platform, simulation.kinds(MODEL)) as client,
    ):
        yield Surface(client)
    shutil.rmtree(folder)


@pytest.mark.parametrize("operation", ALL)
def test_every_operation_is_answered_with_what_its_shape_requires(surface: Surface, operation: str) -> None:
    noun = SIMULATED.owners[operation].noun
    if noun in STARTED:
        return
    params = surface.valid(operation, whole=False)
    if operation in FIRST_STOPPED:
        surface.ask("StopNotebookInstance", {"NotebookInstanceName": params["NotebookInstanceName"]})
    if operation in NOTHING:
        surface.refused(operation, params)
    else:
        answers.check(MODEL.operation_model(operation), surface.ask(operation, params))


@pytest.mark.parametrize("noun", ROUND)
def test_a_resource_is_created_shown_and_gone_when_it_is_deleted(surface: Surface, noun: str) -> None:
    create, describe, delete = f"Create{noun}", f"Describe{noun}", f"Delete{noun}"
    params = surface.request(create, whole=True)
    names = surface.names(CATALOG.kinds[noun], params, surface.ask(create, params))
    shown = surface.ask(describe, surface.request(describe, False, names))
    kept = params.keys() & MODEL.operation_model(describe).output_shape.members.keys() - names.keys()
    assert all(shown.get(name) is not None for name in kept)
    _settled(noun, shown)
    if noun == "NotebookInstance":
        surface.ask("StopNotebookInstance", {"NotebookInstanceName": names["NotebookInstanceName"]})
    if delete in SIMULATED.owners:
        surface.ask(delete, surface.request(delete, False, names))
        code, _ = surface.refused(describe, surface.request(describe, False, names))
        assert code in ("ResourceNotFound", "ValidationException")


def test_every_noun_is_simulated_or_said_not_to_be() -> None:
    assert set(NOTHING) <= set(OPERATIONS)
    assert {noun for noun in NOUNS if f"Create{noun}" in OPERATIONS} == set(ROUND)


def _settled(noun: str, shown: Mapping[str, Any]) -> None:
    """See that the status is one at which clients stop to wait."""
    lifecycle = SIMULATED.kinds[noun].lifecycle
    if len(lifecycle.phases) > 1:
        assert f"'{lifecycle.first.name}'" in str(shown)
        assert not lifecycle.first.name.lower().endswith(("creating", "starting", "progress", "pending"))
