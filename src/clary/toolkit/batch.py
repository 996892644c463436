"""A batch of rows as every data format yields it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows read from a channel or from a request.

    ``features`` has the shape (rows, features), ``labels`` (rows, labels) or None where there are none.
    ``echoes`` holds, for RecordIO records that carry a uid or metadata, these fields as encoded, which the
    answer repeats; it is empty for every other format.
    """

    features: Floats
    labels: Floats | None = None
    echoes: Sequence[bytes] = ()

    def __len__(self) -> int:
        return len(self.features)
