"""Single types where they differ from what the service's model says."""

from typing import Any

from tests.services.cloudformation.conftest import Yard


def one(kind: str, **properties: Any) -> dict[str, Any]:
    return {"One": {"Type": f"AWS::SageMaker::{kind}", "Properties": properties}}


def test_a_pipelines_definition_is_an_object(yard: Yard) -> None:
    role = "arn:aws:iam::111111111111:role/Lab"
    body = {"PipelineDefinitionBody": '{"Version": "2020-12-01"}'}
    first = one("Pipeline", PipelineName="p", RoleArn=role, PipelineDefinition=body)
    assert yard.create("stack", first) == "CREATE_COMPLETE"
    body = {"PipelineDefinitionBody": '{"Version": "2021-01-01"}'}
    second = one("Pipeline", PipelineName="p", RoleArn=role, PipelineDefinition=body)
    assert yard.update("stack", second) == "UPDATE_COMPLETE"
    told = yard.ask("sagemaker", "DescribePipeline", PipelineName="p")
    assert told["PipelineDefinition"] == '{"Version": "2021-01-01"}'
    assert yard.physical("stack") == {"One": "p"}


def test_features_are_added_in_place(yard: Yard) -> None:
    def features(*names: str) -> dict[str, Any]:
        return one(
            "FeatureGroup",
            FeatureGroupName="f",
            RecordIdentifierFeatureName="id",
            EventTimeFeatureName="at",
            FeatureDefinitions=[{"FeatureName": name, "FeatureType": "String"} for name in names],
            OnlineStoreConfig={"EnableOnlineStore": True},
        )

    assert yard.create("stack", features("id", "at")) == "CREATE_COMPLETE"
    assert yard.update("stack", features("id", "at", "x")) == "UPDATE_COMPLETE"
    told = yard.ask("sagemaker", "DescribeFeatureGroup", FeatureGroupName="f")
    assert [each["FeatureName"] for each in told["FeatureDefinitions"]] == ["id", "at", "x"]


def test_the_branch_of_a_repository_cannot_be_changed(yard: Yard) -> None:
    def repository(branch: str) -> dict[str, Any]:
        config = {"RepositoryUrl": "https://example.com/r.git", "Branch": branch}
        return one("CodeRepository", GitConfig=config)

    yard.create("stack", repository("main"))
    before = yard.physical("stack")
    assert yard.update("stack", repository("next")) == "UPDATE_COMPLETE"
    assert yard.physical("stack") != before


def test_a_card_of_a_model_is_written_as_an_object(yard: Yard) -> None:
    content = {"model_overview": {"model_description": "tells tumours apart"}}
    card = one("ModelCard", ModelCardName="c", ModelCardStatus="Draft", Content=content)
    assert yard.create("stack", card) == "CREATE_COMPLETE"
    told = yard.ask("sagemaker", "DescribeModelCard", ModelCardName="c")
    assert "tells tumours apart" in told["Content"]


def test_a_property_that_no_such_type_has_is_named(yard: Yard) -> None:
    assert yard.create("stack", one("Model", Colour="red")) == "ROLLBACK_COMPLETE"
    told = str(yard("DescribeStackEvents", StackName="stack"))
    assert "Properties validation failed: #: extraneous key [Colour] is not permitted" in told
