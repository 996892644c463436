"""An algorithm is found by name or ARN, a registered one before one that is built in."""

import pytest

from clary.core.errors import ClaryError
from clary.engine.platform import Platform
from clary.services import algorithm


def test_a_built_in_algorithm_is_described_by_name_and_arn(platform: Platform) -> None:
    found = algorithm.find(platform, "pca")
    assert algorithm.find(platform, found["AlgorithmArn"]) == found
    training = found["TrainingSpecification"]
    assert training["TrainingImage"] == "pca:1"
    assert "ml.m5.large" in training["SupportedTrainingInstanceTypes"]
    assert "num_components" in [each["Name"] for each in training["SupportedHyperParameters"]]
    assert found["InferenceSpecification"]["Containers"] == [{"Image": "pca:1"}]
    assert algorithm.registered(platform, "pca") is None


def test_what_is_not_there_is_named(platform: Platform) -> None:
    with pytest.raises(ClaryError, match="Algorithm oracle does not exist"):
        algorithm.find(platform, "oracle")
