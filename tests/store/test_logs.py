"""Logs: whole lines only, in both directions, and streams that end on a line."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.core import ids
from clary.store.logs import Group, LateEventError, LogEvent, Logs, fits

GROUP = "/aws/sagemaker/TrainingJobs"
on_one_store = settings(
    max_examples=60,
)


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path / "logs")


def write(logs: Logs, stream: str, events: Sequence[tuple[int, str]], torn: bytes = b"") -> None:
    logs.create(GROUP, stream)
    logs.append(GROUP, stream, b"".join(b"%d\t%s\n" % (at, text.encode()) for at, text in events) + torn)


def test_names_of_any_kind_stay_inside_the_folder(logs: Logs, tmp_path: Path) -> None:
    names = ["a/algo-1", "../up", "..", ".", "dot.name", "50%", "名"]
    for name in names:
        logs.create(GROUP, name)
    assert [stream.name for stream in logs.streams(GROUP)] == sorted(names)
    assert logs.groups() == [GROUP]
    assert {path.name for path in tmp_path.iterdir()} == {"logs"}
    assert logs.has_stream(GROUP, "..")
    assert not logs.has_stream(GROUP, "dot")
    assert not logs.has_group("/aws/sagemaker")


def test_a_torn_line_is_not_read_and_is_cut_off_before_more_is_copied(logs: Logs) -> None:
    write(logs, "s", [(1, "whole")], torn=b"2\thal")
    assert [event.message for event in logs.read(GROUP, "s")] == ["whole"]
    assert logs.end(GROUP, "s") == 8
    assert next(iter(logs.streams(GROUP))).size == 13
    assert logs.size(GROUP, "s") == 8
    logs.append(GROUP, "s", b"2\thalf\n")
    assert [event.message for event in logs.read(GROUP, "s")] == ["whole", "half"]


def test_a_stream_of_a_torn_line_alone_is_empty(logs: Logs) -> None:
    write(logs, "s", [], torn=b"1\tha")
    assert list(logs.read(GROUP, "s")) == []
    assert logs.streams(GROUP)[0].last is None
    assert logs.size(GROUP, "s") == 0


def test_a_stream_of_a_run_is_a_prefix_of_the_runs_own_log(logs: Logs) -> None:
    own = b"1\tone\n2\ttwo\n3\tthree\n"
    logs.create(GROUP, "s")
    logs.append(GROUP, "s", own[:9])  # a crash in the middle of a write
    copied = logs.size(GROUP, "s")
    assert own[:copied] == b"1\tone\n"
    logs.append(GROUP, "s", own[copied:])
    assert [event.message for event in logs.read(GROUP, "s")] == ["one", "two", "three"]


def test_streams_tell_their_first_and_last_times(logs: Logs) -> None:
    write(logs, "job/a", [(5, "x"), (7, "y" * 70_000)])
    write(logs, "job/b", [])
    write(logs, "other", [(9, "")])
    first, second = logs.streams(GROUP, "job/")
    assert (first.name, first.created_at, first.first, first.last) == ("job/a", 5, 5, 7)
    assert (second.first, second.last, second.size) == (None, None, 0)


def test_an_event_tells_where_it_lies_and_replaces_what_is_not_text(logs: Logs) -> None:
    logs.create(GROUP, "s")
    logs.append(GROUP, "s", b"1\ta\tb\n22\t\xff\n")
    assert list(logs.read(GROUP, "s")) == [LogEvent(1, "a\tb", 0, 6), LogEvent(22, "\ufffd", 6, 11)]
    assert list(logs.read(GROUP, "s", 6)) == [LogEvent(22, "\ufffd", 6, 11)]


def test_a_group_is_removed_with_its_streams(logs: Logs) -> None:
    write(logs, "s", [(1, "x")])
    logs.remove_group(GROUP)
    assert logs.groups() == []
    assert not logs.has_stream(GROUP, "s")


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=5),
    )
).map(lambda events: sorted(events, key=lambda event: event[0]))


@on_one_store
@given(events=EVENTS)
def test_reading_back_is_reading_reversed_from_any_line(logs: Logs, events: list[tuple[int, str]]) -> None:
    stream = ids.token(12)
    write(logs, stream, events, torn=b"9\ttorn")
    forward = list(logs.read(GROUP, stream))
    assert [(event.timestamp, event.message) for event in forward] == events
    for count in range(len(forward) + 1):
        end = forward[count - 1].end if count else 0
        assert list(logs.read_back(GROUP, stream, end)) == forward[:count][::-1]


@on_one_store
@given(events=EVENTS, timestamp=st.integers(-1, 7))
def test_the_first_event_of_a_time_is_found(
    logs: Logs, events: list[tuple[int, str]], timestamp: int
) -> None:
    stream = ids.token(12)
    write(logs, stream, events, torn=b"9\ttorn")
    found = list(logs.read(GROUP, stream, logs.find(GROUP, stream, timestamp)))
    assert [event.timestamp for event in found] == [at for at, _ in events if at >= timestamp]


def test_a_put_event_may_be_of_several_lines(logs: Logs) -> None:
    logs.create(GROUP, "s")
    events = [(1, "a\nb\n"), (1, "\ttab"), (2, "名\n"), (3, "\ud800")]
    assert logs.put(GROUP, "s", events) == logs.end(GROUP, "s")
    expected = [*events[:3], (3, "?")]
    assert [(event.timestamp, event.message) for event in logs.read(GROUP, "s")] == expected
    end = logs.end(GROUP, "s")
    back = [(event.timestamp, event.message) for event in logs.read_back(GROUP, "s", end)]
    assert back == expected[::-1]


def test_a_put_goes_on_behind_a_torn_line_and_never_back_in_time(logs: Logs) -> None:
    write(logs, "s", [(5, "whole")], torn=b"9\thal")
    with pytest.raises(LateEventError):
        logs.put(GROUP, "s", [(4, "late")])
    with pytest.raises(LateEventError):
        logs.put(GROUP, "s", [(7, "x"), (6, "y")])
    logs.put(GROUP, "s", [(5, "next")])
    assert [event.message for event in logs.read(GROUP, "s")] == ["whole", "next"]


def test_a_group_keeps_what_is_known_of_it_apart_from_its_streams(logs: Logs) -> None:
    logs.create_group("own", 7)
    with pytest.raises(FileExistsError):
        logs.create_group("own", 8)
    logs.create("own", ".group")
    logs.amend_group("own", lambda _: Group(7, 30))
    assert logs.group("own") == Group(7, 30)
    assert [stream.name for stream in logs.streams("own")] == [".group"]
    logs.remove_stream("own", ".group")
    assert logs.streams("own") == []
    logs.remove_group("own")
    assert logs.groups() == []
    write(logs, "s", [(1, "x")])
    assert logs.group(GROUP) == Group()


def test_a_name_too_long_for_a_file_is_not_there(logs: Logs) -> None:
    assert not fits("/" * 100)
    assert not logs.has_group("/" * 100)
    assert not logs.has_stream(GROUP, "x" * 256)
