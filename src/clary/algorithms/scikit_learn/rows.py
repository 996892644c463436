"""All rows of a channel, in the arrays that scikit-learn learns from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.toolkit import extra, sparse
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.sparse import Sparse
from clary.toolkit.stream import Stream

_PAIR = 3  # numbers that a sparse value takes as much memory as: index, value and a share of the rest


@dataclass(frozen=True, slots=True)
class Rows:
    """Features, an array (rows, features) or the same compressed by scipy; labels and weights, (rows,)."""

    features: Any
    labels: npt.NDArray[np.float64]
    weights: Floats | None

    @classmethod
    def of(cls, stream: Stream, channel: Channel, *, dense: bool) -> "Rows":
        """Return this host's rows of ``channel``; raises ClientError for rows without one label each.

        Sparse rows stay so where that takes less memory, unless they must be ``dense``.
        """
        batches = list(stream.batches(channel))
        for batch in batches:
            if batch.labels is None or batch.labels.shape[1] != 1:
                raise ClientError(
                    f"Channel '{channel.name}' must have one label in each row: of CSV the first column."
                )
        labels = np.concatenate([batch.labels[:, 0] for batch in batches if batch.labels is not None])
        return cls(_matrix(batches, dense=dense), labels.astype(np.float64), _weights(batches))


def of_batch(batch: Batch) -> Any:
    """Return the features of a request as ``Rows`` has them."""
    return _matrix([batch], dense=False)


def _matrix(batches: list[Batch], *, dense: bool) -> Any:
    parts = [batch.rows for batch in batches]
    if not any(isinstance(part, Sparse) for part in parts):
        return np.concatenate([batch.features for batch in batches])
    rows = sparse.joined([part if isinstance(part, Sparse) else sparse.compressed(part) for part in parts])
    if dense or len(rows) * rows.width <= _PAIR * len(rows.values):
        return rows.dense()
    scipy = extra.load("scipy.sparse", "sklearn")
    matrix = scipy.csr_matrix((rows.values, rows.indices, rows.starts), shape=rows.shape)
    matrix.sum_duplicates()
    return matrix


def _weights(batches: list[Batch]) -> Floats | None:
    if all(batch.weights is None for batch in batches):
        return None
    ones = (np.ones(len(batch), np.float32) if batch.weights is None else batch.weights for batch in batches)
    return np.concatenate(list(ones))
