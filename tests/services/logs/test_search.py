"""Searches: streams merged by time, patterns and pages."""

import pytest

from clary.core.exchange import Document
from tests.services.logs.conftest import LogsDesk


def texts(output: Document) -> str:
    return "".join(each["message"] for each in output["events"])


@pytest.fixture(autouse=True)
def streams(desk: LogsDesk) -> None:
    desk.write("job/1", [(10, "a"), (20, "c"), (20, "d"), (40, "f")])
    desk.write("job/2", [(10, "b"), (30, "e")])
    desk.write("other", [(20, "z")])


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, "abcdzef"),
        ({"logStreamNamePrefix": "job/"}, "abcdef"),
        ({"logStreamNames": ["other", "job/2", "job/2"]}, "bze"),
        ({"startTime": 20}, "cdzef"),
        ({"endTime": 20}, "abcdz"),
        ({"startTime": 20, "endTime": 30, "logStreamNamePrefix": "job/1"}, "cd"),
        ({"filterPattern": "?a ?f"}, "af"),
        ({"filterPattern": "missing"}, ""),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_events_come_by_time_in_pages(desk: LogsDesk, params: Document, expected: str, limit: int) -> None:
    seen = ""
    place: Document = {}
    while True:
        page = desk("FilterLogEvents", limit=limit, **params, **place)
        assert len(page["events"]) <= limit
        seen += texts(page)
        if "nextToken" not in page:
            break
        place = {"nextToken": page["nextToken"]}
    assert seen == expected


def test_an_event_tells_its_stream_and_has_an_id_of_its_own(desk: LogsDesk) -> None:
    events = desk("FilterLogEvents")["events"]
    assert events == desk("FilterLogEvents")["events"]
    identifiers = [each.pop("eventId") for each in events]
    assert len(set(identifiers)) == len(events)
    assert {len(each) for each in identifiers} == {56}
    assert events[1] == {"logStreamName": "job/2", "timestamp": 10, "message": "b", "ingestionTime": 10}


def test_a_group_may_have_more_streams_than_files_can_be_open(desk: LogsDesk) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for index in range(100):
        desk.write(f"many/{index:03d}", [(index, "x")])
    resource.setrlimit(resource.RLIMIT_NOFILE, (90, hard))
    try:
        assert len(desk("FilterLogEvents", logStreamNamePrefix="many/")["events"]) == 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_long_stream_is_read_in_batches_without_a_gap(desk: LogsDesk) -> None:
    desk.write("long", [(index, f"{index};") for index in range(200)])
    assert texts(desk("FilterLogEvents", logStreamNames=["long"])) == "".join(f"{n};" for n in range(200))


def test_what_cannot_be_searched_is_said(desk: LogsDesk) -> None:
    assert desk.refusal("FilterLogEvents", logGroupName="missing")[0] == "ResourceNotFoundException"
    assert desk.refusal("FilterLogEvents", logStreamNames=["missing"]) == (
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
    for params in (
        {"logStreamNames": ["other"], "logStreamNamePrefix": "o"},
        {"filterPattern": '{ $.level = "error" }'},
        {"nextToken": "forged"},
    ):
        assert desk.refusal("FilterLogEvents", **params)[0] == "InvalidParameterException"
    token = desk("FilterLogEvents", limit=1)["nextToken"]
    assert (
        desk.refusal("FilterLogEvents", nextToken=token, filterPattern="a")[0] == "InvalidParameterException"
    )
