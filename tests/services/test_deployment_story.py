"""What lineage is told of the models that are deployed to an endpoint."""

import io
import tarfile

import pytest

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.store.objects import BucketRow
from tests.fake_executor import FakeExecutor
from tests.services.sagemaker.conftest import ACCOUNT, BUCKET, Lab, pings
from tests.services.sagemaker.endpoints import begin, configure, container, look, serve

ROLE = "arn:aws:iam::111111111111:role/Server"

__all__ = ["pings"]


@pytest.fixture
def lab(platform: Platform, executor: FakeExecutor) -> Lab:
    platform.objects.create_bucket(BucketRow(BUCKET, ACCOUNT, "us-east-1", 0.0))
    return Lab(platform, executor)


@pytest.fixture
def model(lab: Lab) -> str:
    """A model called ``m``; return where its artifact is."""
    archive = io.BytesIO()
    tarfile.open(fileobj=archive, mode="w:gz").close()
    uri = lab.put("model.tar.gz", archive.getvalue())
    lab("CreateModel", ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=container(uri))
    return uri


def deployments(lab: Lab) -> list[Document]:
    """The deployments to the endpoint, the first one first."""
    arn = lab("DescribeEndpoint", EndpointName="e")["EndpointArn"]
    found = lab("ListActions", SourceUri=arn, ActionType="ModelDeployment", SortOrder="Ascending")
    return [lab("DescribeAction", ActionName=one["ActionName"]) for one in found["ActionSummaries"]]


def statuses(lab: Lab) -> list[str]:
    return [action["Status"] for action in deployments(lab)]


def reached(lab: Lab, start: str, direction: str, *types: str) -> list[str]:
    answer = lab("QueryLineage", StartArns=[start], Direction=direction, Filters={"Types": list(types)})
    return [vertex["Arn"] for vertex in answer["Vertices"]]


def test_an_endpoint_is_found_from_its_model_and_back(lab: Lab, model: str, pings: set[str]) -> None:
    begin(lab)
    assert statuses(lab) == ["InProgress"]
    pings |= lab.executor.running
    arn = look(lab).arn
    assert statuses(lab) == ["Completed"]
    (context,) = lab("ListContexts", SourceUri=arn)["ContextSummaries"]
    assert (context["ContextName"], context["ContextType"]) == ("e-aws-endpoint", "Endpoint")
    (artifact,) = lab("ListArtifacts", SourceUri=model)["ArtifactSummaries"]
    assert reached(lab, artifact["ArtifactArn"], "Descendants", "Endpoint") == [context["ContextArn"]]
    assert reached(lab, context["ContextArn"], "Ascendants", "Model") == [artifact["ArtifactArn"]]
    assert len(reached(lab, context["ContextArn"], "Ascendants", "Image", "ModelDeployment")) == 2


def test_every_update_is_a_deployment_to_the_same_endpoint(lab: Lab, model: str, pings: set[str]) -> None:
    serve(lab, pings)
    configure(lab, "c2")
    lab("UpdateEndpoint", EndpointName="e", EndpointConfigName="c2")
    look(lab)
    pings |= lab.executor.running
    assert look(lab).phase == "InService"
    first, second = deployments(lab)
    assert (first["Status"], second["Status"]) == ("Completed", "Completed")
    assert second["Properties"] == {"EndpointConfigName": "c2"}
    (context,) = lab("ListContexts", ContextType="Endpoint")["ContextSummaries"]
    actions = {first["ActionArn"], second["ActionArn"]}
    assert set(reached(lab, context["ContextArn"], "Ascendants", "ModelDeployment")) == actions


def test_a_deployment_that_fails_has_failed_and_the_one_before_serves_on(
    lab: Lab, model: str, pings: set[str]
) -> None:
    row = serve(lab, pings)
    configure(lab, "c2")
    lab("UpdateEndpoint", EndpointName="e", EndpointConfigName="c2")
    look(lab)
    lab.executor.end(f"{row.id}.2-0-0", 1, "exited with code 1")
    while look(lab).phase != "InService":
        continue
    assert statuses(lab) == ["Completed", "Failed"]


def test_a_change_of_size_is_no_deployment_and_its_failure_fails_none(
    lab: Lab, model: str, pings: set[str]
) -> None:
    serve(lab, pings)
    before = set(lab.executor.running)
    desired = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 2}]
    lab("UpdateEndpointWeightsAndCapacities", EndpointName="e", DesiredWeightsAndCapacities=desired)
    look(lab)
    assert statuses(lab) == ["Completed"]
    (added,) = lab.executor.running - before
    lab.executor.end(added, 1, "exited with code 1")
    while look(lab).phase != "InService":
        continue
    assert statuses(lab) == ["Completed"]


def test_a_deployment_ends_with_its_endpoint_and_a_failed_one_stays_failed(
    lab: Lab, model: str, pings: set[str]
) -> None:
    row = begin(lab)
    lab.executor.end(f"{row.id}.1-0-0", 1, "exited with code 1")
    look(lab)
    (failed,) = deployments(lab)
    lab("DeleteEndpoint", EndpointName="e")
    lab.look("Endpoint", "e")
    lab("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    look(lab)
    pings |= lab.executor.running
    look(lab)
    arns = [action["ActionArn"] for action in deployments(lab)]
    lab("DeleteEndpoint", EndpointName="e")
    row = look(lab)
    for run in list(lab.executor.running):
        lab.executor.end(run, -15)
    lab.reconciler.advance(row)
    assert failed["Status"] == "Failed"
    summaries = {one["ActionArn"]: one["Status"] for one in lab("ListActions")["ActionSummaries"]}
    assert summaries[failed["ActionArn"]] == "Failed"
    assert [summaries[arn] for arn in arns if arn != failed["ActionArn"]] == ["Stopped"]
