"""Every type of SageMaker's in a stack: requests made from the model, as properties, created and deleted."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from clary.engine.state import State
from clary.services.cloudformation.resource_types import SAGEMAKER
from clary.store.database import Database
from clary.store.resources import Query
from tests.conftest import assembled
from tests.contract import surface as surfaces
from tests.contract.surface import CATALOG, Surface
from tests.fake_executor import FakeExecutor
from tests.services.cloudformation.conftest import Yard

pytestmark = pytest.mark.contract

APART = {noun for noun in SAGEMAKER if CATALOG.kinds[noun].state is State.REAL}
"""What takes its time, which nothing here moves; test_stack.py of the service waits for one."""
TOKENS = ("ClientRequestToken", "ClientToken", "Tags")
RENAMED: Mapping[str, Mapping[str, str]] = {
    "Image": {
        "Description": "ImageDescription",
        "DisplayName": "ImageDisplayName",
        "RoleArn": "ImageRoleArn",
    },
}
"""Members that templates spell otherwise than Create."""


@pytest.fixture(scope="module")
def both(migrated: Path) -> Iterator[tuple[Surface, Yard]]:
    """One server for all, asked by requests and by stacks."""
    folder = Path(tempfile.mkdtemp(prefix="clary-"))
    url = f"sqlite:///{shutil.copy(migrated, folder)}"
    with assembled(folder, url, FakeExecutor()) as platform, surfaces.served(platform) as client:
        database = Database(url)
        yield Surface(client), Yard(platform, database)
        database.close()
    shutil.rmtree(folder)


def spelt(noun: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request of Create as the properties of a template."""
    names = RENAMED.get(noun, {})
    found = {names.get(name, name): value for name, value in params.items() if name not in TOKENS}
    if noun == "Pipeline":
        found["PipelineDefinition"] = {"PipelineDefinitionBody": params["PipelineDefinition"]}
    if noun == "ModelCard":
        found["Content"] = json.loads(params["Content"])  # an object in templates
    return found


def plain(value: Any) -> Any:
    assert isinstance(value, datetime)
    return value.isoformat()


def count(yard: Yard, noun: str) -> int:
    return len(yard.platform.resources.list(Query(yard.platform.home(noun), limit=1000)))


@pytest.mark.parametrize("noun", sorted(SAGEMAKER.keys() - APART))
def test_every_type_is_created_and_deleted(both: tuple[Surface, Yard], noun: str) -> None:
    surface, yard = both
    properties = spelt(noun, surface.request(f"Create{noun}", whole=True))
    resources = {"One": {"Type": f"AWS::SageMaker::{noun}", "Properties": properties}}
    outputs = {"Name": {"Value": {"Ref": "One"}}}
    name, before = f"all-of-{noun}", count(yard, noun)
    text = json.dumps({"Resources": resources, "Outputs": outputs}, default=plain)
    yard("CreateStack", StackName=name, TemplateBody=text)
    status = yard.settle(name)
    told = [
        each.get("ResourceStatusReason")
        for each in yard("DescribeStackEvents", StackName=name)["StackEvents"]
    ]
    if CATALOG.kinds[noun].state is State.SIMULATED:
        assert status == "ROLLBACK_COMPLETE"
        assert any("is not supported by this release of Clary" in str(reason) for reason in told)
    else:
        assert status == "CREATE_COMPLETE", told
        assert count(yard, noun) == before + 1
        assert yard.outputs(name)["Name"] == yard.physical(name)["One"]
    assert yard.delete(name) == ""
    assert count(yard, noun) == before
