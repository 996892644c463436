"""What Fn::GetAtt may ask for, beside the schemas that AWS publishes."""

import json
from pathlib import Path

import cfnlint
import pytest

from clary.services.cloudformation.attributes import ATTRIBUTES
from clary.services.cloudformation.resource_types import NOT_PROVISIONED, SAGEMAKER
from tests.services.cloudformation.conftest import Yard, group

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"
PREFIX = "AWS::SageMaker::"
NAMES = (
    "CodeRepository Endpoint EndpointConfig Model NotebookInstance NotebookInstanceLifecycleConfig Workteam"
)
"""The oldest types, whose pages have the name among the attributes and whose schemas have not."""


@pytest.fixture(scope="module")
def published() -> dict[str, Path]:
    """The schemas of SageMaker's types by name, from cfn-lint, which moto needs."""
    named = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text())
    return {
        name: SCHEMAS / "resources" / f"{file}.json"
        for name, file in named.items()
        if name.startswith(PREFIX)
    }


def test_every_type_that_aws_has_is_served_or_explained(published: dict[str, Path], yard: Yard) -> None:
    ours = {name for name in yard.service._means.types if name.startswith(PREFIX)}
    assert ours | NOT_PROVISIONED.keys() == published.keys()


@pytest.mark.parametrize("noun", sorted(SAGEMAKER))
def test_the_attributes_are_those_of_the_schema(published: dict[str, Path], noun: str) -> None:
    schema = json.loads(published[PREFIX + noun].read_text())
    paths = [path.removeprefix("/properties/") for path in schema.get("readOnlyProperties", ())]
    known = {path.replace("/", ".") for path in paths if "*" not in path}
    known |= {f"{noun}Name"} if noun in NAMES.split() else set()
    assert set(ATTRIBUTES.get(noun, ())) == known


def test_a_type_that_aws_names_and_cannot_make_is_explained(yard: Yard) -> None:
    body = json.dumps({"Resources": {"One": {"Type": "AWS::SageMaker::ExperimentTrialComponent"}}})
    message = yard.refused("CreateStack", StackName="s", TemplateBody=body)
    assert "Unrecognized resource types: [AWS::SageMaker::ExperimentTrialComponent]. " in message
    assert "use AWS::SageMaker::TrialComponent" in message


def test_the_attributes_have_their_values(yard: Yard) -> None:
    wanted = {"Arn": "A.ModelPackageGroupArn", "Status": "A.ModelPackageGroupStatus", "At": "A.CreationTime"}
    outputs = {name: {"Value": {"Fn::GetAtt": path}} for name, path in wanted.items()}
    assert yard.create("stack", {"A": group("g")}, Outputs=outputs) == "CREATE_COMPLETE"
    told = yard.outputs("stack")
    assert told["Arn"].endswith("model-package-group/g")
    assert told["Status"] == "Completed"
    assert told["At"].startswith("20")
