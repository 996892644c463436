"""Statistics: known numbers, and names that are not."""

import pytest

from clary.core.errors import ClaryError
from clary.services.cloudwatch.statistic import by_period, check_period, named
from clary.store.metrics import Point

POINTS = [Point("x", 0.0, 4.0), Point("x", 1.0, 1.0, count=3.0), Point("x", 2.0, 3.0)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SampleCount", 5.0),
        ("Sum", 10.0),
        ("Average", 2.0),
        ("Minimum", 1.0),
        ("Maximum", 4.0),
        ("p0", 1.0),
        ("p50", 1.0),
        ("p60", 1.0),
        ("p60.1", 3.0),
        ("p99.9", 4.0),
        ("p100", 4.0),
    ],
)
def test_a_statistic(name: str, value: float) -> None:
    assert named(name)(POINTS) == value


def test_percentiles_of_a_statistic_set_are_not_known() -> None:
    points = [*POINTS, Point("x", 3.0, 9.0, count=2.0, of_set=True)]
    assert named("p50")(points) is None
    assert named("Maximum")(points) == 9.0


@pytest.mark.parametrize("name", ["average", "p", "p101", "tm99", "IQM", "p99x"])
def test_another_statistic_is_refused_by_name(name: str) -> None:
    with pytest.raises(ClaryError, match=f"The statistic {name} is not supported"):
        named(name)


def test_points_belong_to_the_period_they_fall_into() -> None:
    points = [Point("x", moment, 1.0) for moment in (59.9, 60.0, 119.0, 180.0)]
    assert by_period(points, 60) == {0: points[:1], 60: points[1:3], 180: points[3:]}


def test_periods_are_of_seconds_that_cloudwatch_has() -> None:
    for period in (1, 5, 10, 20, 30, 60, 300):
        check_period(period)
    for period in (2, 59, 61, 90):
        with pytest.raises(ClaryError):
            check_period(period)
