"""The card of an algorithm, in the shapes of AWS's training and inference specifications."""

from typing import Any

from clary.toolkit.algorithm import AlgorithmType


def describe(algorithm: AlgorithmType) -> dict[str, Any]:
    """Return what validation, tuning and forms need to know of ``algorithm``; the image is the caller's."""
    return {
        "SupportedHyperParameters": [field.card(name) for name, field in algorithm.Params.declared.items()],
        "SupportsDistributedTraining": algorithm.distributed,
        "MetricDefinitions": [{"Name": metric.name, "Regex": metric.regex} for metric in algorithm.metrics],
        "TrainingChannels": [
            {
                "Name": rule.name,
                "Description": rule.about,
                "IsRequired": rule.required,
                "SupportedContentTypes": list(rule.accepts or algorithm.accepts),
                "SupportedCompressionTypes": ["None"],
                "SupportedInputModes": list(algorithm.modes),
            }
            for rule in algorithm.channels
        ],
        "SupportedTuningJobObjectiveMetrics": [
            {"Type": "Minimize" if metric.minimize else "Maximize", "MetricName": metric.name}
            for metric in algorithm.metrics
            if metric.minimize is not None
        ],
    }


def hosting(algorithm: AlgorithmType) -> dict[str, Any]:
    """Return what a client needs to know of the hosted models of ``algorithm``."""
    return {
        "SupportedContentTypes": list(algorithm.requests),
        "SupportedResponseMIMETypes": list(algorithm.responses),
    }
