"""Unbuilt: the nouns whose behaviour this release does not have; Create says so, other verbs find none."""

from clary.engine.kind import Kind
from clary.engine.record import Traits, Unbuilt

UNBUILT: tuple[Kind, ...] = (
    Unbuilt("AIBenchmarkJob", Traits(resource="ai-benchmark-job")),
    Unbuilt("AIRecommendationJob", Traits(resource="ai-recommendation-job")),
    Unbuilt("AutoMLJob", Traits(resource="automl-job", about=("ListCandidatesForAutoMLJob",))),
    Unbuilt("AutoMLJobV2", Traits(resource="automl-job", named_by=("AutoMLJobName",))),
    Unbuilt(
        "Cluster",
        Traits(
            path="cluster/{digest}",
            about=(
                "AttachClusterNodeNetworkInterface",
                "AttachClusterNodeVolume",
                "BatchAddClusterNodes",
                "BatchDeleteClusterNodes",
                "BatchRebootClusterNodes",
                "BatchReplaceClusterNodes",
                "CreateClusterExtension",
                "DeleteClusterExtension",
                "DescribeClusterEvent",
                "DescribeClusterExtension",
                "DescribeClusterNode",
                "DescribeClusterOperation",
                "DetachClusterNodeVolume",
                "ListClusterEvents",
                "ListClusterExtensions",
                "ListClusterExtensionVersions",
                "ListClusterNodes",
                "ListClusterOperations",
                "StartClusterHealthCheck",
                "UpdateClusterExtension",
                "UpdateClusterSoftware",
            ),
        ),
    ),
    Unbuilt(
        "CompilationJob",
        Traits(
            shows={
                "CompilationTargetDevice": "OutputConfig.TargetDevice",
                "CompilationTargetPlatformOs": "OutputConfig.TargetPlatform.Os",
                "CompilationTargetPlatformArch": "OutputConfig.TargetPlatform.Arch",
                "CompilationTargetPlatformAccelerator": "OutputConfig.TargetPlatform.Accelerator",
            }
        ),
    ),
    Unbuilt("EdgePackagingJob"),
    Unbuilt(
        "HyperParameterTuningJob",
        Traits(
            shows={"ResourceLimits": "HyperParameterTuningJobConfig.ResourceLimits"},
            about=("ListTrainingJobsForHyperParameterTuningJob",),
        ),
    ),
    Unbuilt(
        "InferenceComponent",
        Traits(
            filters={"EndpointNameEquals": "EndpointName"}, about=("UpdateInferenceComponentRuntimeConfig",)
        ),
    ),
    Unbuilt("InferenceExperiment", Traits(named_by=("Name",))),
    Unbuilt(
        "InferenceRecommendationsJob",
        Traits(
            named_by=("JobName",),
            about=("ListInferenceRecommendationsJobSteps", "ListModelMetadata"),
            refuses={
                "GetScalingConfigurationRecommendation": "There are no inference recommendations to go by."
            },
        ),
    ),
    Unbuilt("InferenceRouter"),
    Unbuilt("LabelingJob", Traits(about=("ListLabelingJobsForWorkteam",))),
    Unbuilt("MlflowApp", Traits(named_by=("Arn",), about=("CreatePresignedMlflowAppUrl",))),
    Unbuilt(
        "MlflowTrackingServer",
        Traits(named_by=("TrackingServerName",), about=("CreatePresignedMlflowTrackingServerUrl",)),
    ),
    Unbuilt(
        "MonitoringSchedule",
        Traits(
            filters={
                "MonitoringJobDefinitionName": "MonitoringScheduleConfig.MonitoringJobDefinitionName",
                "MonitoringTypeEquals": "MonitoringScheduleConfig.MonitoringType",
            },
            shows={
                "MonitoringJobDefinitionName": "MonitoringScheduleConfig.MonitoringJobDefinitionName",
                "MonitoringType": "MonitoringScheduleConfig.MonitoringType",
            },
            about=(
                "ListMonitoringAlertHistory",
                "ListMonitoringAlerts",
                "ListMonitoringExecutions",
                "UpdateMonitoringAlert",
            ),
        ),
    ),
    Unbuilt("NotebookInstance", Traits(about=("CreatePresignedNotebookInstanceUrl",))),
    Unbuilt("OptimizationJob"),
    Unbuilt(
        "PartnerApp",
        Traits(named_by=("Arn",), path="partner-app/app-{ID}", about=("CreatePartnerAppPresignedUrl",)),
    ),
    Unbuilt("ProcessingJob"),
    Unbuilt(
        "TrainingPlan",
        Traits(
            about=(
                "DescribeTrainingPlanExtensionHistory",
                "SearchTrainingPlanOfferings",
            ),
            refuses={"ExtendTrainingPlan": "Capacity is not reserved here: the machine's own is there."},
        ),
    ),
    Unbuilt("TrainingSession"),
    Unbuilt(
        "App", Traits(named_by=("DomainId", "AppType", "AppName"), filters={"DomainIdEquals": "DomainId"})
    ),
    Unbuilt("ClusterSchedulerConfig", Traits(named_by=("ClusterSchedulerConfigId",))),
    Unbuilt("ComputeQuota", Traits(named_by=("ComputeQuotaId",))),
    Unbuilt(
        "Job",
        Traits(path="job/{JobCategory}/{id}", about=("DescribeJobSchemaVersion", "ListJobSchemaVersions")),
    ),
    Unbuilt("LineageGroup", Traits(about=("GetLineageGroupPolicy",))),
    Unbuilt(
        "ModelCardExportJob",
        Traits(named_by=("ModelCardExportJobArn",), path="model-card/{ModelCardName}/export-job/{id}"),
    ),
    Unbuilt(
        "PipelineExecution",
        Traits(
            named_by=("PipelineExecutionArn",),
            about=(
                "DescribePipelineDefinitionForExecution",
                "ListPipelineExecutionSteps",
                "ListPipelineParametersForExecution",
                "RetryPipelineExecution",
            ),
            refuses=dict.fromkeys(
                ("SendPipelineExecutionStepFailure", "SendPipelineExecutionStepSuccess"),
                "No step waits for a callback: pipelines are not executed yet.",
            ),
        ),
    ),
    Unbuilt(
        "ReservedCapacity",
        Traits(named_by=("ReservedCapacityArn",), about=("ListUltraServersByReservedCapacity",)),
    ),
    Unbuilt("ResourceCatalog"),
    Unbuilt("SubscribedWorkteam", Traits(named_by=("WorkteamArn",))),
    Unbuilt("TransformJob"),
)
