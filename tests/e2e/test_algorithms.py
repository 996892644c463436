"""A registered algorithm trains by its name, within the bounds of its card."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import Lab

pytestmark = pytest.mark.e2e

CLUSTERS: dict[str, Any] = {
    "TrainingImage": "kmeans:1",
    "SupportedTrainingInstanceTypes": ["ml.m5.large"],
    "SupportsDistributedTraining": False,
    "SupportedHyperParameters": [
        {
            "Name": "k",
            "Type": "Integer",
            "Range": {"IntegerParameterRangeSpecification": {"MinValue": "2", "MaxValue": "20"}},
            "IsRequired": True,
        },
        {"Name": "feature_dim", "Type": "Integer", "IsRequired": True},
    ],
    "MetricDefinitions": [{"Name": "distance", "Regex": r"<loss>=(\S+)|train:msd=(\S+)"}],
    "TrainingChannels": [
        {
            "Name": "train",
            "IsRequired": True,
            "SupportedContentTypes": ["text/csv;label_size=0"],
            "SupportedInputModes": ["File"],
        }
    ],
}


@pytest.fixture(scope="module")
def rows(lab: Lab) -> str:
    random = np.random.default_rng(0)
    return lab.put_csv(random.normal(random.integers(0, 2, (200, 1)) * 10, 1, (200, 3)))


@pytest.fixture(scope="module")
def algorithm(lab: Lab) -> Iterator[str]:
    name = lab.name("clusters")
    yield lab.sagemaker.create_algorithm(AlgorithmName=name, TrainingSpecification=CLUSTERS)["AlgorithmArn"]
    lab.sagemaker.delete_algorithm(AlgorithmName=name)


def train(lab: Lab, algorithm: str, rows: str, hyperparameters: dict[str, str]) -> dict[str, Any]:
    asked = {"AlgorithmName": algorithm, "TrainingInputMode": "File"}
    return lab.train(
        {"train": rows},
        ContentType="text/csv;label_size=0",
        AlgorithmSpecification=asked,
        HyperParameters=hyperparameters,
    )


def test_a_job_by_the_algorithms_name(lab: Lab, algorithm: str, rows: str) -> None:
    job = train(lab, algorithm, rows, {"k": "2", "feature_dim": "3"})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["AlgorithmSpecification"]["AlgorithmName"] == algorithm
    assert "TrainingImage" not in job["AlgorithmSpecification"]
    assert job["AlgorithmSpecification"]["MetricDefinitions"] == CLUSTERS["MetricDefinitions"]


def test_hyperparameters_beyond_the_card_are_refused(lab: Lab, algorithm: str, rows: str) -> None:
    with pytest.raises(ClientError, match="'21' is not a valid value of hyperparameter 'k': give an integer"):
        train(lab, algorithm, rows, {"k": "21", "feature_dim": "3"})
