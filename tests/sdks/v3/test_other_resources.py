"""The generated resources of SDK v3 that it does not make by ``create``, or does not find then."""

from collections.abc import Callable

import boto3
import pytest
from botocore.exceptions import ClientError
from sagemaker.core.resources import (
    Artifact,
    Association,
    Device,
    DeviceFleet,
    FeatureGroup,
    FeatureMetadata,
    Hub,
    HubContent,
    LineageGroup,
    ModelPackage,
    ModelPackageGroup,
    MonitoringAlert,
    MonitoringExecution,
    Pipeline,
    PipelineExecution,
    ResourceCatalog,
    SagemakerServicecatalogPortfolio,
    SubscribedWorkteam,
    Tag,
)
from sagemaker.core.shapes import (
    ArtifactSource,
    EdgeOutputConfig,
    FeatureDefinition,
    FeatureParameter,
)

from tests.sdks.conftest import BUCKET, ROLE

Name = Callable[[str], str]
GONE = "not find|not found|does not exist|no association"


def test_artifacts_are_associated_and_parted(name: Name) -> None:
    ends = [
        Artifact.create(
            artifact_type="DataSet", source=ArtifactSource(source_uri=f"s3://{BUCKET}/{name('v3')}")
        )
        for _ in range(2)
    ]
    source, destination = (one.artifact_arn for one in ends)
    Association.add(source_arn=source, destination_arn=destination, association_type="DerivedFrom")
    (found,) = Association.get_all(source_arn=source)
    assert (found.destination_arn, found.association_type) == (destination, "DerivedFrom")
    found.delete()
    assert list(Association.get_all(source_arn=source)) == []
    with pytest.raises(ClientError, match=GONE):
        found.delete()
    for one in ends:
        one.delete()


def test_devices_that_boto3_registers(name: Name) -> None:
    fleet = DeviceFleet.create(
        device_fleet_name=name("v3"), output_config=EdgeOutputConfig(s3_output_location=f"s3://{BUCKET}/edge")
    )
    device = name("v3")
    boto3.client("sagemaker").register_devices(
        DeviceFleetName=fleet.device_fleet_name, Devices=[{"DeviceName": device, "Description": "one"}]
    )
    found = Device.get(device_name=device, device_fleet_name=fleet.device_fleet_name)
    assert (found.device_name, found.description) == (device, "one")
    assert found.refresh().description == "one"
    assert [one.device_name for one in Device.get_all(device_fleet_name=fleet.device_fleet_name)] == [device]
    fleet.deregister_devices(device_names=[device])
    with pytest.raises(ClientError, match=GONE):
        found.refresh()
    fleet.delete()


def test_features_say_something_of_themselves(name: Name) -> None:
    group = FeatureGroup.create(
        feature_group_name=name("v3"),
        record_identifier_feature_name="id",
        event_time_feature_name="time",
        feature_definitions=[
            FeatureDefinition(feature_name="id", feature_type="String"),
            FeatureDefinition(feature_name="time", feature_type="Fractional"),
        ],
    )
    feature = FeatureMetadata.get(feature_group_name=group.feature_group_name, feature_name="id")
    assert (feature.feature_type, feature.feature_group_arn) == ("String", group.feature_group_arn)
    feature.update(description="who", parameter_additions=[FeatureParameter(key="team", value="a")])
    assert feature.description == "who"
    feature.update(parameter_removals=["team"])
    assert feature.refresh().description == "who"
    group.delete()
    group.wait_for_delete(poll=1)
    with pytest.raises(ClientError, match=GONE):
        feature.refresh()


