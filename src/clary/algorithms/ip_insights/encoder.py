"""What makes a vector of an address: the vectors of its prefixes added up, and fully connected layers."""

from dataclasses import dataclass

import numpy as np

from clary.algorithms.ip_insights.prefixes import Addresses, Prefixes
from clary.toolkit.batch import Floats
from clary.toolkit.sparse import Longs, Sparse, Touch

_SPREAD = 0.3  # of the vectors of prefixes at first
_GAIN = 0.1  # of a layer at first


@dataclass(frozen=True, slots=True)
class Tape:
    """What a pass through the layers needs on its way back."""

    rows: Sparse
    inputs: list[Floats]
    outputs: list[Floats]


class Encoder:
    """``table`` has the vectors of prefixes, (prefixes, width); ``layers`` are (layers, width + 1, width).

    A layer adds to its input the part above 0 of the input times its weights and bias, which are its last
    row, so that a deep encoder still learns.
    """

    def __init__(self, prefixes: Prefixes, table: Floats, layers: Floats) -> None:
        self.prefixes, self.table, self.layers = prefixes, table, layers
        self._touch = Touch(len(prefixes))

    @classmethod
    def fresh(cls, prefixes: Prefixes, width: int, layers: int, random: np.random.Generator) -> "Encoder":
        """Return an encoder that has learnt nothing."""
        table = random.standard_normal((len(prefixes), width), np.float32) * np.float32(_SPREAD)
        weights = random.standard_normal((layers, width + 1, width), np.float32)
        weights *= np.float32(_GAIN / np.sqrt(width))
        weights[:, -1] = 0
        return cls(prefixes, table, weights)

    def forward(self, addresses: Addresses) -> tuple[Floats, Tape]:
        """Return the vectors of addresses, (addresses, width)."""
        tape = Tape(self.prefixes.of(addresses), [], [])
        vectors = tape.rows.dot(self.table)
        for layer in self.layers:
            output = np.maximum(vectors @ layer[:-1] + layer[-1], 0)
            tape.inputs.append(vectors)
            tape.outputs.append(output)
            vectors = vectors + output
        return vectors, tape

    def backward(self, tape: Tape, slopes: Floats) -> tuple[tuple[Longs, Floats], Floats]:
        """Return the gradients of the table's rows that were touched, with their numbers, and of the layers.

        ``slopes`` are those of the vectors, (addresses, width).
        """
        layers = np.empty_like(self.layers)
        for number in reversed(range(len(layers))):
            own = slopes * (tape.outputs[number] > 0)
            layers[number, :-1] = tape.inputs[number].T @ own
            layers[number, -1] = own.sum(axis=0)
            slopes = slopes + own @ self.layers[number, :-1].T
        touched, rows = self._touch.of(tape.rows)
        gradient = rows.gradient(slopes, np.empty((len(touched), slopes.shape[1]), np.float32))
        return (touched, gradient), layers
