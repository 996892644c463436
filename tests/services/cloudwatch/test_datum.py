"""Metric data: the three forms a datum has, and the rules of each."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.core import clock
from clary.core.exchange import Document
from clary.services.cloudwatch.statistic import SIMPLE
from clary.store.metrics import Point, Series
from tests.services.cloudwatch.conftest import MetricsDesk

OWN = Series("own", {})
SET = {"SampleCount": 4.0, "Sum": 10.0, "Minimum": 1.0, "Maximum": 5.0}


def test_a_datum_is_of_now_and_without_a_unit_unless_it_says(desk: MetricsDesk) -> None:
    before = clock.now()
    moment = clock.utc(math.floor(before) - 100)
    desk.put(
        {"MetricName": "x", "Value": 1.0},
        {"MetricName": "y", "Value": 2.0, "Unit": "Bytes", "Timestamp": moment},
    )
    y, x = desk.metrics.get(OWN)
    assert (x.name, x.value, x.unit) == ("x", 1.0, "None")
    assert before <= x.at <= clock.now()
    assert y == Point("y", moment.timestamp(), 2.0, "Bytes")


def test_values_come_once_each_unless_counted(desk: MetricsDesk) -> None:
    desk.put(
        {"MetricName": "x", "Values": [1.0, 2.0]},
        {"MetricName": "y", "Values": [1.0, 2.0], "Counts": [3.0, 0.5]},
    )
    assert [(point.name, point.value, point.count) for point in desk.metrics.get(OWN)] == [
        ("x", 1.0, 1.0), ("x", 2.0, 1.0), ("y", 1.0, 3.0), ("y", 2.0, 0.5)
    ]  # fmt: skip


@settings(max_examples=25)
@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=6))
def test_a_statistic_set_keeps_its_statistics(desk: MetricsDesk, values: list[int]) -> None:
    name = f"m{clock.monotonic()}"
    found = {"SampleCount": len(values), "Sum": sum(values), "Minimum": min(values), "Maximum": max(values)}
    desk.put({"MetricName": name, "StatisticValues": found})
    points = desk.metrics.get(OWN, name)
    assert {each: SIMPLE[each](points) for each in found} == pytest.approx(found)


@pytest.mark.parametrize(
    ("datum", "code", "said"),
    [
        ({}, "MissingParameter", "Value, Values and StatisticValues"),
        ({"Value": 1.0, "Values": [1.0]}, "InvalidParameterCombination", "Value and Values"),
        ({"Value": 1.0, "Counts": [1.0]}, "InvalidParameterCombination", "Counts"),
        ({"Value": math.inf}, "InvalidParameterValue", "inf"),
        ({"Value": 2.0**361}, "InvalidParameterValue", "2^360"),
        ({"Values": []}, "InvalidParameterValue", "between 1 and 150"),
        ({"Values": [1.0] * 151}, "InvalidParameterValue", "between 1 and 150"),
        ({"Values": [1.0], "Counts": [1.0, 2.0]}, "InvalidParameterValue", "same length"),
        ({"Values": [1.0], "Counts": [0.0]}, "InvalidParameterValue", "samples"),
        ({"Value": 1.0, "StorageResolution": 30}, "InvalidParameterValue", "StorageResolution"),
        ({"Value": 1.0, "Timestamp": clock.utc(0)}, "InvalidParameterValue", "two weeks"),
        ({"Value": 1.0, "Dimensions": [{"Name": "a", "Value": "b"}] * 2}, "InvalidParameterValue", "twice"),
        ({"StatisticValues": {**SET, "SampleCount": 0.0}}, "InvalidParameterValue", "sample"),
        ({"StatisticValues": {**SET, "Sum": 100.0}}, "InvalidParameterValue", "mean"),
    ],
)
def test_a_datum_that_cannot_be_taken_leaves_nothing(
    desk: MetricsDesk, datum: Document, code: str, said: str
) -> None:
    good = {"MetricName": "x", "Value": 1.0}
    found = desk.refusal("PutMetricData", Namespace="own", MetricData=[good, {"MetricName": "x", **datum}])
    assert found[0] == code
    assert said in found[1]
    assert desk.metrics.get(OWN) == []


def test_a_request_has_limits(desk: MetricsDesk) -> None:
    good = {"MetricName": "x", "Value": 1.0}
    assert desk.refusal("PutMetricData", Namespace="own")[0] == "MissingParameter"
    for params in (
        {"Namespace": "AWS/Own", "MetricData": [good]},
        {"Namespace": "own", "MetricData": [good] * 1001},
        {"Namespace": "own", "EntityMetricData": [{"MetricData": [good]}]},
    ):
        assert desk.refusal("PutMetricData", **params)[0] == "InvalidParameterValue"
