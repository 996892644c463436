"""A batch of rows as every data format yields it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from clary.toolkit.errors import ClientError
from clary.toolkit.sparse import Longs, Sparse

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows read from a channel or from a request.

    ``rows`` is an array (rows, features), or the same compressed where the data came so. ``labels`` has the
    shape (rows, labels), or is None where there are none. ``echoes`` holds, for RecordIO records that carry a
    uid or metadata, these fields as encoded, which the answer repeats; it is empty for every other format.
    ``weights`` and ``groups``, (rows,), are those of libsvm's rows, None where it gives none. ``open_ended``
    says that rows end at the last feature they name and may have more, all zero, as libsvm's do.
    """

    rows: Floats | Sparse
    labels: Floats | None = None
    echoes: Sequence[bytes] = ()
    weights: Floats | None = None
    groups: Longs | None = None
    open_ended: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, start: int, stop: int) -> "Batch":
        """Return the rows from ``start`` up to ``stop``, or to the end if that comes first."""
        stop = min(stop, len(self))
        rows = self.rows.slice(start, stop) if isinstance(self.rows, Sparse) else self.rows[start:stop]
        labels = None if self.labels is None else self.labels[start:stop]
        return Batch(rows, labels, self.echoes[start:stop])

    @property
    def features(self) -> Floats:
        """The rows as an array, (rows, features), zeros included.

        Raises ClientError for sparse rows of which there are too many for that.
        """
        return self.rows.dense() if isinstance(self.rows, Sparse) else self.rows

    def take(self, order: Longs) -> "Batch":
        """Return the rows with the numbers ``order``, and what belongs to them."""
        return replace(
            self,
            rows=self.rows.take(order) if isinstance(self.rows, Sparse) else self.rows[order],
            labels=None if self.labels is None else self.labels[order],
            echoes=[self.echoes[number] for number in order] if self.echoes else (),
            weights=None if self.weights is None else self.weights[order],
            groups=None if self.groups is None else self.groups[order],
        )

    def fitted(self, width: int) -> "Batch":
        """Return the batch with rows of ``width`` features, which those that end early are taken to have.

        Raises ClientError for rows that have another number of features than the model.
        """
        found = self.rows.shape[1]
        if found == width:
            return self
        if self.open_ended and isinstance(self.rows, Sparse) and found < width:
            return replace(self, rows=replace(self.rows, width=width))
        raise ClientError(f"Each row must have {width} features, as in training; got {found}.")
