"""Shifts and scales of features and label, so that one learning rate suits all of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.params import REGRESSOR, LinearLearnerParams
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError
from clary.toolkit.examples import DenseExamples, Examples, SparseExamples
from clary.toolkit.sparse import Longs

Doubles = npt.NDArray[np.float64]

_SEED = 5


@dataclass(frozen=True, slots=True)
class Scaler:
    """``normalised = (raw - shift) / scale``, for each feature and for the label."""

    shift: Doubles
    scale: Doubles
    label_shift: float = 0.0
    label_scale: float = 1.0

    @classmethod
    def fit(cls, examples: Examples, params: LinearLearnerParams, cluster: Cluster) -> "Scaler":
        """Learn from ``num_point_for_scaler`` rows drawn from the first that all hosts together have read.

        Raises ClientError for ``unbias_data`` on sparse rows: zeros that are shifted are no longer zeros.
        """
        sparse = isinstance(examples, SparseExamples)
        if sparse and params.unbias_data:
            raise ClientError(
                "Hyperparameter 'unbias_data' is true but the data are sparse, which a shift would end: "
                "set it to auto or false."
            )
        widths = np.unique(cluster.gather(np.array([examples.width - 1])))
        if len(widths) > 1:
            raise ClientError(
                f"The hosts' parts of channel 'train' have {widths} features: all must have as many."
            )
        moments = _Moments.of(_sample(examples, params, cluster), cluster)
        width = examples.width - 1
        regressor = params.predictor_type == REGRESSOR
        unbias = not sparse and _resolved(params.unbias_data, params.use_bias)
        shift = moments.mean[1:] if unbias else np.zeros(width)
        scale = moments.deviation[1:] if _resolved(params.normalize_data, True) else np.ones(width)
        unbias_label = regressor and _resolved(params.unbias_label, params.use_bias)
        scale_label = regressor and _resolved(params.normalize_label, True)
        return cls(
            shift,
            scale,
            float(moments.mean[0]) if unbias_label else 0.0,
            float(moments.deviation[0]) if scale_label else 1.0,
        )

    def take(self, examples: Examples, order: Longs) -> Examples:
        """Return normalised copies of the rows with the numbers ``order``."""
        shift = np.concatenate(([self.label_shift], self.shift, [0])).astype(np.float32)
        factor = np.concatenate(([1 / self.label_scale], 1 / self.scale, [1])).astype(np.float32)
        if isinstance(examples, DenseExamples):
            return examples.normalised(order, shift, factor)
        if not isinstance(examples, SparseExamples):
            raise TypeError(type(examples))
        taken = examples.take(order)
        values, labels = taken.rows.values, taken.labels
        values *= factor[1:][taken.rows.indices]
        labels -= shift[0]
        labels *= factor[0]
        return taken

    def unfold(self, weights: Floats) -> tuple[Doubles, Doubles]:
        """Return weights (features, outputs) and biases (outputs,) that apply to raw rows.

        ``weights`` has the shape (features + 1, outputs) and applies to normalised rows.
        """
        raw = weights[:-1].astype(np.float64) / self.scale[:, None]
        bias = weights[-1].astype(np.float64) - self.shift @ raw
        return raw * self.label_scale, bias * self.label_scale + self.label_shift


class Normaliser:
    """Normalises segments of rows by a scaler learnt from the first of them."""

    def __init__(self, params: LinearLearnerParams, cluster: Cluster) -> None:
        self._params, self._cluster = params, cluster
        self._scaler: Scaler | None = None

    @property
    def scaler(self) -> Scaler:
        """The scaler; there is one once rows have been seen."""
        if self._scaler is None:
            raise ClientError("Channel 'train' holds no rows.")
        return self._scaler

    def __call__(self, examples: Examples, order: Longs) -> Examples:
        """Return normalised copies of the rows with the numbers ``order``."""
        if self._scaler is None:
            self._scaler = Scaler.fit(examples, self._params, self._cluster)
        return self._scaler.take(examples, order)


@dataclass(frozen=True, slots=True)
class _Moments:
    """Mean and deviation of the label, first, and of each feature."""

    mean: Doubles
    deviation: Doubles

    @classmethod
    def of(cls, examples: Examples, cluster: Cluster) -> "_Moments":
        """Return the moments over the rows of all hosts."""
        count = cluster.total(len(examples))
        mean = cluster.merge(_sums(examples, np.zeros(examples.width), 1)) / count
        variance = cluster.merge(_sums(examples, mean, 2)) / count
        largest = cluster.gather(_largest(examples)[None]).max(axis=0)
        deviation = np.sqrt(variance)
        # What rounding leaves of a constant is not a scale.
        return cls(mean, np.where(deviation <= 1e-7 * largest, 1.0, deviation))


def _sums(examples: Examples, mean: Doubles, power: int) -> Doubles:
    """Return the sums of ``(value - mean) ** power`` of the label and of each feature."""
    label = ((examples.labels.astype(np.float64) - mean[0]) ** power).sum()
    if isinstance(examples, DenseExamples):
        features = ((examples.features.astype(np.float64) - mean[1:]) ** power).sum(axis=0)
        return np.concatenate(([label], features))
    if not isinstance(examples, SparseExamples):
        raise TypeError(type(examples))
    rows = examples.rows
    kept = (rows.values.astype(np.float64) - mean[1:][np.minimum(rows.indices, len(mean) - 2)]) ** power
    sums = np.bincount(rows.indices, kept, minlength=rows.width)[:-1]
    zeros = len(rows) - np.bincount(rows.indices, minlength=rows.width)[:-1]
    return np.concatenate(([label], sums + zeros * (-mean[1:]) ** power))


def _largest(examples: Examples) -> Doubles:
    label = np.abs(examples.labels).max(initial=0)
    if isinstance(examples, DenseExamples):
        features = np.abs(examples.features).max(axis=0, initial=0)
    elif isinstance(examples, SparseExamples):
        features = np.zeros(examples.width, np.float32)
        np.maximum.at(features, examples.rows.indices, np.abs(examples.rows.values))
        features = features[:-1]
    else:
        raise TypeError(type(examples))
    return np.concatenate(([label], features)).astype(np.float64)


def _sample(examples: Examples, params: LinearLearnerParams, cluster: Cluster) -> Examples:
    """Return this host's part of the rows that the scaler is learnt from."""
    rows = -(-params.num_point_for_scaler // cluster.size)
    if rows >= len(examples):
        return examples
    return examples.take(np.sort(np.random.default_rng(_SEED).permutation(len(examples))[:rows]))


def _resolved(choice: bool | None, auto: bool) -> bool:
    return auto if choice is None else choice
