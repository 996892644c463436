"""The clock gives aware times and never goes back within a process."""

from datetime import UTC, datetime

from clary.core import clock


def test_a_time_is_told_in_utc() -> None:
    assert clock.utc(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert clock.utc().tzinfo is UTC


def test_now_and_utc_agree() -> None:
    assert abs(clock.utc().timestamp() - clock.now()) < 5


def test_durations_are_never_negative() -> None:
    first = clock.monotonic()
    assert clock.monotonic() >= first
