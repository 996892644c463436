"""Windows hold what was before, scaled, and what is missing does not count."""

import numpy as np
import pytest

from clary.algorithms.deepar.frequency import Frequency
from clary.algorithms.deepar.series import Series
from clary.algorithms.deepar.windows import Shape, Windows, filled
from clary.toolkit.batch import Floats

NONE = np.empty(0, np.float32)


def shape(mean: Floats = NONE, cardinality: tuple[int, ...] = ()) -> Shape:
    return Shape(Frequency.parse("D"), 3, 2, (1, 4), cardinality, mean, np.full(len(mean), 2, np.float32))


def series(*values: float, first: int = 100, **besides: object) -> Series:
    return Series(first, np.array(values, np.float32), **besides)  # type: ignore[arg-type]


def at(windows: Windows, number: int, start: int) -> tuple[Floats, Floats, Floats, float]:
    window = windows.at(np.array([number]), np.array([start]))
    return window.inputs[0], window.target[0], window.observed[0], float(window.scale[0, 0])


def test_lags_are_the_values_before_each_point_by_their_mean() -> None:
    windows = Windows([series(9, 9), series(1, 2, 3, 4, 5, 6, 7, 8)], shape())
    inputs, target, observed, scale = at(windows, 1, 6)
    assert target.tolist() == [4, 5, 6, 7, 8]
    assert observed.tolist() == [1] * 5
    assert scale == 5
    np.testing.assert_allclose(inputs[:, 0] * scale, [3, 4, 5, 6, 7], rtol=1e-6)
    np.testing.assert_allclose(inputs[:, 1] * scale, [0, 1, 2, 3, 4], rtol=1e-6)
    np.testing.assert_allclose(inputs[:, -3], np.log10([5, 6, 7, 8, 9]), rtol=1e-6)
    np.testing.assert_allclose(inputs[:, -1], np.log(5), rtol=1e-6)
    assert inputs.shape == (5, shape().width)


def test_the_calendar_goes_by_each_series_start() -> None:
    windows = Windows([series(1, 2, 3, first=500), series(1, 2, 3, first=7)], shape())
    inputs = at(windows, 1, 3)[0]
    np.testing.assert_array_equal(inputs[:, 2:8], shape().frequency.features(np.arange(7, 12)))


def test_before_a_series_and_where_it_misses_nothing_is_observed() -> None:
    windows = Windows([series(5, np.nan, 7)], shape())
    inputs, target, observed, scale = at(windows, 0, 2)
    assert observed.tolist() == [0, 1, 0, 1, 0]
    assert scale == 5
    assert target[1] == 5
    assert inputs[:, -2].tolist() == [0, 0, 1, 0, 1]
    np.testing.assert_allclose(inputs[:, 0] * scale, [0, 0, 5, 5, 7])


def test_a_context_without_values_is_scaled_as_the_series_is() -> None:
    windows = Windows([series(0, 0, 0, 0, 8), series(np.nan), series()], shape())
    assert at(windows, 0, 3)[3] == pytest.approx(8 / 5)
    assert at(windows, 1, 1)[3] == 1
    assert at(windows, 2, 0)[3] == 1


def test_features_are_standardised_as_far_as_the_forecast() -> None:
    dynamic = np.array([[1, 3, 5, 7, 9]], np.float32)
    windows = Windows([series(1, 1, 1, dynamic=dynamic)], shape(np.array([3], np.float32)))
    inputs = at(windows, 0, 3)[0]
    np.testing.assert_allclose(inputs[:, 8], [-1, 0, 1, 2, 3])


def test_categories_come_with_the_windows() -> None:
    both = [series(1, 2, 3, categories=(1, 4)), series(1, 2, 3, categories=(0, 2))]
    window = Windows(both, shape(cardinality=(2, 5))).at(np.array([1, 0]), np.array([2, 2]))
    assert window.categories.tolist() == [[0, 2], [1, 4]]


def test_windows_are_drawn_from_everywhere_but_beyond_the_end() -> None:
    windows = Windows([series(*range(1, 8)), series(1)], shape())
    window = windows.draw(2000, np.random.default_rng(0))
    first = window.target[:, 3]
    assert set(first[window.observed[:, 3] == 1].tolist()) == {2, 3, 4, 5, 6}
    assert 0.1 < 1 - window.observed[:, 3].mean() < 0.25, "the series that is too short is one of six"


def test_the_last_values_are_told() -> None:
    windows = Windows([series(1, 2, 3, 4, 5), series(6)], shape())
    assert windows.recent(np.array([0, 1])).tolist() == [[2, 3, 4, 5], [0, 0, 0, 6]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([np.nan, 1, np.nan, 2], [1, 1, 1, 2]), ([np.nan, np.nan], [0, 0]), ([], []), ([3], [3])],
)
def test_gaps_are_filled_by_what_is_next_to_them(values: list[float], expected: list[float]) -> None:
    assert filled(np.array(values, np.float32)).tolist() == expected
