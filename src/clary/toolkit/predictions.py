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

    def __len__(self) -> int:
        return len(next(iter(self.fields.values())))

    def part(self, start: int, stop: int) -> "Predictions":
        """Return the rows from ``start`` up to ``stop``."""
        fields = {name: column[start:stop] for name, column in self.fields.items()}
        return Predictions(fields, self.key, self.echoes[start:stop])
