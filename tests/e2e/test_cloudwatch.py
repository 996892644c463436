"""Metrics of jobs and endpoints, read as their users read them."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.conftest import Lab, Server, Tumours, csv

CURVES = """
import json, sys
from sagemaker.analytics import TrainingJobAnalytics
frame = TrainingJobAnalytics(sys.argv[1]).dataframe()
print(json.dumps(frame.groupby("metric_name")["value"].last().to_dict()))
"""


@pytest.fixture
def cloudwatch(server: Server) -> Any:
    return server.client("cloudwatch")


def test_the_sdk_reads_the_curves_of_a_finished_job(
    server: Server, lab: Lab, cloudwatch: Any, tumours: Tumours
) -> None:
    data = lab.put_csv(tumours.train)
    job = lab.train({"train": data, "validation": data})
    final = {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}
    done = server.python("-c", CURVES, job["TrainingJobName"])
    assert done.returncode == 0, done.stderr
    curves = json.loads(done.stdout.splitlines()[-1])
    assert curves.keys() == final.keys()
    of_job = [{"Name": "TrainingJobName", "Value": job["TrainingJobName"]}]
    listed = cloudwatch.list_metrics(Namespace="/aws/sagemaker/TrainingJobs", Dimensions=of_job)["Metrics"]
    assert {metric["MetricName"] for metric in listed} == final.keys()


def test_an_endpoint_counts_its_invocations(
    lab: Lab, endpoint: str, cloudwatch: Any, tumours: Tumours
) -> None:
    def statistics(name: str) -> dict[str, float]:
        now = datetime.now(UTC)
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=name,
            Dimensions=[
                {"Name": "EndpointName", "Value": endpoint},
                {"Name": "VariantName", "Value": "AllTraffic"},
            ],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=86400,
            Statistics=["Sum", "SampleCount", "Minimum"],
        )["Datapoints"]
        return {key: sum(point[key] for point in found) for key in ("Sum", "SampleCount", "Minimum")}

    before = statistics("Invocations")["Sum"]
    for _ in range(5):
        lab.runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Body=csv(tumours.test[:1, 1:])
        )
    with pytest.raises(lab.runtime.exceptions.ModelError):
        lab.runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body="no,number")
    deadline = time.monotonic() + 30
    while statistics("Invocations")["Sum"] < before + 6:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert statistics("Invocation4XXErrors")["Sum"] >= 1
    assert statistics("InvocationModelErrors")["SampleCount"] == statistics("Invocations")["Sum"]
    assert statistics("ModelLatency")["Minimum"] > 0
