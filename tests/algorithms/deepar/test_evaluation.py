"""Measures are those of their formulas, and leave out what is not known."""

import numpy as np
import pytest

from clary.algorithms.deepar.evaluation import root_mean_squared_error, weighted_quantile_loss
from clary.algorithms.deepar.forecast import Forecast

FORECASTS = [Forecast(np.array([[1, 2], [3, 6]], np.float32)), Forecast(np.array([[4, 4]], np.float32))]
TRUTH = np.array([[2, 7], [np.nan, 1]], np.float32)


def test_root_mean_squared_error() -> None:
    assert root_mean_squared_error(FORECASTS, TRUTH) == pytest.approx(np.sqrt((0 + 9 + 9) / 3))


def test_weighted_quantile_loss() -> None:
    assert weighted_quantile_loss(FORECASTS, TRUTH, 0.5) == pytest.approx((0 + 3 + 3) / 10)
    high = weighted_quantile_loss(FORECASTS, TRUTH, 0.75)
    above, below = 7 - 5, (4 - 1) + (2.5 - 2)
    assert high == pytest.approx(2 * (0.75 * above + 0.25 * below) / 10)


def test_a_truth_of_zeros_is_no_division_by_zero() -> None:
    assert weighted_quantile_loss(FORECASTS[1:], np.zeros((1, 2), np.float32), 0.5) > 0