def test_contents_of_a_hub_that_boto3_imports(name: Name) -> None:
    hub = Hub.create(hub_name=name("v3"), hub_description="a hub")
    content = {"HubName": hub.hub_name, "HubContentType": "Model", "HubContentName": name("v3")}
    client = boto3.client("sagemaker")
    for schema in ("2.2.0", "2.3.0"):
        client.import_hub_content(**content, DocumentSchemaVersion=schema, HubContentDocument="{}")
    found = HubContent.get(hub.hub_name, "Model", content["HubContentName"])
    assert (found.hub_content_version, found.hub_content_status) == ("1.1.0", "Available")
    found.update(hub_content_type="Model", hub_content_version="1.1.0", hub_content_description="newer")
    assert found.hub_content_description == "newer"
    found.delete()
    with pytest.raises(ClientError, match=GONE):
        found.refresh()
    HubContent.get(hub.hub_name, "Model", content["HubContentName"]).delete()
    hub.delete()


def test_a_model_package_that_boto3_registers(name: Name) -> None:
    group = ModelPackageGroup.create(model_package_group_name=name("v3"))
    arn = boto3.client("sagemaker").create_model_package(
        ModelPackageGroupName=group.model_package_group_name,
        InferenceSpecification={
            "Containers": [{"Image": "linear-learner:1", "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )["ModelPackageArn"]
    package = ModelPackage.get(arn)
    assert (package.model_package_version, package.model_package_status) == (1, "Completed")
    assert list(package.batch_get([arn]).model_package_summaries) == [arn]
    group.put_policy(resource_policy='{"Version": "2012-10-17", "Statement": []}')
    assert "2012-10-17" in group.get_policy()
    group.delete_policy()
    boto3.client("sagemaker").delete_model_package(ModelPackageName=arn)  # the SDK names it by its group
    with pytest.raises(ClientError, match=GONE):
        ModelPackage.get(arn)
    group.delete()
    group.wait_for_delete(poll=1)


def test_tags_of_a_resource(name: Name) -> None:
    group = ModelPackageGroup.create(model_package_group_name=name("v3"))
    arn = group.model_package_group_arn
    Tag.add_tags(resource_arn=arn, tags=[{"key": "team", "value": "a"}, {"key": "stage", "value": "b"}])
    assert {one.key: one.value for one in Tag.get_all(resource_arn=arn)} == {"team": "a", "stage": "b"}
    Tag.delete_tags(resource_arn=arn, tag_keys=["stage"])
    assert [one.key for one in Tag.get_all(resource_arn=arn)] == ["team"]
    group.delete()


def test_the_portfolio_of_project_templates_is_on_or_off() -> None:
    SagemakerServicecatalogPortfolio.enable()
    assert SagemakerServicecatalogPortfolio.get_status() == "Enabled"
    SagemakerServicecatalogPortfolio.disable()
    assert SagemakerServicecatalogPortfolio.get_status() == "Disabled"


def test_of_what_is_not_built_there_is_none(name: Name) -> None:
    assert list(LineageGroup.get_all()) == []
    assert list(MonitoringExecution.get_all()) == []
    assert list(ResourceCatalog.get_all()) == []
    assert list(SubscribedWorkteam.get_all()) == []
    with pytest.raises(ClientError, match=GONE):
        LineageGroup.get("none")
    with pytest.raises(ClientError, match=GONE):
        SubscribedWorkteam.get("arn:aws:sagemaker:us-east-1:123456789012:workteam/vendor-crowd/none")
    with pytest.raises(ClientError, match=GONE):
        list(MonitoringAlert.get_all(monitoring_schedule_name="none"))
    with pytest.raises(ClientError, match=GONE):
        PipelineExecution.get("arn:aws:sagemaker:us-east-1:123456789012:pipeline/p/execution/abcdefghijkl")
    pipeline = Pipeline.create(
        pipeline_name=name("v3"),
        client_request_token=name("a-token-of-this-request-alone"),
        role_arn=ROLE,
        pipeline_definition='{"Version": "2020-12-01", "Steps": []}',
    )
    assert list(PipelineExecution.get_all(pipeline_name=pipeline.pipeline_name)) == []
    pipeline.delete(client_request_token=name("a-token-of-this-request-alone"))
