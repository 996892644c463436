"""Training metrics as charts read them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.core.exchange import Caller, Context, Document
from clary.engine.platform import Platform
from clary.engine.service import ResourceService
from clary.services.metrics import Metrics
from clary.services.sagemaker import KINDS
from clary.wire.model import load

ACCOUNT = "1" * 12
EPOCH = datetime.fromtimestamp(1_700_000_040, UTC)


class Desk:
    """Calls both services as the wire does."""

    def __init__(self, platform: Platform) -> None:
        self.resources = ResourceService(platform, load("sagemaker"), KINDS)
        self.metrics = Metrics(platform)

    def __call__(self, operation: str, **params: Any) -> Document:
        service = self.metrics if operation.startswith("Batch") else self.resources
        caller = Caller(ACCOUNT, "AKIA", f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
        return service(Context("request", "sagemaker", operation, "us-east-1", caller), params).output


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return Desk(platform)


@pytest.fixture
def arn(desk: Desk) -> str:
    """A component with a loss that was put at three steps, twice at the last."""
    arn: str = desk("CreateTrialComponent", TrialComponentName="c")["TrialComponentArn"]
    points = [(0, 0, 4.0), (30, 1, 2.0), (60, 2, 1.0), (90, 2, 3.0)]
    data = [
        {
            "MetricName": "loss",
            "Timestamp": datetime.fromtimestamp(1_700_000_040 + at, UTC),
            "Step": step,
            "Value": v,
        }
        for at, step, v in points
    ]
    assert desk("BatchPutMetrics", TrialComponentName="c", MetricData=data) == {"Errors": []}
    return arn


def read(desk: Desk, arn: str, statistic: str, period: str, **more: Any) -> tuple[list[int], list[float]]:
    axis = "IterationNumber" if period == "IterationNumber" else "Timestamp"
    query = {
        "MetricName": "loss",
        "ResourceArn": arn,
        "MetricStat": statistic,
        "Period": period,
        "XAxisType": axis,
    }
    (result,) = desk("BatchGetMetrics", MetricQueries=[query | more])["MetricQueryResults"]
    assert result["Status"] == "Complete"
    return result["XAxisValues"], result["MetricValues"]


def test_points_are_read_by_step(desk: Desk, arn: str) -> None:
    assert read(desk, arn, "Last", "IterationNumber") == ([0, 1, 2], [4.0, 2.0, 3.0])
    assert read(desk, arn, "Avg", "IterationNumber", Start=2, End=2) == ([2], [2.0])


def test_points_are_read_by_time(desk: Desk, arn: str) -> None:
    places, values = read(desk, arn, "Count", "OneMinute")
    assert (len(places), values) == (2, [2, 2])
    assert read(desk, arn, "Max", "OneHour")[1] == [4.0]


def test_the_component_sums_them_up(desk: Desk, arn: str) -> None:
    (metric,) = desk("DescribeTrialComponent", TrialComponentName="c")["Metrics"]
    assert (metric["Count"], metric["Last"], metric["Min"]) == (4, 3.0, 1.0)


def test_what_is_not_there_is_said(desk: Desk) -> None:
    with pytest.raises(ClaryError, match="does not exist"):
        desk("BatchPutMetrics", TrialComponentName="none", MetricData=[])
    arn = "arn:aws:sagemaker:us-east-1:111111111111:experiment-trial-component/none"
    query = {
        "MetricName": "m",
        "ResourceArn": arn,
        "MetricStat": "Min",
        "Period": "OneHour",
        "XAxisType": "Timestamp",
    }
    (result,) = desk("BatchGetMetrics", MetricQueries=[query | {"XAxisType": "Timestamp"}])[
        "MetricQueryResults"
    ]
    assert result["Status"] == "ValidationError"
