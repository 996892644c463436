"""Training definition: what CreateTrainingJob asks for, checked and completed."""

from collections.abc import Sequence

from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import (
    channel,
    checkpoint,
    cluster,
    data_source,
    metric_definition,
    network_isolation,
    training_specification,
)

_DAY = 86400

_REFUSED = (
    "ResourceConfig.KeepAlivePeriodInSeconds",
    "ResourceConfig.TrainingPlanArn",
    "RemoteDebugConfig.EnableRemoteDebug",
    "ServerlessJobConfig",
)
"""What would have to do something here and does not: warm pools, training plans, remote debugging."""


def prepared(platform: Platform, doc: Document) -> Document:
    """Return ``doc`` with what Describe shows by default; raises ValidationException for what cannot work."""
    doc = training_specification.resolved(platform, doc)
    card = training_specification.check(platform, doc)
    cluster.check(doc.get("ResourceConfig") or {})
    network_isolation.check(platform, doc)
    metric_definition.check(doc["AlgorithmSpecification"].get("MetricDefinitions") or ())
    for each in doc.get("InputDataConfig") or ():
        channel.check(platform, doc, each)
    _check_output(platform, doc["OutputDataConfig"])
    checkpoint.check(platform, doc)
    _check_time(doc)
    for path in _REFUSED:
        _refuse(doc, path)
    named = doc["AlgorithmSpecification"].get("AlgorithmName")
    return completed(doc, () if named else card.get("MetricDefinitions") or ())


def _check_time(doc: Document) -> None:
    """Raise for what a managed spot job must say of its time, and another one must not."""
    condition = doc.get("StoppingCondition") or {}
    most, wait = condition.get("MaxRuntimeInSeconds", _DAY), condition.get("MaxWaitTimeInSeconds")
    spot = doc.get("EnableManagedSpotTraining", False)
    if wait is not None and not spot:
        raise errors.validation(
            "MaxWaitTimeInSeconds above 0 is not allowed when EnableManagedSpotTraining is false."
        )
    if spot and (wait is None or wait < most):
        raise errors.validation(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            f"MaxRuntimeInSeconds, {most}, when EnableManagedSpotTraining is true."
        )


def _refuse(doc: Document, path: str) -> None:
    """Raise where ``doc`` has the member at ``path`` with a value that asks for something."""
    found: object = doc
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if found:
        raise errors.validation(f"{path} is not supported by this release of Clary. Leave it out.")


def _check_output(platform: Platform, output: Document) -> None:
    bucket = data_source.parse(output["S3OutputPath"]).bucket
    if platform.objects.bucket(bucket) is None:
        raise errors.validation(
            f"The bucket of OutputDataConfig.S3OutputPath does not exist: {bucket}. Create it first."
        )


def completed(doc: Document, metric_definitions: Sequence[Document]) -> Document:
    """Return ``doc`` with what Describe shows by default, and the metrics of its algorithm."""
    algorithm = {"EnableSageMakerMetricsTimeSeries": True, **doc["AlgorithmSpecification"]}
    algorithm["MetricDefinitions"] = [*(algorithm.get("MetricDefinitions") or ()), *metric_definitions]
    output = {"KmsKeyId": "", "CompressionType": "GZIP", **doc["OutputDataConfig"]}
    return {
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": False,
        **doc,
        "HyperParameters": doc.get("HyperParameters") or {},
        "AlgorithmSpecification": algorithm,
        "OutputDataConfig": output,
        "ResourceConfig": _counted(doc["ResourceConfig"]),
        "StoppingCondition": {"MaxRuntimeInSeconds": _DAY, **(doc.get("StoppingCondition") or {})},
    }


def _counted(resources: Document) -> Document:
    return resources if resources.get("InstanceGroups") else {"InstanceCount": 1, **resources}
