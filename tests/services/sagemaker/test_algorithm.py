"""Built-in algorithms are described as registered ones are, and cannot be deleted or listed."""

import pytest

from clary.core.errors import ClaryError
from tests.services.sagemaker.conftest import Lab
from tests.services.test_training_specification import CARD


def test_a_built_in_algorithm_is_described(lab: Lab) -> None:
    shown = lab("DescribeAlgorithm", AlgorithmName="kmeans")
    assert shown["AlgorithmName"] == "kmeans"
    assert shown["AlgorithmArn"].endswith(":algorithm/kmeans")
    assert shown["AlgorithmStatus"] == "Completed"
    assert shown["TrainingSpecification"]["TrainingImage"] == "kmeans:1"
    assert lab("DescribeAlgorithm", AlgorithmName=shown["AlgorithmArn"]) == shown


def test_a_built_in_algorithm_is_nobodys_to_delete_or_list(lab: Lab) -> None:
    with pytest.raises(ClaryError, match="kmeans"):
        lab("DeleteAlgorithm", AlgorithmName="kmeans")
    assert lab("ListAlgorithms")["AlgorithmSummaryList"] == []


def test_a_registered_algorithm_takes_the_name(lab: Lab) -> None:
    lab("CreateAlgorithm", AlgorithmName="kmeans", TrainingSpecification=CARD)
    shown = lab("DescribeAlgorithm", AlgorithmName="kmeans")
    assert shown["TrainingSpecification"]["TrainingImage"] == "pca:1"
    lab("DeleteAlgorithm", AlgorithmName="kmeans")
    assert (
        lab("DescribeAlgorithm", AlgorithmName="kmeans")["TrainingSpecification"]["TrainingImage"]
        == "kmeans:1"
    )
