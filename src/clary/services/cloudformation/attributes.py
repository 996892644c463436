"""Attributes: what ``Fn::GetAtt`` may ask of each of SageMaker's types."""

from collections.abc import Mapping

ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "AIWorkloadConfig": (
        "AIWorkloadConfigArn",
        "CreationTime",
    ),
    "Action": (
        "Arn",
        "CreationTime",
        "LastModifiedTime",
    ),
    "Algorithm": (
        "AlgorithmArn",
        "CreationTime",
    ),
    "App": (
        "AppArn",
        "BuiltInLifecycleConfigArn",
    ),
    "AppImageConfig": ("AppImageConfigArn",),
    "Artifact": (
        "Arn",
        "CreationTime",
        "LastModifiedTime",
    ),
    "Cluster": (
        "ClusterArn",
        "ClusterStatus",
        "CreationTime",
        "FailureMessage",
    ),
    "ClusterSchedulerConfig": (
        "ClusterSchedulerConfigArn",
        "ClusterSchedulerConfigId",
        "ClusterSchedulerConfigVersion",
        "CreationTime",
        "Status",
    ),
    "CodeRepository": (
        "CodeRepositoryArn",
        "CodeRepositoryName",
    ),
    "ComputeQuota": (
        "ComputeQuotaArn",
        "ComputeQuotaId",
        "ComputeQuotaVersion",
        "CreationTime",
        "LastModifiedTime",
        "Status",
    ),
    "Context": (
        "Arn",
        "CreationTime",
        "LastModifiedTime",
    ),
    "DataQualityJobDefinition": (
        "CreationTime",
        "JobDefinitionArn",
    ),
    "Domain": (
        "DomainArn",
        "DomainId",
        "HomeEfsFileSystemId",
        "SecurityGroupIdForDomainBoundary",
        "SingleSignOnApplicationArn",
        "SingleSignOnManagedApplicationInstanceId",
        "Url",
    ),
    "Endpoint": (
        "EndpointArn",
        "EndpointName",
    ),
    "EndpointConfig": (
        "EndpointConfigArn",
        "EndpointConfigName",
    ),
    "Experiment": (
        "Arn",
        "CreationTime",
        "LastModifiedTime",
    ),
    "FeatureGroup": (
        "CreationTime",
        "FeatureGroupStatus",
    ),
    "Hub": (
        "CreationTime",
        "HubArn",
        "HubStatus",
        "LastModifiedTime",
    ),
    "HumanTaskUi": (
        "CreationTime",
        "HumanTaskUiArn",
    ),
    "Image": ("ImageArn",),
    "ImageVersion": (
        "ContainerImage",
        "ImageArn",
        "ImageVersionArn",
        "Version",
    ),
    "InferenceComponent": (
        "CreationTime",
        "FailureReason",
        "InferenceComponentArn",
        "InferenceComponentStatus",
        "LastModifiedTime",
        "RuntimeConfig.CurrentCopyCount",
        "RuntimeConfig.DesiredCopyCount",
        "RuntimeConfig.PlacementStatus",
        "Specification.Container.DeployedImage",
        "Specification.CurrentDataCacheConfig",
    ),
    "InferenceExperiment": (
        "Arn",
        "CreationTime",
        "EndpointMetadata",
        "LastModifiedTime",
        "Status",
    ),
    "MlflowApp": (
        "Arn",
        "CreationTime",
        "LastModifiedTime",
        "MlflowAppId",
        "MlflowVersion",
        "Status",
    ),
    "MlflowTrackingServer": ("TrackingServerArn",),
    "Model": (
        "ModelArn",
        "ModelName",
    ),
    "ModelBiasJobDefinition": (
        "CreationTime",
        "JobDefinitionArn",
    ),
    "ModelCard": (
        "CreatedBy.DomainId",
        "CreatedBy.UserProfileArn",
        "CreatedBy.UserProfileName",
        "CreationTime",
        "LastModifiedBy.DomainId",
        "LastModifiedBy.UserProfileArn",
        "LastModifiedBy.UserProfileName",
        "LastModifiedTime",
        "ModelCardArn",
        "ModelCardProcessingStatus",
        "ModelCardVersion",
    ),
    "ModelExplainabilityJobDefinition": (
        "CreationTime",
        "JobDefinitionArn",
    ),
    "ModelPackage": (
        "CreationTime",
        "LastModifiedTime",
        "ModelPackageArn",
        "ModelPackageStatus",
    ),
    "ModelPackageGroup": (
        "CreationTime",
        "ModelPackageGroupArn",
        "ModelPackageGroupStatus",
    ),
    "ModelQualityJobDefinition": (
        "CreationTime",
        "JobDefinitionArn",
    ),
    "MonitoringSchedule": (
        "CreationTime",
        "LastModifiedTime",
        "MonitoringScheduleArn",
    ),
    "NotebookInstance": (
        "NotebookInstanceArn",
        "NotebookInstanceName",
    ),
    "NotebookInstanceLifecycleConfig": (
        "NotebookInstanceLifecycleConfigArn",
        "NotebookInstanceLifecycleConfigName",
    ),
    "PartnerApp": (
        "Arn",
        "BaseUrl",
        "CurrentVersionEolDate",
    ),
    "ProcessingJob": (
        "AutoMLJobArn",
        "CreationTime",
        "ExitMessage",
        "FailureReason",
        "LastModifiedTime",
        "MonitoringScheduleArn",
        "ProcessingEndTime",
        "ProcessingJobArn",
        "ProcessingJobStatus",
        "ProcessingStartTime",
        "TrainingJobArn",
    ),
    "Project": (
        "CreationTime",
        "ProjectArn",
        "ProjectId",
        "ProjectStatus",
    ),
    "Space": (
        "SpaceArn",
        "Url",
    ),
    "StudioLifecycleConfig": ("StudioLifecycleConfigArn",),
    "TrialComponent": (
        "CreationTime",
        "LastModifiedTime",
        "LineageGroupArn",
        "TrialComponentArn",
    ),
    "UserProfile": ("UserProfileArn",),
    "Workforce": (
        "SubDomain",
        "WorkforceArn",
    ),
    "Workteam": (
        "WorkteamArn",
        "WorkteamName",
    ),
}
"""The attributes of each noun, a part of a structure behind a dot; nouns that are not here have none.

They are the read-only properties of the schema that CloudFormation publishes for the type, and of the oldest
types the name as well, as the page of the type says.
"""
