"""Windows of time series as arrays: what the network sees at each point and what it is to say there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.deepar.frequency import Frequency
from clary.algorithms.deepar.series import Series
from clary.toolkit.batch import Floats

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a series the network sees, learnt from the training data and kept with the model.

    ``cardinality`` says how many values each category has; ``mean`` and ``deviation`` are those of the
    dynamic features, (features,).
    """

    frequency: Frequency
    context: int
    prediction: int
    lags: tuple[int, ...]
    cardinality: tuple[int, ...]
    mean: Floats
    deviation: Floats

    @property
    def length(self) -> int:
        """The points of a window, those to forecast included."""
        return self.context + self.prediction

    @property
    def history(self) -> int:
        """How many points before a forecast are needed."""
        return self.context + self.lags[-1]

    @property
    def width(self) -> int:
        """The numbers that the network gets at a point, those of categories aside."""
        return len(self.lags) + self.frequency.width + len(self.mean) + 3  # age, what is missing, scale


@dataclass(frozen=True, slots=True)
class Window:
    """Windows side by side: ``inputs`` (windows, points, width), ``categories`` (windows, categories).

    ``target`` and ``observed`` are (windows, points), the latter 1 where there is a value; ``scale`` is
    (windows, 1), the mean size of the values before the forecast, by which the lagged ones are divided.
    """

    inputs: Floats
    categories: Longs
    target: Floats
    observed: Floats
    scale: Floats


class Windows:
    """The series of a job or of a request, laid end to end with room for what is before and after each."""

    def __init__(self, series: Sequence[Series], shape: Shape) -> None:
        self._shape = shape
        self.lengths = np.array([len(each.target) for each in series], np.int64)
        room = shape.history + self.lengths + shape.prediction
        self._firsts = np.cumsum(room) - room + shape.history
        self._categories = np.array([each.categories for each in series], np.int64).reshape(len(series), -1)
        self._values = np.zeros(int(room.sum()), np.float32)
        self._observed = np.zeros_like(self._values)
        self._usual = np.ones(len(series), np.float32)
        self._dynamic = np.zeros((len(self._values), len(shape.mean)), np.float32)
        for number, each in enumerate(series):
            self._lay(number, each)
        self._starts = np.array([each.start for each in series], np.int64)
        self._earliest = int(self._starts.min()) - shape.history * shape.frequency.step
        latest = int((self._starts + room * shape.frequency.step).max())
        self._calendar = shape.frequency.features(np.arange(self._earliest, latest, dtype=np.int64))
        self._choices = np.maximum(self.lengths - shape.prediction, 1)
        self._ends = np.cumsum(self._choices)

    def _lay(self, number: int, series: Series) -> None:
        first, length = int(self._firsts[number]), len(series.target)
        seen = ~np.isnan(series.target)
        self._values[first : first + length] = filled(series.target)
        self._observed[first : first + length] = seen
        if seen.any():
            self._usual[number] = float(np.abs(series.target[seen]).mean()) or 1.0
        if series.dynamic is not None and len(self._shape.mean):
            scaled = (series.dynamic - self._shape.mean[:, None]) / self._shape.deviation[:, None]
            self._dynamic[first : first + scaled.shape[1]] = scaled.T

    def draw(self, count: int, random: np.random.Generator) -> Window:
        """Return windows from anywhere; every point of every series is as likely to be forecast first."""
        chosen = random.integers(0, self._ends[-1], count)
        series = np.searchsorted(self._ends, chosen, side="right")
        return self.at(series, chosen - self._ends[series] + self._choices[series] + 1)

    def at(self, series: Longs, starts: Longs) -> Window:
        """Return the windows of ``series`` whose forecasts begin at ``starts``, counted from 0 in each."""
        shape = self._shape
        points = starts[:, None] + np.arange(-shape.context, shape.prediction)
        places = self._firsts[series][:, None] + points
        target, observed = self._values[places], self._observed[places]
        scale = self._scale(series, target[:, : shape.context], observed[:, : shape.context])
        times = self._starts[series][:, None] + points * shape.frequency.step - self._earliest
        inputs = np.concatenate(
            [
                self._values[places[:, :, None] - np.array(shape.lags)] / scale[:, :, None],
                self._calendar[times],
                self._dynamic[places],
                np.log10(np.maximum(points, 0) + 2.0)[:, :, None],
                self._observed[places - 1][:, :, None],
                np.broadcast_to(np.log(scale)[:, :, None], (*places.shape, 1)),
            ],
            axis=2,
            dtype=np.float32,
        )
        return Window(inputs, self._categories[series], target, observed, scale)

    def recent(self, series: Longs) -> Floats:
        """Return the last values of ``series``, (series, as many as the longest lag)."""
        ends = self._firsts[series] + self.lengths[series]
        recent: Floats = self._values[ends[:, None] + np.arange(-self._shape.lags[-1], 0)]
        return recent

    def _scale(self, series: Longs, target: Floats, observed: Floats) -> Floats:
        count = observed.sum(axis=1)
        mean = (np.abs(target) * observed).sum(axis=1) / np.maximum(count, 1)
        return np.where(mean > 0, mean, self._usual[series]).astype(np.float32)[:, None]


def filled(target: Floats) -> Floats:
    """Return ``target`` with each missing value as the one before it, and before the first as the first.

    The network sees these in place of what is missing, and that it is; nobody learns to forecast them.
    """
    seen = ~np.isnan(target)
    if not seen.any():
        return np.zeros_like(target)
    last = np.maximum.accumulate(np.where(seen, np.arange(len(target)), 0))
    last[: int(seen.argmax())] = seen.argmax()
    return target[last]
