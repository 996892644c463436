"""What lineage is told of an endpoint that is only simulated."""

import pytest

from clary.engine.platform import Platform
from tests.services.simulation.test_simulated import Asking

ROLE = "arn:aws:iam::111111111111:role/Server"
DATA = "s3://nowhere/model.tar.gz"


@pytest.fixture
def ask(platform: Platform) -> Asking:
    ask = Asking(platform)
    ask("CreateModelPackageGroup", ModelPackageGroupName="g")
    container = {"Image": "packaged", "ModelDataUrl": DATA}
    package = ask(
        "CreateModelPackage", ModelPackageGroupName="g", InferenceSpecification={"Containers": [container]}
    )
    for name, primary in (("plain", container), ("registered", package)):
        named = {"Image": "any", "ModelDataUrl": DATA}
        if name == "registered":
            named = {"ModelPackageName": primary["ModelPackageArn"]}
        ask("CreateModel", ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=named)
        variant = {"VariantName": "v", "ModelName": name, "InstanceType": "ml.m5.large"}
        ask("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=[variant])
    ask("CreateEndpoint", EndpointName="E", EndpointConfigName="plain")
    return ask


def reached(ask: Asking, start: str, direction: str) -> list[str]:
    answer = ask("QueryLineage", StartArns=[start], Direction=direction, MaxResults=50)
    return sorted(vertex["Type"] for vertex in answer["Vertices"])


def test_its_model_leads_to_it_and_back(ask: Asking) -> None:
    arn = ask("DescribeEndpoint", EndpointName="E")["EndpointArn"]
    (context,) = ask("ListContexts", SourceUri=arn)["ContextSummaries"]
    assert (context["ContextName"], context["ContextType"]) == ("e-aws-endpoint", "Endpoint")
    (model,) = ask("ListArtifacts", SourceUri=DATA)["ArtifactSummaries"]
    assert "Endpoint" in reached(ask, model["ArtifactArn"], "Descendants")
    assert reached(ask, context["ContextArn"], "Ascendants") == [
        "Endpoint", "Image", "Model", "ModelDeployment",
    ]  # fmt: skip


def test_each_update_is_a_deployment_and_the_last_one_ends_with_the_endpoint(ask: Asking) -> None:
    ask("UpdateEndpoint", EndpointName="E", EndpointConfigName="registered")
    wanted = [{"VariantName": "v", "DesiredInstanceCount": 2}]
    ask("UpdateEndpointWeightsAndCapacities", EndpointName="E", DesiredWeightsAndCapacities=wanted)
    arn = ask("DescribeEndpoint", EndpointName="E")["EndpointArn"]
    (context,) = ask("ListContexts", SourceUri=arn)["ContextSummaries"]
    assert "ModelPackage" in reached(ask, context["ContextArn"], "Ascendants")
    ask("DeleteEndpoint", EndpointName="E")
    found = ask("ListActions", SourceUri=arn, SortOrder="Ascending")["ActionSummaries"]
    assert [one["Status"] for one in found] == ["Completed", "Stopped"]
