"""Batches: events that clients put, what is left out of them and what is refused."""

import pytest

from clary.core import clock
from clary.core.exchange import Document
from clary.store.logs import Group
from tests.services.logs.conftest import GROUP, LogsDesk

DAY = 86_400_000


@pytest.fixture(autouse=True)
def stream(desk: LogsDesk) -> None:
    desk("CreateLogGroup", logGroupName="own")
    desk("CreateLogStream", logGroupName="own", logStreamName="s")


def put(desk: LogsDesk, *events: tuple[int, str]) -> Document:
    listed = [{"timestamp": at, "message": message} for at, message in events]
    return desk("PutLogEvents", logGroupName="own", logStreamName="s", logEvents=listed)


def texts(desk: LogsDesk) -> list[str]:
    page = desk("GetLogEvents", logGroupName="own", logStreamName="s", startFromHead=True)
    return [each["message"] for each in page["events"]]


def now() -> int:
    return int(clock.now() * 1000)


def test_events_come_back_as_they_were_put(desk: LogsDesk) -> None:
    at = now()
    first = put(desk, (at, "one\ntwo"), (at + 1, "三"))
    assert first.keys() == {"nextSequenceToken"}
    assert put(desk, (at + 1, "four"))["nextSequenceToken"] > first["nextSequenceToken"]
    assert texts(desk) == ["one\ntwo", "三", "four"]


def test_events_too_old_or_too_new_are_left_out_and_told(desk: LogsDesk) -> None:
    at = now()
    assert put(desk, (at - 14 * DAY - 5, "old"), (at - 14 * DAY + 60_000, "kept")) | {
        "nextSequenceToken": 0
    } == {
        "nextSequenceToken": 0,
        "rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 1},
    }
    assert put(desk, (at, "kept too"), (at + 3 * 3_600_000, "new"))["rejectedLogEventsInfo"] == {
        "tooNewLogEventStartIndex": 1
    }
    desk.logs.amend_group("own", lambda _: Group(0, 3))
    assert put(desk, (at - 5 * DAY, "expired"))["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    assert texts(desk) == ["kept", "kept too"]


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([], "between 1 and"),
        ([(0, "x")] * 10_001, "between 1 and"),
        ([(0, "x" * (1024 * 1024 - 25))], "Upload too large: 1048577 bytes"),
        ([(1, "x"), (0, "y")], "chronological order"),
        ([(0, "x"), (DAY + 1, "y")], "24 hours"),
    ],
)
def test_a_batch_that_breaks_a_rule_is_refused_whole(
    desk: LogsDesk, events: list[tuple[int, str]], said: str
) -> None:
    begin = now() - DAY
    listed = [{"timestamp": begin + at, "message": message} for at, message in events]
    code, message = desk.refusal("PutLogEvents", logGroupName="own", logStreamName="s", logEvents=listed)
    assert code == "InvalidParameterException"
    assert said in message
    assert texts(desk) == []


def test_a_stream_does_not_go_back_in_time(desk: LogsDesk) -> None:
    at = now()
    put(desk, (at, "x"))
    late = [{"timestamp": at - 1, "message": "y"}]
    code, message = desk.refusal("PutLogEvents", logGroupName="own", logStreamName="s", logEvents=late)
    assert (code, "newest event" in message) == ("InvalidParameterException", True)


def test_runs_alone_write_their_streams(desk: LogsDesk) -> None:
    desk.write("job/algo-1", [(1, "x")])
    event = [{"timestamp": now(), "message": "y"}]
    for operation, params in (
        ("PutLogEvents", {"logStreamName": "job/algo-1", "logEvents": event}),
        ("CreateLogStream", {"logStreamName": "new"}),
        ("DeleteLogStream", {"logStreamName": "job/algo-1"}),
        ("DeleteLogGroup", {}),
    ):
        code, message = desk.refusal(operation, logGroupName=GROUP, **params)
        assert code == "InvalidParameterException"
        assert "written by jobs and endpoints alone" in message
    assert [each.message for each in desk.logs.read(GROUP, "job/algo-1")] == ["x"]
