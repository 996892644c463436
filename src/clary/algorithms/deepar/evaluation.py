"""How good forecasts are: the measures of the guide's page "Tune a DeepAR Model"."""

from collections.abc import Sequence

import numpy as np

from clary.algorithms.deepar.forecast import Forecast
from clary.toolkit.batch import Floats


def root_mean_squared_error(forecasts: Sequence[Forecast], truth: Floats) -> float:
    """Return the error of the means; ``truth`` is (series, points) with NaN where nothing is known."""
    means = np.stack([forecast.mean for forecast in forecasts])
    return float(np.sqrt(np.nanmean(np.square(means - truth, dtype=np.float64))))


def weighted_quantile_loss(forecasts: Sequence[Forecast], truth: Floats, level: float) -> float:
    """Return twice the quantile loss over all points, divided by the sum of their sizes."""
    errors = truth.astype(np.float64) - np.stack([forecast.quantile(level) for forecast in forecasts])
    losses = np.maximum(level * errors, (level - 1) * errors)
    return float(2 * np.nansum(losses) / max(float(np.nansum(np.abs(truth))), 1e-12))
