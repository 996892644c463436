"""Training definition: what CreateTrainingJob asks for, checked and completed."""

from collections.abc import Sequence

from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import channel, cluster, data_source, metric_definition, network_isolation, program


def prepared(platform: Platform, doc: Document) -> Document:
    """Return ``doc`` with what Describe shows by default; raises ValidationException for what cannot work."""
    algorithm = program.of(doc).algorithm
    cluster.check(doc.get("ResourceConfig") or {})
    network_isolation.check(platform, doc)
    metric_definition.check(doc["AlgorithmSpecification"].get("MetricDefinitions") or ())
    for each in doc.get("InputDataConfig") or ():
        channel.check(platform, doc, each)
    _check_output(platform, doc["OutputDataConfig"])
    metrics = platform.cards.card(algorithm)["MetricDefinitions"] if algorithm else ()
    return _completed(doc, metrics)


def _check_output(platform: Platform, output: Document) -> None:
    if output.get("CompressionType", "GZIP") != "GZIP":
        raise errors.validation(
            "OutputDataConfig.CompressionType NONE is not supported by this release of Clary. Use GZIP."
        )
    bucket = data_source.parse(output["S3OutputPath"]).bucket
    if platform.objects.bucket(bucket) is None:
        raise errors.validation(
            f"The bucket of OutputDataConfig.S3OutputPath does not exist: {bucket}. Create it first."
        )


def _completed(doc: Document, metric_definitions: Sequence[Document]) -> Document:
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
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400, **(doc.get("StoppingCondition") or {})},
    }


def _counted(resources: Document) -> Document:
    return resources if resources.get("InstanceGroups") else {"InstanceCount": 1, **resources}
