"""Jobs are held to the cards of their algorithms, built in or registered."""

import re
from typing import Any

import pytest

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import training_specification
from clary.store.objects import BucketRow
from tests.fake_executor import FakeExecutor
from tests.services.sagemaker.conftest import ACCOUNT, BUCKET, Lab
from tests.services.sagemaker.test_training_job import channel, request

METRICS = [{"Name": "loss", "Regex": r"loss=(\S+)"}]


def bounded(name: str, kind: str, low: str, high: str, **more: Any) -> Document:
    specification = {f"{kind}ParameterRangeSpecification": {"MinValue": low, "MaxValue": high}}
    return {"Name": name, "Type": kind, "Range": specification, **more}


def words(name: str, *values: str, **more: Any) -> Document:
    specification = {"CategoricalParameterRangeSpecification": {"Values": list(values)}}
    return {"Name": name, "Type": "Categorical", "Range": specification, **more}


CARD: Document = {
    "TrainingImage": "pca:1",
    "SupportedTrainingInstanceTypes": ["ml.m5.large"],
    "SupportedHyperParameters": [
        bounded("k", "Integer", "1", "9", IsRequired=True),
        bounded("rate", "Continuous", "0.5", "1", DefaultValue="auto"),
        words("mode", "exact", "fast"),
        {"Name": "note", "Type": "FreeText"},
    ],
    "MetricDefinitions": METRICS,
    "TrainingChannels": [
        {
            "Name": "train",
            "IsRequired": True,
            "SupportedContentTypes": ["text/csv"],
            "SupportedCompressionTypes": ["None"],
            "SupportedInputModes": ["File"],
        }
    ],
}


@pytest.fixture
def lab(platform: Platform, executor: FakeExecutor) -> Lab:
    platform.objects.create_bucket(BucketRow(BUCKET, ACCOUNT, "us-east-1", 0.0))
    made = Lab(platform, executor)
    made.put("data/rows.csv")
    return made


def create(lab: Lab, **changes: Any) -> str:
    answer = lab("CreateAlgorithm", AlgorithmName="own", TrainingSpecification={**CARD, **changes})
    return str(answer["AlgorithmArn"])


def job(name: str = "own", **changes: Any) -> Document:
    asked = {"AlgorithmName": name, "TrainingInputMode": "File"}
    return request(AlgorithmSpecification=asked, **{"HyperParameters": {"k": "3"}, **changes})


@pytest.mark.parametrize("named", ["name", "arn"])
def test_a_job_of_a_registered_algorithm_runs_its_image_and_does_not_show_it(lab: Lab, named: str) -> None:
    arn = create(lab)
    given = arn if named == "arn" else "own"
    lab("CreateTrainingJob", **job(given))
    shown = lab("DescribeTrainingJob", TrainingJobName="job")["AlgorithmSpecification"]
    assert shown["AlgorithmName"] == given
    assert shown["MetricDefinitions"] == METRICS
    assert "TrainingImage" not in shown
    assert lab.row("TrainingJob", "job").doc["AlgorithmSpecification"]["TrainingImage"] == "pca:1"


@pytest.mark.parametrize(
    "given",
    [
        {"k": "9", "rate": "auto", "mode": "fast", "note": "anything"},
        {"k": "1.0", "rate": "0.5", "_tuning_objective_metric": "loss", "sagemaker_region": "r"},
    ],
)
def test_what_the_card_allows_is_taken(lab: Lab, given: dict[str, str]) -> None:
    create(lab)
    lab("CreateTrainingJob", **job(HyperParameters=given))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "hyperparameter 'k' is required: give an integer between 1 and 9"),
        ({"k": "10"}, "'10' is not a valid value of hyperparameter 'k': give an integer between 1 and 9"),
        ({"k": "1.5"}, "'1.5' is not a valid value of hyperparameter 'k'"),
        ({"k": "three"}, "'three' is not a valid value of hyperparameter 'k'"),
        ({"k": "nan"}, "'nan' is not a valid value of hyperparameter 'k'"),
        ({"k": "1", "rate": "0.1"}, "'0.1' is not a valid value of hyperparameter 'rate': give a number"),
        ({"k": "1", "mode": "slow"}, "hyperparameter 'mode': give one of 'exact', 'fast'"),
        ({"k": "1", "q": "1"}, "Additional hyperparameters are not allowed ('q' was unexpected)"),
        ({"k": "0", "q": "1"}, "('q' was unexpected); '0' is not a valid value"),
    ],
)
def test_hyperparameters_that_the_card_rules_out_are_named(
    lab: Lab, given: dict[str, str], said: str
) -> None:
    create(lab)
    assert said in lab.refused("CreateTrainingJob", **job(HyperParameters=given))


