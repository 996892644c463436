"""What the training data are like, on all hosts together, and what is wrong with them."""

from collections.abc import Iterable, Sequence

import numpy as np

from clary.algorithms.deepar.frequency import Frequency
from clary.algorithms.deepar.params import AUTO, IGNORE, DeepARParams
from clary.algorithms.deepar.series import Series
from clary.algorithms.deepar.windows import Shape
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError

_LEAST = 300  # observations, as the guide's page asks for
_MOST = 1_000_000
_RANGES = {"beta": (0.0, 1.0), "negative-binomial": (0.0, np.inf)}


class Examination:
    """Looks at series before anything is learnt from them."""

    def __init__(self, params: DeepARParams, cluster: Cluster) -> None:
        self._params, self._cluster = params, cluster

    def checked(self, series: Sequence[Series]) -> list[Series]:
        """Return the series without what is to be ignored; raises ClientError for what cannot be learnt."""
        kept = [self._plain(each) for each in series]
        observed = [each.target[~np.isnan(each.target)] for each in kept]
        total = self._cluster.total(sum(map(len, observed)))
        if total < _LEAST:
            raise ClientError(
                f"The training data have {total:.0f} observations; DeepAR needs at least {_LEAST}: give more "
                "or longer time series."
            )
        low, high = _RANGES.get(self._params.likelihood, (-np.inf, np.inf))
        if any(len(each) and (each.min() < low or each.max() > high) for each in observed):
            raise ClientError(
                f"Likelihood '{self._params.likelihood}' is for targets from {low:g} to {high:g}, and the "
                "training data have others: choose 'student-T' or 'gaussian'."
            )
        if not kept:
            raise ClientError("This host has no time series: use fewer instances, or FullyReplicated data.")
        for each in kept:
            if each.dynamic is not None and each.dynamic.shape[1] != len(each.target):
                raise ClientError(
                    f"A time series has {len(each.target)} points and a 'dynamic_feat' of "
                    f"{each.dynamic.shape[1]}: in training both must have one length."
                )
        return kept

    def shape(self, series: Sequence[Series]) -> Shape:
        """Return what the network is to see of ``series``; raises ClientError where they do not agree."""
        frequency = Frequency.parse(self._params.time_freq)
        longest = self._cluster.largest(max(len(each.target) for each in series))
        cardinality = self._cardinality(series)
        mean, deviation = self._moments(series)
        context, prediction = self._params.context_length, self._params.prediction_length
        return Shape(frequency, context, prediction, frequency.lags(longest), cardinality, mean, deviation)

    def fitting(self, series: Iterable[Series], shape: Shape) -> list[Series]:
        """Return the series of the test channel; raises ClientError when they lack what training had."""
        kept = [self._plain(each) for each in series]
        for each in kept:
            if len(each.categories) != len(shape.cardinality) or each.features != len(shape.mean):
                raise ClientError(
                    "A time series of channel 'test' has not as many categories or dynamic features as those "
                    "of channel 'train'."
                )
        return kept

    def _plain(self, series: Series) -> Series:
        """Leave out what hyperparameters say is to be ignored."""
        categories = () if self._params.cardinality == IGNORE else series.categories
        dynamic = None if self._params.num_dynamic_feat == IGNORE else series.dynamic
        return Series(series.start, series.target, categories, dynamic)

    def _cardinality(self, series: Sequence[Series]) -> tuple[int, ...]:
        counts = {len(each.categories) for each in series}
        count = self._cluster.largest(max(counts))
        if counts != {count}:
            raise ClientError("Some time series have more categories in 'cat' than others.")
        found = np.array([each.categories for each in series], np.int64).reshape(len(series), count)
        sizes = tuple(self._cluster.largest(int(column.max()) + 1) for column in found.T)
        asked = self._params.cardinality
        if asked == AUTO:
            if max(sizes, default=0) > _MOST:
                raise ClientError(f"'cat' holds the number {max(sizes) - 1}; categories must count from 0.")
            return sizes
        if asked != IGNORE and (len(asked) != count or any(np.greater(sizes, asked))):
            raise ClientError(
                f"Hyperparameter 'cardinality' is {list(asked)}, but 'cat' has categories of "
                f"{list(sizes)} values: correct it or set it to 'auto'."
            )
        return () if asked == IGNORE else tuple(asked)

    def _moments(self, series: Sequence[Series]) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of each dynamic feature."""
        counts = {each.features for each in series}
        count = self._cluster.largest(max(counts))
        asked = self._params.num_dynamic_feat
        if counts != {count} or (isinstance(asked, int) and asked != count):
            wanted = asked if isinstance(asked, int) else count
            raise ClientError(
                f"Some time series do not have {wanted} lists in 'dynamic_feat': give all of them as many."
            )
        sums = np.zeros((3, count))
        for each in series:
            if each.dynamic is not None:
                wide = each.dynamic.astype(np.float64)
                sums += np.stack([np.full(count, wide.shape[1]), wide.sum(axis=1), (wide**2).sum(axis=1)])
        points, total, squares = self._cluster.merge(sums)
        mean = total / np.maximum(points, 1)
        deviation = np.sqrt(np.maximum(squares / np.maximum(points, 1) - mean**2, 0))
        return mean.astype(np.float32), np.where(deviation > 0, deviation, 1).astype(np.float32)
