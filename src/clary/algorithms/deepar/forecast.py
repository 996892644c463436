"""Forecasts: paths that the network draws point by point, each point from those before it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from clary.algorithms.deepar.network import Network
from clary.algorithms.deepar.windows import Longs, Shape, Windows
from clary.toolkit.batch import Floats
from clary.toolkit.neural import seeding

_SEED = 31
_ROWS = 4096
"""Paths that are drawn at once."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What may come of one series: ``samples``, (paths, points)."""

    samples: Floats

    @property
    def mean(self) -> Floats:
        """The mean of all paths at each point."""
        return np.asarray(self.samples.mean(axis=0), np.float32)

    def quantile(self, level: float) -> Floats:
        """Return what a share ``level`` of the paths stays below at each point."""
        return np.asarray(np.quantile(self.samples, level, axis=0), np.float32)


def forecasts(network: Network, windows: Windows, shape: Shape, count: int) -> list[Forecast]:
    """Return ``count`` paths for each of the series, from the end of each; the same every time."""
    network.eval()
    at_once = max(1, _ROWS // count)
    series = np.arange(len(windows.lengths))
    with torch.no_grad():
        parts = [
            seeding.built(lambda part=part: _drawn(network, windows, shape, part, count), _SEED)  # type: ignore[misc]
            for part in np.split(series, range(at_once, len(series), at_once))
        ]
    return [Forecast(samples) for part in parts for samples in part]


def _drawn(network: Network, windows: Windows, shape: Shape, series: Longs, count: int) -> Floats:
    """Return (series, count, points)."""
    device = next(network.parameters()).device
    window = windows.at(series, windows.lengths[series])

    def each(values: Any) -> Any:
        return torch.from_numpy(values).to(device).repeat_interleave(count, 0)

    inputs, seen = each(window.inputs[:, shape.context :]), torch.from_numpy(window.inputs).to(device)
    categories, scale = each(window.categories), each(window.scale)
    known = torch.from_numpy(window.categories).to(device)
    state = [
        (hidden.repeat_interleave(count, 1), cell.repeat_interleave(count, 1))
        for hidden, cell in network(seen[:, : shape.context], known)[1]
    ]
    far = shape.lags[-1]
    path = torch.cat([each(windows.recent(series)) / scale, scale.new_zeros(len(scale), shape.prediction)], 1)
    lags = torch.tensor(shape.lags, device=device)
    inputs[:, 1:, -2] = 1  # a point drawn counts as observed
    for point in range(shape.prediction):
        inputs[:, point, : len(lags)] = path[:, far + point - lags]
        said, state = network(inputs[:, point : point + 1], categories, state)
        path[:, far + point] = (network.likelihood.sample(said, scale) / scale)[:, 0]
    drawn: Floats = (path[:, far:] * scale).cpu().numpy()
    return drawn.reshape(len(series), count, shape.prediction)
