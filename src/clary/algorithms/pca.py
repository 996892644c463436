"""The algorithm ``pca``, as the guide's page "Principal Component Analysis (PCA) Algorithm" describes it.

Regular mode adds up the second moments of all rows and is exact. Randomized mode adds up rows multiplied by
random signs, a few times over: memory for features times components only, and less exact. Both are sums, so
one pass does and several hosts merely add theirs.
"""

import time
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from clary.toolkit import media_type, ndarray
from clary.toolkit.algorithm import RUNNING, ChannelRule, algorithm
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.host import Host
from clary.toolkit.hyperparameters import Hyperparameters, boolean, choice, integer
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report
from clary.toolkit.sparse import Sparse, Touch
from clary.toolkit.stream import Stream
from clary.toolkit.tabular import Tabular

Doubles = npt.NDArray[np.float64]
Rows = Floats | Sparse

FILE = "model_algo-1"
_SEED = 13
_LEAST_EXTRA = 10


class PCAParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them."""

    feature_dim: int = integer(ge=1, about="Number of features.")
    mini_batch_size: int = integer(ge=1, about="Rows that are added up at a time.")
    num_components: int = integer(ge=1, about="Number of principal components.")
    algorithm_mode: str = choice(
        "regular", "randomized", default="regular", about="Exact, or with memory for many features."
    )
    extra_components: int = integer(
        -1, ge=-1, about="Components beyond num_components in randomized mode; -1 is 10, or as many again."
    )
    subtract_mean: bool = boolean(True, about="Whether features are shifted to mean 0.")

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        if self.num_components > self.feature_dim:
            return [f"hyperparameter 'num_components' is above 'feature_dim', {self.feature_dim}: lower it"]
        return []

    @property
    def directions(self) -> int:
        """The number of random directions in randomized mode."""
        extra = self.extra_components
        if extra < 0:
            extra = max(_LEAST_EXTRA, self.num_components)
        return min(self.num_components + extra, self.feature_dim)


@algorithm("pca")
class PCA(Tabular[PCAParams]):
    """Projects rows on the directions in which they vary most, the one of most variance last."""

    Params = PCAParams
    channels = (
        ChannelRule("train", "Training data; of CSV the first column is a label unless label_size=0.", True),
        ChannelRule("test", "What the share of variance that the components hold is measured on."),
    )
    metrics = RUNNING
    distributed = True
    accepts = (media_type.RECORDIO, media_type.CSV)
    requests = (media_type.CSV, media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)
    responses = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO, media_type.CSV)

    def __init__(self) -> None:
        self.mean = np.empty(0, np.float32)
        """What is subtracted from rows, (features,); zero where ``subtract_mean`` is false."""
        self.singular_values = np.empty(0, np.float32)
        """Singular values of the rows, (components,), in ascending order."""
        self.components = np.empty((0, 0), np.float32)
        """Directions of length 1, (features, components), in the order of their singular values."""

    def train(self, params: PCAParams, channels: Mapping[str, Channel], report: Report, host: Host) -> None:
        """Add up all rows once and find the directions."""
        stream = Stream(self.accepts, params.feature_dim, host)
        began = time.monotonic()
        sums = _summed(params, stream.pieces(channels["train"], params.mini_batch_size), report, host)
        report.progress(100)
        report.throughput(sums.rows / max(time.monotonic() - began, 1e-9))
        mean, values, directions = sums.decomposed()
        kept = slice(params.num_components - 1, None, -1)
        self.mean, self.singular_values = mean.astype(np.float32), values[kept].astype(np.float32)
        self.components = np.ascontiguousarray(directions[:, kept], np.float32)
        if "test" in channels:
            pieces = stream.pieces(channels["test"], params.mini_batch_size)
            report.test_score("explained_variance_ratio", self._held(pieces, host.cluster))

    def _held(self, pieces: Iterator[Rows], cluster: Cluster) -> float:
        """Return the share of the rows' variance that their projections hold."""
        squares, own = np.zeros(2), float(np.square(self.mean, dtype=np.float64).sum())
        for rows in pieces:
            squares[0] += np.square(self._projected(rows), dtype=np.float64).sum()
            if isinstance(rows, Sparse):
                cross = float(self.mean[rows.indices] @ rows.values)
                squares[1] += np.square(rows.values, dtype=np.float64).sum() - 2 * cross + len(rows) * own
            else:
                squares[1] += np.square(rows - self.mean, dtype=np.float64).sum()
        held, every = cluster.merge(squares)
        return float(held / every) if every else 1.0

    def save(self, folder: Path) -> None:
        """Write ``model_algo-1``, which MXNet's ``nd.load`` reads as the arrays ``mean``, ``s`` and ``v``."""
        arrays = {"mean": self.mean[None], "s": self.singular_values, "v": self.components}
        ndarray.write(folder / FILE, arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        arrays = ndarray.read(folder / FILE)
        if arrays.keys() != {"mean", "s", "v"}:
            raise ClientError(f"{folder / FILE} does not hold the mean, s and v of a PCA model.")
        loaded = cls()
        loaded.mean, loaded.singular_values, loaded.components = arrays["mean"][0], arrays["s"], arrays["v"]
        return loaded

    def predict(self, batch: Batch) -> Predictions:
        """Answer every row with its projection, a number for each component."""
        rows = batch.fitted(len(self.mean)).features
        return Predictions({"projection": self._projected(rows)}, key="projections", echoes=batch.echoes)

    def _projected(self, rows: Rows) -> Floats:
        if isinstance(rows, Sparse):
            return np.asarray(rows.dot(self.components) - self.mean @ self.components)
        return np.asarray((rows - self.mean) @ self.components)


class _Sums:
    """What is added up of rows, (rows, features), relative to ``origin`` so that single precision will do.

    ``moments`` are the products of all pairs of features in regular mode, (features, features); in randomized
    mode the products of rows with random signs, (directions, features), of which ``signs`` are the sums.
    Sparse rows stay so where ``origin`` is 0.
    """

    def __init__(self, origin: Doubles, params: PCAParams, rank: int) -> None:
        self.origin, self._params = origin, params
        self._shift, self._shifts = origin.astype(np.float32), bool(origin.any())
        self._exact = params.algorithm_mode == "regular"
        self._random = np.random.default_rng((_SEED, rank))
        width = params.feature_dim
        self._room, self._touch = np.empty((0, width), np.float32), Touch(width)
        self.rows, self.total = 0.0, np.zeros(width)
        self.moments = np.zeros((width if self._exact else params.directions, width))
        self.signs = np.zeros(len(self.moments))

    def add(self, rows: Rows) -> None:
        """Add rows."""
        self.rows += len(rows)
        if isinstance(rows, Sparse) and not self._shifts:
            self._add_sparse(rows)
            return
        dense = rows.dense() if isinstance(rows, Sparse) else rows
        if len(dense) > len(self._room):
            self._room = np.empty_like(dense)
        shifted = np.subtract(dense, self._shift, out=self._room[: len(dense)])
        self.total += np.ones(len(shifted), np.float32) @ shifted
        self.moments += shifted.T @ shifted if self._exact else self._drawn(len(shifted)).T @ shifted

    def _add_sparse(self, rows: Sparse) -> None:
        """Add rows by the columns in which they have values."""
        touched, local = self._touch.of(rows)
        ones = np.ones((len(rows), 1), np.float32)
        self.total[touched] += local.gradient(ones, np.empty((len(touched), 1), np.float32))[:, 0]
        if self._exact:
            table = local.dense()
            self.moments[np.ix_(touched, touched)] += table.T @ table
            return
        signs = self._drawn(len(rows))
        self.moments[:, touched] += local.gradient(
            signs, np.empty((len(touched), signs.shape[1]), np.float32)
        ).T

    def _drawn(self, rows: int) -> Floats:
        """Return random signs, (rows, directions), and add them up."""
        signs = self._random.integers(0, 2, (rows, len(self.moments))).astype(np.float32) * 2 - 1
        self.signs += signs.sum(axis=0)
        return signs

    def merge(self, cluster: Cluster) -> None:
        """Add those of all hosts."""
        self.rows = cluster.total(self.rows)
        self.total, self.moments, self.signs = map(cluster.merge, (self.total, self.moments, self.signs))

    def decomposed(self) -> tuple[Doubles, Doubles, Doubles]:
        """Return mean, singular values and directions, (features, all), those of the greatest first."""
        shift = self.total / self.rows if self._params.subtract_mean else -self.origin
        mean = self.origin + shift  # zero where it is not to be subtracted
        if self._exact:
            cross = np.outer(self.total, shift)
            squares, directions = np.linalg.eigh(
                self.moments - cross - cross.T + self.rows * np.outer(shift, shift)
            )
            values, directions = np.sqrt(np.maximum(squares[::-1], 0)), directions[:, ::-1]
        else:
            sketch = (self.moments - np.outer(self.signs, shift)) / np.sqrt(len(self.moments))
            _, values, transposed = np.linalg.svd(sketch, full_matrices=False)
            directions = transposed.T
        largest = np.abs(directions).argmax(axis=0)
        return mean, values, directions * np.sign(directions[largest, np.arange(len(largest))])


def _summed(params: PCAParams, pieces: Iterator[Rows], report: Report, host: Host) -> _Sums:
    """Return the sums over the rows of all hosts; raises StoppedError when the job is asked to stop."""
    cluster = host.cluster
    first = next(pieces, np.empty((0, params.feature_dim), np.float32))
    sparse = isinstance(first, Sparse)
    sums = np.zeros(params.feature_dim) if isinstance(first, Sparse) else first.sum(axis=0, dtype=np.float64)
    *found, rows, any_sparse = cluster.merge(np.append(sums, [float(len(first)), float(sparse)]))
    # Rows of which most values are 0 are left where they are: shifted, they would be sparse no longer.
    summed = _Sums(np.array(found) / rows * (not any_sparse), params, cluster.rank)
    for piece in chain([first], pieces):
        if report.stopping:
            raise StoppedError
        summed.add(piece)
    summed.merge(cluster)
    return summed
