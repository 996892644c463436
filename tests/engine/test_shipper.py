"""Every line of a run reaches its stream once and is shown to its kind once."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.compute.executor import LogEvent
from clary.core import clock
from clary.engine.platform import Platform
from clary.engine.shipper import PAGES, Feed, Shipper, drained, feeding, feeds
from clary.store.resources import Row
from tests.engine.nouns import Study
from tests.engine.test_reconciler import insert
from tests.fake_executor import FakeExecutor

FEED = Feed("run", "group", "stream")


class Reader(Study):
    """Remembers what it was shown."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def observe(self, platform: Platform, row: Row, events: Sequence[LogEvent]) -> None:
        self.seen += [event.text for event in events]


@pytest.fixture
def row(platform: Platform) -> Row:
    row = platform.resources.change(insert(platform), private=feeding(FEED))
    assert row is not None
    return row


def lines(platform: Platform, feed: Feed = FEED) -> list[str]:
    if not platform.logs.has_stream(feed.group, feed.stream):
        return []
    return [event.message for event in platform.logs.read(feed.group, feed.stream)]


@settings(max_examples=40)
@given(
    texts=st.lists(
        st.text(st.characters(exclude_characters="\n\t\r", codec="utf-8"), max_size=40), max_size=20
    ),
    page=st.integers(min_value=200, max_value=600),
    shipped_after=st.sets(st.integers(0, 20)),
    restarts=st.booleans(),
)
def test_a_stream_is_the_runs_log_however_it_is_cut(
    platform: Platform, row: Row, texts: list[str], page: int, shipped_after: set[int], restarts: bool
) -> None:
    executor, kind = FakeExecutor(page), Reader()
    feed = Feed("run", "group", str(clock.monotonic()))
    row = _with(row, feed)
    platform = _with_executor(platform, executor)
    shipper = Shipper(platform)
    for number, text in enumerate(texts):
        executor.write("run", text)
        if number in shipped_after:
            shipper.ship(kind, row)
            shipper = Shipper(platform) if restarts else shipper
    while not shipper.ship(kind, row):
        assert not drained(platform, feed)
    assert drained(platform, feed)
    assert lines(platform, feed) == kind.seen == texts


def test_a_torn_last_line_is_written_anew(platform: Platform, row: Row, executor: FakeExecutor) -> None:
    executor.write("run", "one", "two")
    platform.logs.create("group", "stream")
    platform.logs.append("group", "stream", executor.output["run"][:-3])  # as a power cut leaves it
    kind = Reader()
    assert Shipper(platform).ship(kind, row)
    assert (lines(platform), kind.seen) == (["one", "two"], ["two"])


def test_a_run_that_says_nothing_has_no_stream(platform: Platform, row: Row) -> None:
    assert Shipper(platform).ship(Reader(), row)
    assert not platform.logs.has_group("group")
    assert drained(platform, FEED)


def test_a_run_that_writes_much_is_copied_a_piece_at_a_time(platform: Platform, row: Row) -> None:
    executor = FakeExecutor(page=40)
    executor.write("run", *["a line of some length"] * (PAGES + 2))
    platform = _with_executor(platform, executor)
    shipper = Shipper(platform)
    assert not shipper.ship(Reader(), row)
    assert len(lines(platform)) == PAGES
    assert shipper.ship(Reader(), row)
    assert len(lines(platform)) == PAGES + 2


def test_a_row_tells_its_feeds(row: Row) -> None:
    assert feeds(row) == [FEED]
    assert feeds(_with(row)) == []


def _with(row: Row, *wanted: Feed) -> Row:
    return replace(row, private=feeding(*wanted))


def _with_executor(platform: Platform, executor: FakeExecutor) -> Platform:
    return replace(platform, executor=executor)
