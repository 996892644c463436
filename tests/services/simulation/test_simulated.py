"""A simulated noun through the verbs: settled when it is created, and moved on by what is asked."""

from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.core.exchange import Caller, Context, Document
from clary.engine.platform import Platform
from clary.engine.service import ResourceService
from clary.services import simulation
from clary.services.simulation.simulated import Simulated
from clary.wire.model import load

MODEL = load("sagemaker")
CALLER = Caller("1" * 12, "AKIAEXAMPLE", "arn:aws:iam::111111111111:user/ada", "AIDAEXAMPLE")
JOB = {
    "ProcessingJobName": "clean",
    "ProcessingResources": {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    },
    "AppSpecification": {"ImageUri": "any"},
    "RoleArn": "role",
}


class Asking:
    """Asks the service by operation and members."""

    def __init__(self, platform: Platform) -> None:
        self._service = ResourceService(platform, MODEL, simulation.kinds(MODEL))

    def __call__(self, operation: str, **params: Any) -> Document:
        ctx = Context("request", "sagemaker", operation, "us-east-1", CALLER)
        return self._service(ctx, params).output


@pytest.fixture
def ask(platform: Platform) -> Asking:
    return Asking(platform)


def test_a_job_has_ended_when_it_is_created(platform: Platform, ask: Asking) -> None:
    ask("CreateProcessingJob", **JOB)
    job = ask("DescribeProcessingJob", ProcessingJobName="clean")
    assert job["ProcessingJobStatus"] == "Completed"
    assert job["ProcessingEndTime"] == job["CreationTime"]
    assert {name: job[name] for name in JOB} == JOB
    group = "/aws/sagemaker/ProcessingJobs"
    (stream,) = platform.logs.streams(group, "clean/")
    (event,) = platform.logs.read(group, stream.name)
    assert event.message.startswith("Simulated: nothing was run.")


def test_a_job_that_has_ended_can_be_stopped_and_deleted(ask: Asking) -> None:
    ask("CreateProcessingJob", **JOB)
    ask("StopProcessingJob", ProcessingJobName="clean")
    stopped = ask("ListProcessingJobs", StatusEquals="Stopped")["ProcessingJobSummaries"]
    assert [job["ProcessingJobName"] for job in stopped] == ["clean"]
    ask("DeleteProcessingJob", ProcessingJobName="clean")
    with pytest.raises(ClaryError, match="clean"):
        ask("DescribeProcessingJob", ProcessingJobName="clean")


def test_a_server_is_created_started_updated_and_stopped(ask: Asking) -> None:
    named = {"TrackingServerName": "flow"}
    ask("CreateMlflowTrackingServer", **named, ArtifactStoreUri="s3://box", RoleArn="role")
    seen = []
    for verb in ("", "Start", "Update", "Stop"):
        if verb:
            assert ask(f"{verb}MlflowTrackingServer", **named)["TrackingServerArn"].endswith("/flow")
        seen.append(ask("DescribeMlflowTrackingServer", **named)["TrackingServerStatus"])
    assert seen == ["Created", "Started", "Updated", "Stopped"]


def test_a_name_is_taken_once(ask: Asking) -> None:
    ask("CreateProcessingJob", **JOB)
    with pytest.raises(ClaryError) as refused:
        ask("CreateProcessingJob", **JOB)
    assert refused.value.code == "ResourceInUse"


def test_what_would_lie_within_a_resource_is_not_there(ask: Asking) -> None:
    ask("CreateCluster", ClusterName="many")
    assert ask("ListClusterEvents", ClusterName="many") == {"Events": []}
    with pytest.raises(ClaryError) as refused:
        ask("DescribeClusterEvent", ClusterName="many", EventId="1")
    assert refused.value.code == "UnknownOperationException"


def test_a_notebook_opens_at_a_url_that_is_made_up(ask: Asking) -> None:
    named = {"NotebookInstanceName": "book"}
    ask("CreateNotebookInstance", **named, InstanceType="ml.t3.medium", RoleArn="role")
    url = ask("CreatePresignedNotebookInstanceUrl", **named)["AuthorizedUrl"]
    assert url.startswith("https://book.notebook-instance.us-east-1.")


def test_records_are_as_they_always_are() -> None:
    kinds = {kind.noun: kind for kind in simulation.kinds(MODEL)}
    assert not isinstance(kinds["Experiment"], Simulated)
    assert isinstance(kinds["TransformJob"], Simulated)
    assert not any(kind.lifecycle.moves for kind in kinds.values()), "nothing is left for a reconciler"
