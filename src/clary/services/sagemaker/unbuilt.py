"""Unbuilt: the nouns whose behaviour this release does not have; Create says so, other verbs find none."""

from clary.engine.kind import Kind
from clary.engine.record import Traits, Unbuilt

UNBUILT: tuple[Kind, ...] = (
    Unbuilt("AIBenchmarkJob", Traits(resource="ai-benchmark-job")),
    Unbuilt("AIRecommendationJob", Traits(resource="ai-recommendation-job")),
    Unbuilt("AutoMLJob", Traits(resource="automl-job")),
    Unbuilt("AutoMLJobV2", Traits(resource="automl-job", named_by=("AutoMLJobName",))),
    Unbuilt("Cluster"),
    Unbuilt("CompilationJob"),
    Unbuilt("EdgePackagingJob"),
    Unbuilt("HyperParameterTuningJob"),
    Unbuilt("InferenceComponent", Traits(filters={"EndpointNameEquals": "EndpointName"})),
    Unbuilt("InferenceExperiment", Traits(named_by=("Name",))),
    Unbuilt("InferenceRecommendationsJob", Traits(named_by=("JobName",))),
    Unbuilt("InferenceRouter"),
    Unbuilt("LabelingJob"),
    Unbuilt("MlflowApp", Traits(named_by=("Arn",))),
    Unbuilt("MlflowTrackingServer", Traits(named_by=("TrackingServerName",))),
    Unbuilt("MonitoringSchedule"),
    Unbuilt("NotebookInstance"),
    Unbuilt("OptimizationJob"),
    Unbuilt("PartnerApp", Traits(named_by=("Arn",))),
    Unbuilt("ProcessingJob"),
    Unbuilt("TrainingPlan"),
    Unbuilt("TrainingSession"),
    Unbuilt("TransformJob"),
)
