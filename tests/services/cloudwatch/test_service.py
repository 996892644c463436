"""CloudWatch as a whole: its operations, and boto3 in both protocols."""

from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from clary.core import clock
from clary.services.cloudwatch import OPERATIONS
from tests.services.cloudwatch.conftest import MetricsDesk


def test_every_operation_served_is_one_of_the_api() -> None:
    model = botocore.session.get_session().get_service_model("cloudwatch")
    assert set(OPERATIONS) <= set(model.operation_names)


def test_what_is_not_served_is_said(desk: MetricsDesk) -> None:
    code, message = desk.refusal("PutDashboard")
    assert code == "UnknownOperationException"
    assert "cloudwatch.PutDashboard" in message


@pytest.mark.parametrize("protocol", ["json", "query"])
def test_boto3_puts_and_reads(client: Callable[[str], Any], protocol: str) -> None:
    cloudwatch = client(protocol)
    noon = clock.utc(clock.now() // 3600 * 3600)
    hour = {"StartTime": noon, "EndTime": clock.utc(noon.timestamp() + 3600)}
    home = {"Namespace": "own", "MetricName": "loss"}
    job = [{"Name": "job", "Value": "ada"}]
    datum = {"MetricName": "loss", "Dimensions": job, "Timestamp": noon}
    cloudwatch.put_metric_data(
        Namespace="own",
        MetricData=[{**datum, "Value": 0.5}, {**datum, "Values": [1.5, 2.0], "Counts": [2, 1]}],
    )
    found = cloudwatch.get_metric_statistics(
        **home,
        **hour,
        Dimensions=job,
        Period=60,
        Statistics=["Average", "SampleCount"],
        ExtendedStatistics=["p50"],
    )
    assert found["Label"] == "loss"
    assert found["Datapoints"] == [
        {
            "Timestamp": noon,
            "Unit": "None",
            "Average": 1.375,
            "SampleCount": 4.0,
            "ExtendedStatistics": {"p50": 1.5},
        }
    ]
    stat = {"Metric": {**home, "Dimensions": job}, "Period": 60, "Stat": "Maximum"}
    (result,) = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {"Id": "m", "MetricStat": stat, "ReturnData": False},
            {"Id": "e", "Expression": "m * 2", "Label": "double"},
        ],
        **hour,
    )["MetricDataResults"]
    assert (result["Id"], result["Label"], result["StatusCode"]) == ("e", "double", "Complete")
    assert (result["Timestamps"], result["Values"]) == ([noon], [4.0])
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace="own")
    assert [each for page in pages for each in page["Metrics"]] == [{**home, "Dimensions": job}]


@pytest.mark.parametrize("protocol", ["json", "query"])
def test_boto3_knows_the_errors(client: Callable[[str], Any], protocol: str) -> None:
    cloudwatch = client(protocol)
    with pytest.raises(ClientError) as caught:
        cloudwatch.put_metric_data(Namespace="AWS/SageMaker", MetricData=[{"MetricName": "x", "Value": 1}])
    assert caught.value.response["Error"]["Code"].startswith("InvalidParameterValue")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
