"""Log events: pages in both directions, times, and tokens that stay when nothing is new."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.core import ids
from clary.core.exchange import Document
from clary.services.logs import event
from tests.services.logs.conftest import LogsDesk

EVENTS = [(10, "a"), (20, "b"), (20, "c"), (30, "d"), (40, "e")]


def texts(output: Document) -> str:
    return "".join(each["message"] for each in output["events"])


@pytest.fixture
def get(desk: LogsDesk) -> Any:
    desk.write("s", EVENTS)

    def get(**params: Any) -> Document:
        return desk("GetLogEvents", logStreamName="s", **params)

    return get


def test_an_event_is_ingested_when_it_happens(get: Any) -> None:
    assert get()["events"][0] == {"timestamp": 10, "message": "a", "ingestionTime": 10}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, "abcde"),
        ({"limit": 2}, "de"),
        ({"limit": 2, "startFromHead": True}, "ab"),
        ({"startTime": 20}, "bcde"),
        ({"endTime": 20}, "a"),
        ({"startTime": 20, "endTime": 40}, "bcd"),
        ({"startTime": 20, "endTime": 40, "limit": 1}, "d"),
        ({"startTime": 20, "endTime": 40, "limit": 1, "startFromHead": True}, "b"),
        ({"startTime": 41}, ""),
        ({"startTime": 41, "startFromHead": True}, ""),
        ({"endTime": 10}, ""),
        ({"startTime": 40, "endTime": 20}, ""),
        ({"startTime": 40, "endTime": 20, "startFromHead": True}, ""),
    ],
)
def test_a_first_page(get: Any, params: Document, expected: str) -> None:
    assert texts(get(**params)) == expected


def test_a_client_follows_a_stream_as_it_grows(desk: LogsDesk, get: Any) -> None:
    page = get(startFromHead=True, limit=3)
    assert texts(page) == "abc"
    page = get(startFromHead=True, nextToken=page["nextForwardToken"])
    assert texts(page) == "de"
    token = page["nextForwardToken"]
    for _ in range(2):
        page = get(startFromHead=True, nextToken=token)
        assert (page["events"], page["nextForwardToken"]) == ([], token)
    desk.write("s", [(50, "f")])
    assert texts(get(startFromHead=True, nextToken=token)) == "f"


def test_a_client_that_counts_for_itself_asks_by_time(desk: LogsDesk, get: Any) -> None:
    assert texts(get(startFromHead=True, startTime=40)) == "e"
    desk.write("s", [(40, "f"), (41, "g")])
    assert texts(get(startFromHead=True, startTime=40)) == "efg"


def test_a_client_walks_back_from_the_tail(get: Any) -> None:
    page = get(limit=2)
    older = get(limit=2, nextToken=page["nextBackwardToken"])
    oldest = get(limit=2, nextToken=older["nextBackwardToken"])
    assert [texts(each) for each in (page, older, oldest)] == ["de", "bc", "a"]
    end = get(limit=2, nextToken=oldest["nextBackwardToken"])
    assert (end["events"], end["nextBackwardToken"]) == ([], oldest["nextBackwardToken"])
    assert texts(get(nextToken=oldest["nextForwardToken"])) == "bcde"
    assert get(nextToken=page["nextForwardToken"])["nextForwardToken"] == page["nextForwardToken"]


def test_an_empty_stream_has_tokens_too(desk: LogsDesk) -> None:
    desk.write("new", [])
    page = desk("GetLogEvents", logStreamName="new", startFromHead=True)
    assert page["events"] == []
    assert page["nextForwardToken"].startswith("f/")
    assert page["nextBackwardToken"].startswith("b/")
    desk.write("new", [(1, "x")])
    assert texts(desk("GetLogEvents", logStreamName="new", nextToken=page["nextForwardToken"])) == "x"


def test_a_token_is_good_for_its_own_stream_only(desk: LogsDesk, get: Any) -> None:
    token = get(limit=2)["nextForwardToken"]
    desk.write("t", EVENTS)
    refused = ("InvalidParameterException", "The specified nextToken is invalid.")
    assert desk.refusal("GetLogEvents", logStreamName="t", nextToken=token) == refused
    for forged in (
        "f/",
        "f/0",
        "x/" + token[2:],
        token[:-1] + "x",
        token.replace("f/0", "f/9"),
        "f/²" + "0" * 51,
    ):
        assert desk.refusal("GetLogEvents", logStreamName="s", nextToken=forged) == refused


def test_a_token_of_a_stream_that_was_begun_again_has_expired(desk: LogsDesk, get: Any) -> None:
    token = get()["nextForwardToken"]
    desk.logs.remove_group("/aws/sagemaker/TrainingJobs")
    desk.write("s", EVENTS[:1])
    assert desk.refusal("GetLogEvents", logStreamName="s", nextToken=token)[0] == "InvalidParameterException"


def test_what_is_not_there_is_said(desk: LogsDesk, get: Any) -> None:
    assert desk.refusal("GetLogEvents", logStreamName="missing") == (
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
    assert desk.refusal("GetLogEvents", logGroupName="missing", logStreamName="s") == (
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )
    assert desk.refusal("GetLogEvents", logStreamName="s", limit=10_001)[0] == "InvalidParameterException"


@pytest.mark.parametrize("from_head", [True, False])
def test_a_page_is_no_longer_than_a_megabyte(desk: LogsDesk, from_head: bool) -> None:
    desk.write("large", [(index, str(index) * 250_000) for index in range(6)])
    page = desk("GetLogEvents", logStreamName="large", startFromHead=from_head)
    assert [each["timestamp"] for each in page["events"]] == ([0, 1, 2, 3] if from_head else [2, 3, 4, 5])


def test_one_event_longer_than_a_page_still_comes() -> None:
    assert event.fill([5_000_000, 1], 10, int) == ([5_000_000], True)
    assert event.fill([1, 1], 1, int) == ([1], True)
    assert event.fill([1], 1, int) == ([1], False)


@settings(max_examples=40)
@given(
    times=st.lists(st.integers(0, 6), max_size=8).map(sorted),
    limit=st.integers(1, 3),
    bounds=st.fixed_dictionaries({}, optional={"startTime": st.integers(0, 7), "endTime": st.integers(0, 7)}),
    from_head=st.booleans(),
)
def test_pages_add_up_in_both_directions(
    desk: LogsDesk, times: list[int], limit: int, bounds: Document, from_head: bool
) -> None:
    stream = ids.token(12)
    desk.write(stream, [(at, str(index)) for index, at in enumerate(times)])
    expected = [
        str(index)
        for index, at in enumerate(times)
        if bounds.get("startTime", 0) <= at < bounds.get("endTime", 9)
    ]
    member = "nextForwardToken" if from_head else "nextBackwardToken"
    seen: list[str] = []
    place: Document = {}
    while True:
        page = desk(
            "GetLogEvents", logStreamName=stream, limit=limit, startFromHead=from_head, **bounds, **place
        )
        found = [each["message"] for each in page["events"]]
        seen = seen + found if from_head else found + seen
        if place == {"nextToken": page[member]}:
            break
        place = {"nextToken": page[member]}
    assert seen == expected
