"""Data points: by period and unit, and what cannot be asked."""

from typing import Any

import pytest

from clary.core.exchange import Document
from clary.store.metrics import Point, Series
from tests.services.cloudwatch.conftest import NOON, MetricsDesk, at


@pytest.fixture
def get(desk: MetricsDesk) -> Any:
    points = [
        Point("loss", NOON - 1, 9.0),
        Point("loss", NOON + 130, 3.0),
        Point("loss", NOON + 1, 1.0),
        Point("loss", NOON + 59, 2.0),
        Point("loss", NOON + 60, 4.0, "Count"),
        Point("loss", NOON + 61, 5.0),
    ]
    desk.metrics.put(Series("own", {"job": "ada"}), points)

    def get(**params: Any) -> Document:
        asked = {
            "Namespace": "own",
            "MetricName": "loss",
            "Dimensions": [{"Name": "job", "Value": "ada"}],
            "StartTime": at(0),
            "EndTime": at(180),
            "Period": 60,
            "Statistics": ["Sum"],
        }
        return desk("GetMetricStatistics", **asked | params)

    return get


def sums(output: Document) -> list[tuple[int, str, float]]:
    return [(point["Timestamp"] - NOON, point["Unit"], point["Sum"]) for point in output["Datapoints"]]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [(0, "None", 3.0), (60, "Count", 4.0), (60, "None", 5.0), (120, "None", 3.0)]),
        ({"Unit": "Count"}, [(60, "Count", 4.0)]),
        ({"Unit": "None", "Period": 180}, [(0, "None", 11.0)]),
        ({"EndTime": at(60)}, [(0, "None", 3.0)]),
        ({"StartTime": at(30), "EndTime": at(31)}, [(0, "None", 3.0)]),
        ({"Dimensions": []}, []),
        ({"MetricName": "acc"}, []),
    ],
)
def test_points_are_told_by_the_beginnings_of_their_periods(
    get: Any, params: Document, expected: object
) -> None:
    assert sums(get(**params)) == expected


def test_a_percentile_stands_apart(get: Any) -> None:
    (point,) = get(Statistics=[], ExtendedStatistics=["p50", "p100"], EndTime=at(60))["Datapoints"]
    assert point == {"Timestamp": NOON, "Unit": "None", "ExtendedStatistics": {"p50": 1.0, "p100": 2.0}}


def test_a_day_of_minutes_is_the_most(desk: MetricsDesk, get: Any) -> None:
    get(EndTime=at(86400))
    code, message = desk.refusal(
        "GetMetricStatistics",
        Namespace="own", MetricName="x", StartTime=at(0), EndTime=at(86401), Period=60, Statistics=["Sum"],
    )  # fmt: skip
    assert code == "InvalidParameterCombination"
    assert "up to 1,441 datapoints, which exceeds the limit of 1,440" in message


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"Statistics": []}, "MissingParameter"),
        ({"Statistics": ["p99"]}, "InvalidParameterValue"),
        ({"ExtendedStatistics": ["Sum"]}, "InvalidParameterValue"),
        ({"ExtendedStatistics": ["tm90"]}, "InvalidParameterValue"),
        ({"Period": 61}, "InvalidParameterValue"),
        ({"EndTime": at(0)}, "InvalidParameterValue"),
    ],
)
def test_what_cannot_be_asked_is_said(desk: MetricsDesk, params: Document, code: str) -> None:
    asked = {
        "Namespace": "own", "MetricName": "x", "StartTime": at(0), "EndTime": at(60),
        "Period": 60, "Statistics": ["Sum"],
    }  # fmt: skip
    assert desk.refusal("GetMetricStatistics", **asked | params)[0] == code
