"""Moments in their three spellings."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.wire import timestamp

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        MOMENT.timestamp(),
        str(MOMENT.timestamp()),
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05",
        "2026-01-02T05:04:05.000+02:00",
        "Fri, 02 Jan 2026 03:04:05 GMT",
    ],
)
def test_every_spelling_is_read(value: Any) -> None:
    assert timestamp.parse(value) == MOMENT


@pytest.mark.parametrize("value", ["", "soon", "1e400", 1e300, None, [], float("nan"), "2026-13-01"])
def test_what_is_no_moment(value: Any) -> None:
    with pytest.raises(ValueError):
        timestamp.parse(value)


def test_every_spelling_is_written() -> None:
    assert timestamp.render(MOMENT, "iso8601") == "2026-01-02T03:04:05.000Z"
    assert timestamp.render(MOMENT, "rfc822") == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert timestamp.render(MOMENT, "unixTimestamp") == 1767323045
    assert timestamp.render(1767323045.1239, "unixTimestamp") == 1767323045.124
    assert (
        timestamp.render(MOMENT.astimezone(timezone(timedelta(hours=2))), "iso8601")
        == "2026-01-02T03:04:05.000Z"
    )
    assert timestamp.render("as it is", "rfc822") == "as it is"


@given(st.integers(0, 2**33), st.sampled_from(["iso8601", "rfc822", "unixTimestamp"]))
def test_moments_come_back(seconds: int, spelling: str) -> None:
    assert timestamp.parse(timestamp.render(seconds, spelling)).timestamp() == seconds
