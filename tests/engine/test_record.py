"""A noun without a class of its own, through ResourceService and botocore's model."""

from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.core.exchange import Caller, Context, Document
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits, Unbuilt
from clary.engine.service import ResourceService
from clary.wire.model import load

ACCOUNT = "1" * 12
KINDS = (
    Record("Experiment", Traits(held_by={"Trial": "ExperimentName"})),
    Record("Trial", Traits(resource="experiment-trial", refers={"ExperimentName": "Experiment"})),
    Record(
        "Action",
        Traits(removes={"PropertiesToRemove": "Properties"}, filters={"SourceUri": "Source.SourceUri"}),
    ),
    Record("Domain", Traits(named_by=("DomainId",), generated="d-", status="InService")),
    Record("Space", Traits(named_by=("DomainId", "SpaceName"), filters={"DomainIdEquals": "DomainId"})),
    Record("Workforce", Traits(status="Active")),
    Record("Pipeline"),
    Record("CodeRepository", Traits(merges=("GitConfig",))),
    Unbuilt("TransformJob"),
    Unbuilt("MonitoringSchedule", Traits(about=("ListMonitoringExecutions", "ListMonitoringAlerts"))),
)


class Desk:
    """Calls operations as the wire does."""

    def __init__(self, platform: Platform) -> None:
        self.service = ResourceService(platform, load("sagemaker"), KINDS)

    def __call__(self, operation: str, **params: Any) -> Document:
        caller = Caller(ACCOUNT, "AKIA", f"arn:aws:iam::{ACCOUNT}:root", "AIDA")
        ctx = Context("request", "sagemaker", operation, "us-east-1", caller)
        return self.service(ctx, params).output

    def refused(self, operation: str, **params: Any) -> str:
        with pytest.raises(ClaryError) as caught:
            self(operation, **params)
        return caught.value.code


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return Desk(platform)


def test_a_record_goes_round(desk: Desk) -> None:
    arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:experiment/one"
    assert desk("CreateExperiment", ExperimentName="One", Description="first") == {"ExperimentArn": arn}
    assert desk("UpdateExperiment", ExperimentName="One", DisplayName="1") == {"ExperimentArn": arn}
    seen = desk("DescribeExperiment", ExperimentName="One")
    assert (seen["ExperimentName"], seen["DisplayName"], seen["Description"]) == ("One", "1", "first")
    author = {"IamIdentity": {"Arn": f"arn:aws:iam::{ACCOUNT}:root", "PrincipalId": "AIDA"}}
    assert (seen["CreatedBy"], seen["LastModifiedBy"]) == (author, author)
    assert seen["LastModifiedTime"] > seen["CreationTime"]
    assert [one["ExperimentName"] for one in desk("ListExperiments")["ExperimentSummaries"]] == ["One"]
    assert desk("DeleteExperiment", ExperimentName="One") == {"ExperimentArn": arn}
    assert desk.refused("DescribeExperiment", ExperimentName="One") == "ResourceNotFound"


def test_names_lead_to_what_exists_and_keep_it_there(desk: Desk) -> None:
    assert desk.refused("CreateTrial", TrialName="t", ExperimentName="none") == "ResourceNotFound"
    desk("CreateExperiment", ExperimentName="e")
    desk("CreateTrial", TrialName="t", ExperimentName="e")
    assert desk.refused("DeleteExperiment", ExperimentName="e") == "ValidationException"
    desk("DeleteTrial", TrialName="t")
    desk("DeleteExperiment", ExperimentName="e")


def test_a_name_is_given_once_by_the_code_that_the_model_declares(desk: Desk) -> None:
    desk("CreateExperiment", ExperimentName="e")
    assert desk.refused("CreateExperiment", ExperimentName="e") == "ValidationException"
    space = {"DomainId": "d-1", "SpaceName": "s"}
    desk("CreateSpace", **space)
    assert desk.refused("CreateSpace", **space) == "ResourceInUse"


def test_a_request_that_is_repeated_with_its_token_is_answered_again(desk: Desk) -> None:
    pipeline = {"PipelineName": "p", "RoleArn": "r"}
    first = desk("CreatePipeline", ClientRequestToken="x" * 32, **pipeline)
    assert desk("CreatePipeline", ClientRequestToken="x" * 32, **pipeline) == first
    assert desk.refused("CreatePipeline", ClientRequestToken="y" * 32, **pipeline) == "ConflictException"


