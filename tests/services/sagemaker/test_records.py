"""What is peculiar to the nouns that are records."""

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
