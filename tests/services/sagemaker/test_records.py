"""What is peculiar to the nouns that are records."""

import pytest

from clary.core.errors import ClaryError
from tests.services.sagemaker.conftest import Lab


def test_a_monitors_definition_is_listed_by_its_endpoint(lab: Lab) -> None:
    arn = lab(
        "CreateDataQualityJobDefinition",
        JobDefinitionName="d",
        DataQualityAppSpecification={"ImageUri": "i"},
        DataQualityJobInput={"EndpointInput": {"EndpointName": "e", "LocalPath": "/p"}},
        DataQualityJobOutputConfig={"MonitoringOutputs": []},
        JobResources={},
        RoleArn="r",
    )["JobDefinitionArn"]
    assert arn.endswith(":data-quality-job-definition/d")
    found = lab("ListDataQualityJobDefinitions", EndpointName="e")["JobDefinitionSummaries"]
    assert [(one["MonitoringJobDefinitionName"], one["EndpointName"]) for one in found] == [("d", "e")]
    assert lab("ListDataQualityJobDefinitions", EndpointName="other")["JobDefinitionSummaries"] == []
    assert lab("ListModelBiasJobDefinitions")["JobDefinitionSummaries"] == []


def test_a_workteam_that_is_deleted_says_so(lab: Lab) -> None:
    lab("CreateWorkteam", WorkteamName="w", MemberDefinitions=[], Description="d")
    assert lab("DeleteWorkteam", WorkteamName="w") == {"Success": True}


def test_what_nothing_here_carries_out_is_refused_with_its_reason(lab: Lab) -> None:
    hub = {
        "HubName": "h",
        "SageMakerPublicHubContentArn": "arn:aws:sagemaker:us-east-1:aws:hub-content/p/Model/m",
    }
    with pytest.raises(ClaryError, match=r'Could not find hub ".*hub/h"') as missing:
        lab("CreateHubContentReference", **hub)
    assert missing.value.code == "ResourceNotFound"
    lab("CreateHub", HubName="h", HubDescription="ours")
    with pytest.raises(ClaryError, match="bring contents in by ImportHubContent") as refusal:
        lab("CreateHubContentReference", **hub)
    assert refusal.value.code == "UnknownOperationException"
    with pytest.raises(ClaryError, match="no applications here"):
        lab("StartSession", ResourceIdentifier="arn:aws:sagemaker:us-east-1:111111111111:space/d/s")
    assert lab("ListModelMetadata") == {"ModelMetadataSummaries": []}
