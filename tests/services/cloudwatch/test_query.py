"""Queries: several metrics, math over them, and pages."""

from typing import Any

import pytest

from clary.core.exchange import Document
from clary.store.metrics import Point, Series
from tests.services.cloudwatch.conftest import NOON, MetricsDesk, at


def measured(name: str, **stat: Any) -> Document:
    metric = {"Namespace": "own", "MetricName": name}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum", **stat}}


HOURS = {"StartTime": at(0), "EndTime": at(240)}


@pytest.fixture(autouse=True)
def metrics(desk: MetricsDesk) -> None:
    points = [Point("a", NOON + 60.0 * index, value) for index, value in ((0, 1.0), (1, 3.0), (3, 0.0))]
    desk.metrics.put(
        Series("own", {}), [*points, Point("b", NOON + 61, 10.0, "Count"), Point("b", NOON, 4.0)]
    )


def values(desk: MetricsDesk, *queries: Document, **params: Any) -> dict[str, list[tuple[int, float]]]:
    output = desk("GetMetricData", **HOURS, MetricDataQueries=list(queries), **params)
    return {
        result["Id"]: [
            (moment - NOON, value)
            for moment, value in zip(result["Timestamps"], result["Values"], strict=True)
        ]
        for result in output["MetricDataResults"]
    }


def test_values_come_newest_first_unless_asked_otherwise(desk: MetricsDesk) -> None:
    a = [(0, 1.0), (60, 3.0), (180, 0.0)]
    assert values(desk, measured("a")) == {"a": a[::-1]}
    assert values(desk, measured("a"), measured("b", Unit="Count"), ScanBy="TimestampAscending") == {
        "a": a,
        "b": [(60, 10.0)],
    }


def test_a_query_that_is_not_returned_is_calculated_with(desk: MetricsDesk) -> None:
    queries = (
        {"Id": "late", "Expression": "early * 2"},
        {"Id": "early", "Expression": "a + b", "ReturnData": False},
        measured("a") | {"ReturnData": False},
        measured("b") | {"ReturnData": False},
    )
    assert values(desk, *queries, ScanBy="TimestampAscending") == {"late": [(0, 10.0), (60, 26.0)]}


def test_pages_add_up(desk: MetricsDesk) -> None:
    queries = [measured("a"), measured("b"), measured("none")]
    seen: dict[str, list[float]] = {}
    states = []
    more: Document = {}
    while True:
        output = desk("GetMetricData", **HOURS, MetricDataQueries=queries, MaxDatapoints=2, **more)
        for result in output["MetricDataResults"]:
            seen.setdefault(result["Id"], []).extend(result["Values"])
            states.append((result["Id"], result["StatusCode"]))
        if "NextToken" not in output:
            break
        more = {"NextToken": output["NextToken"]}
    assert seen == {"a": [0.0, 3.0, 1.0], "b": [10.0, 4.0], "none": []}
    assert states == [
        ("a", "PartialData"), ("b", "PartialData"), ("none", "Complete"),
        ("a", "Complete"), ("b", "PartialData"), ("b", "Complete"),
    ]  # fmt: skip
    code, _ = desk.refusal("GetMetricData", **HOURS, MetricDataQueries=queries[:1], **more)
    assert code == "InvalidNextToken"


@pytest.mark.parametrize(
    ("queries", "said"),
    [
        ([], "between 1 and 500"),
        ([measured("a"), measured("a")], "more than one query"),
        ([measured("a") | {"Id": "A"}], "lower-case"),
        ([{"Id": "a"}], "either"),
        ([measured("a") | {"Expression": "1"}], "either"),
        ([measured("a") | {"AccountId": "1"}], "AccountId"),
        ([measured("a", Stat="tm90")], "tm90"),
        ([measured("a", Period=61)], "Period"),
        ([measured("a", Metric={"Namespace": "own"})], "MetricName"),
        ([{"Id": "e", "Expression": "SEARCH('{own}', 'Sum')"}], "SEARCH"),
    ],
)
def test_a_query_that_cannot_be_answered_is_named(
    desk: MetricsDesk, queries: list[Document], said: str
) -> None:
    code, message = desk.refusal("GetMetricData", **HOURS, MetricDataQueries=queries)
    assert code == "ValidationError"
    assert said in message


def test_time_runs_forwards(desk: MetricsDesk) -> None:
    params = {"StartTime": at(0), "EndTime": at(0), "MetricDataQueries": [measured("a")]}
    assert desk.refusal("GetMetricData", **params)[0] == "ValidationError"
    assert desk.refusal("GetMetricData", **params | HOURS, MaxDatapoints=-1)[0] == "ValidationError"