def test_keys_are_taken_out_of_a_map_by_name(desk: Desk) -> None:
    source = {"SourceUri": "s3://b/k"}
    desk("CreateAction", ActionName="a", Source=source, ActionType="t", Properties={"one": "1", "two": "2"})
    desk("UpdateAction", ActionName="a", PropertiesToRemove=["one"])
    assert desk("DescribeAction", ActionName="a")["Properties"] == {"two": "2"}
    assert len(desk("ListActions", SourceUri="s3://b/k")["ActionSummaries"]) == 1
    assert desk("ListActions", SourceUri="s3://b/other")["ActionSummaries"] == []


def test_the_server_makes_up_the_id_where_the_request_has_none(desk: Desk) -> None:
    made = desk("CreateDomain", DomainName="mine", AuthMode="IAM")
    assert made["DomainArn"].endswith(f":domain/{made['DomainId']}")
    assert made["DomainId"].startswith("d-")
    seen = desk("DescribeDomain", DomainId=made["DomainId"])
    assert (seen["DomainName"], seen["Status"]) == ("mine", "InService")


def test_a_scope_has_names_of_its_own(desk: Desk) -> None:
    for domain in ("d-1", "d-2"):
        desk("CreateSpace", DomainId=domain, SpaceName="same")
    arn = desk("CreateSpace", DomainId="d-2", SpaceName="other")["SpaceArn"]
    assert arn.endswith(":space/d-2/other")
    assert desk("DescribeSpace", DomainId="d-2", SpaceName="same")["DomainId"] == "d-2"
    assert [one["DomainId"] for one in desk("ListSpaces", DomainIdEquals="d-1")["Spaces"]] == ["d-1"]
    desk("DeleteSpace", DomainId="d-1", SpaceName="same")
    assert len(desk("ListSpaces")["Spaces"]) == 2


def test_an_answer_that_wraps_the_noun_is_wrapped(desk: Desk) -> None:
    desk("CreateWorkforce", WorkforceName="crowd")
    seen = desk("DescribeWorkforce", WorkforceName="crowd")["Workforce"]
    assert (seen["WorkforceName"], seen["Status"]) == ("crowd", "Active")
    assert "CreateDate" in seen


def test_a_resource_is_found_by_its_arn(desk: Desk) -> None:
    arn = desk("CreatePipeline", PipelineName="P", RoleArn="r")["PipelineArn"]
    assert desk("DescribePipeline", PipelineName=arn)["PipelineName"] == "P"
    desk("CreateExperiment", ExperimentName="e")
    assert (
        desk.refused("DescribePipeline", PipelineName=arn.replace("pipeline/", "experiment/"))
        == "ResourceNotFound"
    )


def test_what_is_not_built_cannot_be_created_and_is_not_found(desk: Desk) -> None:
    assert desk.refused("CreateTransformJob", TransformJobName="t") == "UnknownOperationException"
    assert desk.refused("DescribeTransformJob", TransformJobName="t") == "ResourceNotFound"
    assert desk.refused("StopTransformJob", TransformJobName="t") == "ResourceNotFound"
    assert desk("ListTransformJobs", StatusEquals="Completed")["TransformJobSummaries"] == []


def test_of_what_is_not_built_there_is_nothing_to_tell(desk: Desk) -> None:
    assert desk("ListMonitoringExecutions") == {"MonitoringExecutionSummaries": []}
    assert desk.refused("ListMonitoringAlerts", MonitoringScheduleName="s") == "ResourceNotFound"


def test_an_update_changes_parts_of_what_it_merges(desk: Desk) -> None:
    desk("CreateCodeRepository", CodeRepositoryName="r", GitConfig={"RepositoryUrl": "https://git/r"})
    desk("UpdateCodeRepository", CodeRepositoryName="r", GitConfig={"SecretArn": "s"})
    seen = desk("DescribeCodeRepository", CodeRepositoryName="r")
    assert seen["GitConfig"] == {"RepositoryUrl": "https://git/r", "SecretArn": "s"}
