"""A batch of rows as every data format yields it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.toolkit.sparse import Sparse

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows read from a channel or from a request.

    ``rows`` is an array (rows, features), or the same compressed where the data came so. ``labels`` has the
    shape (rows, labels), or is None where there are none. ``echoes`` holds, for RecordIO records that carry a
    uid or metadata, these fields as encoded, which the answer repeats; it is empty for every other format.
    """

    rows: Floats | Sparse
    labels: Floats | None = None
    echoes: Sequence[bytes] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def features(self) -> Floats:
        """The rows as an array, (rows, features), zeros included.

        Raises ClientError for sparse rows of which there are too many for that.
        """
        return self.rows.dense() if isinstance(self.rows, Sparse) else self.rows
