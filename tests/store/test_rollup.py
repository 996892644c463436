"""Points rolled up are fewer, of the same number, sum and ends, and of nearly the same percentiles."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.store.metrics import Point
from clary.store.rollup import rolled_up

values = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6)
points = st.builds(Point, st.just("m"), st.floats(600, 899), values, count=st.integers(1, 9).map(float))


@given(st.lists(points, min_size=1, max_size=50))
def test_number_sum_and_ends_are_kept(given: list[Point]) -> None:
    made = rolled_up(given, 300)
    assert len(made) <= len(given)
    assert {point.at for point in made} == {600.0}
    assert math.fsum(point.count for point in made) == math.fsum(point.count for point in given)
    total = math.fsum(point.value * point.count for point in given)
    scale = max(1.0, math.fsum(abs(point.value) * point.count for point in given))
    assert math.fsum(point.value * point.count for point in made) == pytest.approx(total, abs=1e-9 * scale)
    for end in (min, max):
        assert end(point.value for point in made) == end(point.value for point in given)


def test_an_hour_of_latencies_is_a_few_points_that_still_tell_percentiles() -> None:
    latencies = [
        Point("m", 600.0 + index / 10, 1000.0 * 1.001**index, "Microseconds") for index in range(2990)
    ]
    made = rolled_up(latencies, 3600)
    assert len(made) < 35
    assert {point.unit for point in made} == {"Microseconds"}
    for share in (0.5, 0.9, 0.99):
        exact = latencies[int(share * len(latencies))].value
        passed, wanted = 0.0, share * len(latencies)
        for point in made:
            passed += point.count
            if passed >= wanted:
                assert point.value == pytest.approx(exact, rel=0.1)
                break


def test_what_is_of_a_set_stays_so() -> None:
    ends = [Point("m", 1.0, 1.0, count=3.0, of_set=True), Point("m", 2.0, 1.0, count=2.0, of_set=True)]
    assert rolled_up(ends, 60) == [Point("m", 0.0, 1.0, count=5.0, of_set=True)]
