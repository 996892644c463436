"""Log streams: by name or by time, and a token only when there are more."""

import pytest

from clary.core.exchange import Document
from tests.services.logs.conftest import GROUP, LogsDesk

MISSING = ("ResourceNotFoundException", "The specified log group does not exist.")


def names(output: Document) -> list[str]:
    return [stream["logStreamName"] for stream in output["logStreams"]]


@pytest.fixture(autouse=True)
def streams(desk: LogsDesk) -> None:
    desk.write("job/algo-1", [(1, "x"), (9, "y")])
    desk.write("job/algo-2", [(2, "x")])
    desk.write("job/algo-3", [])
    desk.write("other/algo-1", [(4, "x")])


def test_a_stream_tells_its_times(desk: LogsDesk) -> None:
    first, _, empty = desk("DescribeLogStreams", logStreamNamePrefix="job/")["logStreams"]
    assert first == {
        "logStreamName": "job/algo-1",
        "creationTime": 1,
        "firstEventTimestamp": 1,
        "lastEventTimestamp": 9,
        "lastIngestionTime": 9,
        "arn": f"arn:aws:logs:us-east-1:111122223333:log-group:{GROUP}:log-stream:job/algo-1",
        "storedBytes": 8,
    }
    assert "lastEventTimestamp" not in empty


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["job/algo-1", "job/algo-2", "job/algo-3", "other/algo-1"]),
        ({"descending": True}, ["other/algo-1", "job/algo-3", "job/algo-2", "job/algo-1"]),
        ({"orderBy": "LastEventTime"}, ["job/algo-3", "job/algo-2", "other/algo-1", "job/algo-1"]),
        (
            {"orderBy": "LastEventTime", "descending": True},
            ["job/algo-1", "other/algo-1", "job/algo-2", "job/algo-3"],
        ),
        ({"logStreamNamePrefix": "job/", "orderBy": "LogStreamName", "limit": 3}, 3),
    ],
)
def test_streams_come_in_the_order_asked_for(desk: LogsDesk, params: Document, expected: object) -> None:
    output = desk("DescribeLogStreams", **params)
    assert "nextToken" not in output
    assert expected in (names(output), len(output["logStreams"]))
    seen: list[str] = []
    place: Document = {}
    while True:
        page = desk("DescribeLogStreams", **params | {"limit": 1} | place)
        seen += names(page)
        if "nextToken" not in page:
            break
        place = {"nextToken": page["nextToken"]}
    assert seen == names(output)


def test_what_does_not_go_together_is_refused(desk: LogsDesk) -> None:
    code, _ = desk.refusal("DescribeLogStreams", orderBy="LastEventTime", logStreamNamePrefix="job/")
    assert code == "InvalidParameterException"
    token = desk("DescribeLogStreams", limit=1)["nextToken"]
    assert desk.refusal("DescribeLogStreams", descending=True, nextToken=token) == (
        "InvalidParameterException",
        "The specified nextToken is invalid.",
    )
    for limit in (51, -1):
        assert desk.refusal("DescribeLogStreams", limit=limit)[0] == "InvalidParameterException"


def test_a_group_is_named_or_identified(desk: LogsDesk) -> None:
    arn = f"arn:aws:logs:us-east-1:111122223333:log-group:{GROUP}"
    for identifier in (GROUP, arn, f"{arn}:*"):
        assert len(desk("DescribeLogStreams", logGroupIdentifier=identifier)["logStreams"]) == 4
    assert desk.refusal("DescribeLogStreams", logGroupName="missing") == MISSING
    assert desk.refusal("DescribeLogStreams", logGroupIdentifier="arn:x")[0] == "InvalidParameterException"
    code, _ = desk.refusal("DescribeLogStreams", logGroupName=GROUP, logGroupIdentifier=arn)
    assert code == "InvalidParameterException"


def test_a_stream_is_made_once_and_removed(desk: LogsDesk) -> None:
    desk("CreateLogGroup", logGroupName="own")
    desk("CreateLogStream", logGroupName="own", logStreamName="s")
    assert names(desk("DescribeLogStreams", logGroupName="own")) == ["s"]
    for operation, name, code in (
        ("CreateLogStream", "s", "ResourceAlreadyExistsException"),
        ("CreateLogStream", "/" * 200, "InvalidParameterException"),
        ("DeleteLogStream", "missing", "ResourceNotFoundException"),
    ):
        assert desk.refusal(operation, logGroupName="own", logStreamName=name)[0] == code
    assert desk.refusal("CreateLogStream", logGroupName="none", logStreamName="s") == MISSING
    desk("DeleteLogStream", logGroupName="own", logStreamName="s")
    assert names(desk("DescribeLogStreams", logGroupName="own")) == []