@pytest.mark.parametrize(
    ("channels", "said"),
    [
        ([channel("other")], "channel 'train' is required by the algorithm and missing from InputDataConfig"),
        ([channel(), channel("other")], "channel 'other' is not one of the algorithm's: train"),
        ([channel(ContentType="image/png")], "content type 'image/png' of channel 'train' is not one of"),
        ([channel(InputMode="FastFile")], "input mode 'FastFile' of channel 'train' is not one of"),
    ],
)
def test_channels_that_the_card_rules_out_are_named(lab: Lab, channels: list[Document], said: str) -> None:
    create(lab)
    assert said in lab.refused("CreateTrainingJob", **job(InputDataConfig=channels))


def test_an_algorithm_that_is_not_there_is_named(lab: Lab) -> None:
    assert "Algorithm own does not exist" in lab.refused("CreateTrainingJob", **job())


def test_an_image_beside_an_algorithm_is_refused(lab: Lab) -> None:
    create(lab)
    asked = {"AlgorithmName": "own", "TrainingImage": "pca:1", "TrainingInputMode": "File"}
    message = lab.refused("CreateTrainingJob", **request(AlgorithmSpecification=asked))
    assert "AlgorithmName and TrainingImage exclude each other" in message


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ([bounded("k", "Integer", "1", "9")] * 2, "hyperparameter 'k' is declared more than once"),
        ([bounded("k", "Integer", "9", "1")], "the range of hyperparameter 'k' is empty"),
        ([bounded("k", "Integer", "a", "1")], "the range of hyperparameter 'k' has ends that are no numbers"),
        (
            [words("m", "a", IsRequired=True, DefaultValue="a")],
            "'m' is required, so it cannot have a default",
        ),
        ([words("m", "a", DefaultValue="b")], "the default value 'b' of hyperparameter 'm' is not one"),
    ],
)
def test_a_card_that_contradicts_itself_is_refused(lab: Lab, declared: list[Document], said: str) -> None:
    card = {**CARD, "SupportedHyperParameters": declared}
    message = lab.refused("CreateAlgorithm", AlgorithmName="own", TrainingSpecification=card)
    assert re.match("TrainingSpecification: ", message)
    assert said in message


def test_a_built_in_algorithm_is_held_to_its_own_card(lab: Lab) -> None:
    given = {"predictor_type": "oracle", "epoch": "1", "epochs": "0"}
    message = lab.refused("CreateTrainingJob", **request(HyperParameters=given))
    assert "('epoch' was unexpected)" in message
    assert "'oracle' is not a valid value of hyperparameter 'predictor_type': give one of" in message
    assert "'0' is not a valid value of hyperparameter 'epochs': give an integer between 1 and" in message


def test_words_that_stand_for_numbers_are_left_to_the_job(lab: Lab) -> None:
    given = {"predictor_type": "binary_classifier", "positive_example_weight_mult": "balanced"}
    lab("CreateTrainingJob", **request(HyperParameters=given))


def test_a_built_in_algorithm_trains_by_its_name(lab: Lab) -> None:
    lab("CreateTrainingJob", **job("linear-learner", HyperParameters={"predictor_type": "regressor"}))
    assert lab.row("TrainingJob", "job").doc["AlgorithmSpecification"]["TrainingImage"] == "linear-learner:1"
    labelled = [channel(ContentType="text/csv; label_size=1")]
    given = {"predictor_type": "regressor", "positive_example_weight_mult": "auto"}
    lab(
        "CreateTrainingJob",
        **{**job("linear-learner", HyperParameters=given, InputDataConfig=labelled), "TrainingJobName": "b"},
    )


def test_libraries_that_are_missing_are_named_with_the_way_to_install_them(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = {
        "AlgorithmDescription": "Thinks.",
        "TrainingSpecification": {},
        "InferenceSpecification": {},
        "MissingExtras": ["torch", "vision"],
    }
    monkeypatch.setattr(lab.platform.cards, "card", lambda _name: card)
    said = "Install them there: pip install 'clary[torch,vision]'"
    assert said in lab.refused("CreateTrainingJob", **request())
    assert said in lab.refused("CreateTrainingJob", **job("linear-learner"))


def test_a_program_of_ones_own_has_no_card(platform: Platform) -> None:
    asked = {"TrainingImage": "pytorch-training:2.8", "ContainerEntrypoint": ["/bin/true"]}
    assert training_specification.check(platform, {"AlgorithmSpecification": asked}) == {}
