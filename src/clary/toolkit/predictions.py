"""What a model answers: one named column for each field, one row for each row asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Predictions:
    """The answer to a batch.

    ``fields`` maps a field's name to its column: shape (rows,) for a number, (rows, k) for a list of k
    numbers. ``key`` is the member of the JSON answer that holds the rows. ``echoes`` are those of the batch.
    """

    fields: Mapping[str, npt.NDArray[Any]]
    key: str = "predictions"
    echoes: Sequence[bytes] = ()
