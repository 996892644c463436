"""Resource types: the table of what stacks may consist of."""

from collections.abc import Mapping
from typing import Any

from clary.core.exchange import Document
from clary.engine.catalog import Catalog
from clary.services.cloudformation import conversion
from clary.services.cloudformation.bucket_policy_type import BucketPolicyType
from clary.services.cloudformation.bucket_type import BucketType
from clary.services.cloudformation.client import Client
from clary.services.cloudformation.device_type import DeviceType
from clary.services.cloudformation.identity_type import IdentityType
from clary.services.cloudformation.log_group_type import LogGroupType
from clary.services.cloudformation.policy_type import InlinePolicyType, ManagedPolicyType
from clary.services.cloudformation.resource_type import ResourceType
from clary.services.cloudformation.sagemaker_type import Quirks, SageMakerType


def _pipeline(properties: Document) -> Document:
    """Return a pipeline's properties with its definition where Create has it."""
    given = properties.get("PipelineDefinition")
    if not isinstance(given, dict):
        return properties
    strangers = sorted(given.keys() - {"PipelineDefinitionBody", "PipelineDefinitionS3Location"})
    if strangers:
        raise conversion.misfit(f"#/PipelineDefinition: extraneous key [{strangers[0]}] is not permitted")
    rest = {name: value for name, value in properties.items() if name != "PipelineDefinition"}
    if "PipelineDefinitionBody" in given:
        rest["PipelineDefinition"] = conversion.text(given["PipelineDefinitionBody"])
    location = given.get("PipelineDefinitionS3Location")
    if isinstance(location, dict):
        names = {"Key": "ObjectKey", "Version": "VersionId"}
        rest["PipelineDefinitionS3Location"] = {
            names.get(name, name): value for name, value in location.items() if name != "ETag"
        }
    return rest


def _image(properties: Document) -> Document:
    """Return an image's properties by the names that Create has for them."""
    names = {"ImageDescription": "Description", "ImageDisplayName": "DisplayName", "ImageRoleArn": "RoleArn"}
    return {names.get(name, name): value for name, value in properties.items()}


def _features(before: Document, after: Document) -> Document:
    """Return the features that are new, which is what Update takes."""
    known = before.get("FeatureDefinitions") or []
    return {"FeatureAdditions": [each for each in after.get("FeatureDefinitions") or [] if each not in known]}


def _domain(before: Document, after: Document) -> Document:
    """Return the settings of a domain by the name that Update has for them."""
    changed = before.get("DomainSettings") != after.get("DomainSettings")
    return {"DomainSettingsForUpdate": after.get("DomainSettings", {})} if changed else {}


_OF_ENDPOINT = ("EndpointName",)
_JOB_DEFINITION = Quirks(ignored=_OF_ENDPOINT, arn="JobDefinitionArn")

SAGEMAKER: Mapping[str, Quirks] = {
    "AIWorkloadConfig": Quirks(),
    "Action": Quirks(arn="Arn"),
    "Algorithm": Quirks(),
    "App": Quirks(ref=("AppName", "AppType", "DomainId")),
    "AppImageConfig": Quirks(ref=("AppImageConfigName",)),
    "Artifact": Quirks(arn="Arn"),
    "Cluster": Quirks(),
    "ClusterSchedulerConfig": Quirks(),
    "CodeRepository": Quirks(recreate=("GitConfig/Branch", "GitConfig/RepositoryUrl")),
    "ComputeQuota": Quirks(recreate=("ComputeQuotaTarget/TeamName",)),
    "Context": Quirks(arn="Arn"),
    "DataQualityJobDefinition": _JOB_DEFINITION,
    "DeviceFleet": Quirks(ref=("DeviceFleetName",)),
    "Domain": Quirks(ref=("DomainId",), changeable=("DomainSettings",), updated=_domain),
    "Endpoint": Quirks(
        ignored=("ExcludeRetainedVariantProperties", "RetainAllVariantProperties", "RetainDeploymentConfig")
    ),
    "EndpointConfig": Quirks(),
    "Experiment": Quirks(arn="Arn"),
    "FeatureGroup": Quirks(
        ref=("FeatureGroupName",),
        recreate=(
            "OnlineStoreConfig/EnableOnlineStore",
            "OnlineStoreConfig/SecurityConfig",
            "OnlineStoreConfig/StorageType",
        ),
        changeable=("FeatureDefinitions",),
        updated=_features,
    ),
    "Hub": Quirks(),
    "HumanTaskUi": Quirks(),
    "Image": Quirks(created=_image, changeable=("ImageDescription", "ImageDisplayName", "ImageRoleArn")),
    "ImageVersion": Quirks(ignored=("Alias",)),
    "InferenceComponent": Quirks(ignored=("DeploymentConfig", "EndpointArn")),
    "InferenceExperiment": Quirks(ref=("Name",), arn="Arn"),
    "MlflowApp": Quirks(arn="Arn"),
    "MlflowTrackingServer": Quirks(ref=("TrackingServerName",)),
    "Model": Quirks(),
    "ModelBiasJobDefinition": _JOB_DEFINITION,
    "ModelCard": Quirks(ref=("ModelCardName",)),
    "ModelExplainabilityJobDefinition": _JOB_DEFINITION,
    "ModelPackage": Quirks(
        ignored=("ApprovalDescription", "ModelPackageStatusDetails", "ModelPackageVersion"),
        untagged="ModelPackageGroupName",
    ),
    "ModelPackageGroup": Quirks(),
    "ModelQualityJobDefinition": _JOB_DEFINITION,
    "MonitoringSchedule": Quirks(ignored=_OF_ENDPOINT),
    "NotebookInstance": Quirks(runs=True),
    "NotebookInstanceLifecycleConfig": Quirks(),
    "PartnerApp": Quirks(arn="Arn"),
    "Pipeline": Quirks(ref=("PipelineName",), created=_pipeline),
    "ProcessingJob": Quirks(),
    "Project": Quirks(),
    "Space": Quirks(ref=("DomainId", "SpaceName")),
    "StudioLifecycleConfig": Quirks(ref=("StudioLifecycleConfigName",)),
    "TrialComponent": Quirks(),
    "UserProfile": Quirks(ref=("UserProfileName", "DomainId")),
    "Workforce": Quirks(),
    "Workteam": Quirks(),
}
"""The nouns that are types on AWS too, each with what the service's model does not say of it.

From the page of each type under "SageMaker AI resource type reference" in CloudFormation's documentation.
"""

OTHERS: tuple[ResourceType, ...] = (
    BucketPolicyType(),
    BucketType(),
    DeviceType(),
    IdentityType("Role"),
    IdentityType("User"),
    InlinePolicyType(),
    LogGroupType(),
    ManagedPolicyType(),
)
"""The types of other services, and of SageMaker's what is no Create."""

NOT_PROVISIONED: Mapping[str, str] = {
    "AWS::SageMaker::ExperimentTrialComponent": "AWS publishes its schema and has no handlers that make one; "
    "use AWS::SageMaker::TrialComponent",
}
"""Types of SageMaker's that AWS names and cannot make, and what a template is told."""


def resource_types(client: Client, catalog: Catalog) -> Mapping[str, ResourceType]:
    """Return every type by its name; ``catalog`` is that of SageMaker's operations."""
    ours: list[Any] = [
        SageMakerType(catalog.kinds[noun], client, quirks)
        for noun, quirks in SAGEMAKER.items()
        if noun in catalog.kinds
    ]
    return {each.name: each for each in (*ours, *OTHERS)}
