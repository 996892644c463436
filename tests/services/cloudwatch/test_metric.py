"""Metrics: listed by what they have, in pages."""

import pytest

from clary.core.exchange import Document
from clary.store.metrics import Point, Series
from tests.services.cloudwatch.conftest import MetricsDesk


@pytest.fixture(autouse=True)
def metrics(desk: MetricsDesk) -> None:
    for namespace, name, dimensions in (
        ("own", "acc", {"job": "ada"}),
        ("own", "loss", {"job": "ada"}),
        ("own", "loss", {"job": "bob", "host": "a"}),
        ("other", "loss", {}),
    ):
        desk.metrics.put(
            Series(namespace, dimensions), [Point(name, 1.0, 1.0), Point(name, 2.0, 1.0, "Count")]
        )


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["other/loss", "own/acc", "own/loss", "own/loss"]),
        ({"Namespace": "own", "MetricName": "loss"}, ["own/loss", "own/loss"]),
        ({"Dimensions": [{"Name": "job"}]}, ["own/acc", "own/loss", "own/loss"]),
        ({"Dimensions": [{"Name": "job", "Value": "bob"}, {"Name": "host"}]}, ["own/loss"]),
        ({"Namespace": "ow"}, []),
    ],
)
def test_metrics_are_listed_by_what_they_have(desk: MetricsDesk, params: Document, expected: object) -> None:
    output = desk("ListMetrics", **params)
    assert [f"{each['Namespace']}/{each['MetricName']}" for each in output["Metrics"]] == expected
    assert "NextToken" not in output


def test_a_page_has_five_hundred(desk: MetricsDesk) -> None:
    desk.metrics.put(Series("many", {}), [Point(f"m{index:03d}", 1.0, 1.0) for index in range(501)])
    first = desk("ListMetrics", Namespace="many")
    rest = desk("ListMetrics", Namespace="many", NextToken=first["NextToken"])
    assert [len(page["Metrics"]) for page in (first, rest)] == [500, 1]
    assert rest["Metrics"][0]["MetricName"] == "m500"
    assert "NextToken" not in rest
    for params in ({"NextToken": first["NextToken"]}, {"NextToken": "forged"}, {"RecentlyActive": "PT3H"}):
        assert desk.refusal("ListMetrics", **params)[0] == "InvalidParameterValue"
