"""What an answer requires and nobody has given is taken from what is known, or made up to fit."""

from typing import Any

from botocore.validate import ParamValidator

from clary.services.simulation.plausible import Plausible
from clary.wire.model import load


def shape(operation: str) -> Any:
    return load("sagemaker").operation_model(operation).output_shape


def test_what_is_lacking_is_made_up_to_fit() -> None:
    labeling = shape("DescribeLabelingJob")
    whole = Plausible({}, 1.0).filled(labeling, {})
    assert not ParamValidator().validate(whole, labeling).has_errors()
    assert whole["LabelingJobStatus"] == "Completed"
    assert whole["CreationTime"] == 1.0


def test_what_is_known_anywhere_comes_before_what_is_made_up() -> None:
    known = {"LabelAttributeName": "outer", "HumanTaskConfig": {"WorkteamArn": "arn:mine"}}
    summary = shape("ListLabelingJobs").members["LabelingJobSummaryList"].member
    assert Plausible(known, 1.0).filled(summary, {})["WorkteamArn"] != ""
    arn = "arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/mine"
    known = {"HumanTaskConfig": {"WorkteamArn": arn}}
    assert Plausible(known, 1.0).filled(summary, {})["WorkteamArn"] == arn


def test_what_is_given_stays_and_its_parts_are_completed() -> None:
    experiment = shape("DescribeInferenceExperiment")
    variants = [{"ModelName": "m", "VariantName": "v"}]
    whole = Plausible({}, 1.0).filled(experiment, {"Name": "mine", "ModelVariants": variants})
    assert whole["Name"] == "mine"
    assert whole["ModelVariants"][0].items() >= variants[0].items()
    assert "Status" in whole["ModelVariants"][0]


def test_a_counter_has_counted_one_success() -> None:
    tuning = Plausible({}, 1.0).filled(shape("DescribeHyperParameterTuningJob"), {})
    counters = tuning["TrainingJobStatusCounters"]
    assert {name for name, count in counters.items() if count} == {"Completed"}
    assert tuning["ObjectiveStatusCounters"]["Succeeded"] == 1
