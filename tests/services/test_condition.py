"""SearchExpressions as predicates."""

from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.services import condition

JOB: dict[str, Any] = {
    "TrainingJobName": "job-1",
    "TrainingTimeInSeconds": 30,
    "CreationTime": 1_700_000_000.0,
    "EnableNetworkIsolation": True,
    "HyperParameters": {"learning_rate": "0.1", "a.b": "dotted"},
    "Metrics": {"loss": 0.5, "loss.Last": 0.5},
    "InputDataConfig": [
        {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://lab/a"}}},
        {"ChannelName": "test", "DataSource": {"S3DataSource": {"S3Uri": "s3://lab/b"}}},
    ],
}


def holds(name: str, operator: str, value: str | None = None) -> bool:
    one = {"Name": name, "Operator": operator} | ({} if value is None else {"Value": value})
    return condition.parse({"Filters": [one]})(JOB)


@pytest.mark.parametrize(
    ("name", "operator", "value", "expected"),
    [
        ("TrainingJobName", "Equals", "job-1", True),
        ("TrainingJobName", "NotEquals", "job-1", False),
        ("TrainingJobName", "Contains", "ob-", True),
        ("TrainingJobName", "In", "job-0, job-1", True),
        ("TrainingTimeInSeconds", "GreaterThan", "29.5", True),
        ("TrainingTimeInSeconds", "Equals", "30.0", True),
        ("TrainingTimeInSeconds", "LessThan", "30", False),
        ("TrainingTimeInSeconds", "LessThanOrEqualTo", "30", True),
        ("CreationTime", "GreaterThanOrEqualTo", "2023-11-14T22:13:20", True),
        ("CreationTime", "LessThan", "2023-11-14T22:13:20Z", False),
        ("EnableNetworkIsolation", "Equals", "true", True),
        ("HyperParameters.learning_rate", "LessThan", "0.5", True),
        ("HyperParameters.a.b", "Equals", "dotted", True),
        ("HyperParameters.none", "NotExists", None, True),
        ("HyperParameters.none", "NotEquals", "x", True),
        ("HyperParameters.learning_rate", "Exists", None, True),
        ("metrics.loss.last", "GreaterThan", "0.4", True),
        ("InputDataConfig.ChannelName", "Equals", "test", True),
        ("FailureReason", "Contains", "x", False),
    ],
)
def test_operators(name: str, operator: str, value: str | None, expected: bool) -> None:
    assert holds(name, operator, value) is expected


def test_nested_filters_are_met_by_one_item_together() -> None:
    def nested(channel: str, uri: str) -> bool:
        filters = [
            {"Name": "InputDataConfig.ChannelName", "Operator": "Equals", "Value": channel},
            {"Name": "InputDataConfig.DataSource.S3DataSource.S3Uri", "Operator": "Contains", "Value": uri},
        ]
        whole = {"NestedFilters": [{"NestedPropertyName": "InputDataConfig", "Filters": filters}]}
        return condition.parse(whole)(JOB)

    assert nested("train", "lab/a")
    assert not nested("train", "lab/b")


def test_parts_are_joined_by_and_unless_or_is_said() -> None:
    right = {"Name": "TrainingJobName", "Value": "job-1"}
    wrong = {"Name": "TrainingJobName", "Value": "other"}
    assert not condition.parse({"Filters": [right, wrong]})(JOB)
    assert condition.parse({"Filters": [right, wrong], "Operator": "Or"})(JOB)
    assert condition.parse(
        {"SubExpressions": [{"Filters": [wrong]}, {"Filters": [right]}], "Operator": "Or"}
    )(JOB)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ({}, "needs a filter"),
        ({"Filters": [{"Name": "a", "Operator": "GreaterThan", "Value": "b"}]}, "needs a number or a time"),
        ({"Filters": [{"Name": "a"}]}, "needs a Value"),
        ({"Filters": [{"Name": "a", "Operator": "Contains", "Value": "b"}] * 2}, "usage limit of 1"),
        ({"Filters": [{"Name": "a", "Value": "b"}] * 51}, "50 conditions"),
    ],
)
def test_what_is_no_expression_is_refused(expression: dict[str, Any], message: str) -> None:
    with pytest.raises(ClaryError, match=message):
        condition.parse(expression)
