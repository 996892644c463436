"""CloudWatch Logs as a whole: its operations, and boto3 reading as SageMaker's clients read."""

from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from clary.core import clock
from clary.services.logs import OPERATIONS
from tests.services.logs.conftest import GROUP, LogsDesk


def test_every_operation_served_is_one_of_the_api() -> None:
    model = botocore.session.get_session().get_service_model("logs")
    assert set(OPERATIONS) <= set(model.operation_names)


def test_what_is_not_served_is_said(desk: LogsDesk) -> None:
    code, message = desk.refusal("StartQuery")
    assert code == "UnknownOperationException"
    assert "logs.StartQuery" in message


def test_boto3_writes_a_stream_of_its_own(client: Callable[[str], Any]) -> None:
    logs = client("logs")
    where = {"logGroupName": "/own/app", "logStreamName": "2026/a"}
    logs.create_log_group(logGroupName="/own/app")
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName="/own/app")
    logs.create_log_stream(**where)
    now = int(clock.now() * 1000)
    events = [{"timestamp": now, "message": "Traceback:\n  名"}, {"timestamp": now + 1, "message": "end"}]
    logs.put_log_events(**where, logEvents=events, sequenceToken="any")
    found = logs.get_log_events(**where, startFromHead=True)["events"]
    assert [{"timestamp": each["timestamp"], "message": each["message"]} for each in found] == events
    logs.put_retention_policy(logGroupName="/own/app", retentionInDays=7)
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/own")["logGroups"]
    assert group["retentionInDays"] == 7
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.delete_log_group(logGroupName=GROUP)
    logs.delete_log_stream(**where)
    logs.delete_log_group(logGroupName="/own/app")
    assert logs.describe_log_groups()["logGroups"] == []


def test_boto3_follows_a_job(desk: LogsDesk, client: Callable[[str], Any]) -> None:
    logs = client("logs")
    with pytest.raises(ClientError) as caught:
        logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix="job/")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    desk.write("job/algo-1-1700000000", [(1_700_000_000_000, "epoch 1"), (1_700_000_000_500, "名 #011")])
    found = logs.describe_log_streams(
        logGroupName=GROUP, logStreamNamePrefix="job/", orderBy="LogStreamName", limit=1
    )
    assert "nextToken" not in found
    (stream,) = found["logStreams"]
    page = logs.get_log_events(
        logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True, startTime=0
    )
    assert [each["message"] for each in page["events"]] == ["epoch 1", "名 #011"]
    again = logs.get_log_events(
        logGroupName=GROUP,
        logStreamName=stream["logStreamName"],
        startFromHead=True,
        nextToken=page["nextForwardToken"],
    )
    assert again["events"] == []
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=GROUP, filterPattern="epoch", PaginationConfig={"PageSize": 1}
    )
    assert [each["message"] for page in pages for each in page["events"]] == ["epoch 1"]
    assert [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]] == [GROUP]
