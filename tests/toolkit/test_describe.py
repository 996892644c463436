"""The card of an algorithm is what AWS calls a training specification."""

from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from clary.toolkit.algorithm import find
from clary.toolkit.describe import describe


def card() -> dict[str, Any]:
    return describe(find("linear-learner"))


def test_a_card_is_valid_by_awss_own_model() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    specification = {**card(), "TrainingImage": "i", "SupportedTrainingInstanceTypes": ["ml.m5.large"]}
    report = ParamValidator().validate(specification, model.shape_for("TrainingSpecification"))
    assert not report.has_errors(), report.generate_report()


def test_objectives_are_defined_metrics() -> None:
    defined = {metric["Name"] for metric in card()["MetricDefinitions"]}
    objectives = {
        metric["MetricName"]: metric["Type"] for metric in card()["SupportedTuningJobObjectiveMetrics"]
    }
    assert objectives.keys() <= defined
    assert objectives["validation:objective_loss"] == "Minimize"
    assert objectives["validation:binary_classification_accuracy"] == "Maximize"
