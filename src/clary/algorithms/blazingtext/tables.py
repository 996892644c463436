"""The two tables that learning moves: one row for each word or part of one, one for each thing to be told."""

import numpy as np

from clary.algorithms.blazingtext import steps
from clary.algorithms.blazingtext.corpus import Ints, Longs
from clary.algorithms.blazingtext.steps import Paths, Sampling
from clary.toolkit.batch import Floats
from clary.toolkit.native import kernels

_LANES = 16  # floats that the kernels take at a time
_ALIGNED = 64  # bytes
_STEPS, _FAR = 1024, 8.0
_CURVE = (1 / (1 + np.exp(-np.linspace(-_FAR, _FAR, _STEPS + 1)))).astype(np.float32)


class Tables:
    """Two tables of float32 whose rows are filled up with zeros to a multiple of 16."""

    def __init__(self, inputs: int, outputs: int, width: int) -> None:
        self.width = width
        padded = -(-width // _LANES) * _LANES
        self.inputs, self.outputs = _zeros(inputs, padded), _zeros(outputs, padded)
        self._state = np.zeros(1, np.uint64)

    @property
    def vectors(self) -> Floats:
        """The first table without its filling, (inputs, width)."""
        return self.inputs[:, : self.width]

    @property
    def targets(self) -> Floats:
        """The second table without its filling, (outputs, width)."""
        return self.outputs[:, : self.width]

    def learn_words(self, tokens: Ints, reach: Ints, sampling: Sampling, rate: float) -> None:
        """Go through sentences, parted by negative numbers, whose windows reach as far as ``reach`` says."""
        if not kernels:
            steps.through_words((self.inputs, self.outputs), (tokens, reach), sampling, rate, self._state)
            return
        form = [sampling.mode, self.inputs.shape[1], sampling.negatives, len(sampling.noise) - 1]
        form.append(sampling.batch)
        arrays = (np.array(form, np.int64), self.inputs, self.outputs, np.array([rate], np.float32))
        subwords = sampling.subwords or ()
        _check(
            kernels.words(
                tokens.ctypes.data,
                reach.ctypes.data,
                len(tokens),
                *([each.ctypes.data for each in subwords] or (0, 0)),
                sampling.noise.ctypes.data,
                *(array.ctypes.data for array in (*arrays, self._state, _CURVE)),
            )
        )

    def learn_texts(self, texts: tuple[Longs, Ints], labels: Ints, paths: Paths | None, rate: float) -> None:
        """Go through texts, each the mean of some rows, whose labels are to be told."""
        if not kernels:
            steps.through_texts((self.inputs, self.outputs), texts, labels, paths, rate)
            return
        form = np.array([self.inputs.shape[1], len(self.outputs)], np.int64)
        rates = np.array([rate], np.float32)
        tree = () if paths is None else (paths.starts, paths.nodes, paths.sides)
        _check(
            kernels.texts(
                *(each.ctypes.data for each in (*texts, labels)),
                len(labels),
                *([each.ctypes.data for each in tree] or (0, 0, 0)),
                *(array.ctypes.data for array in (form, self.inputs, self.outputs, rates, _CURVE)),
            )
        )


def _check(code: int) -> None:
    if code:
        raise MemoryError("no memory for a window of words")


def _zeros(rows: int, width: int) -> Floats:
    """Return a table that begins where a line of the cache does; memory is taken when rows are written."""
    spare = _ALIGNED // 4
    room = np.zeros(rows * width + spare, np.float32)
    first = -room.ctypes.data % _ALIGNED // 4
    return room[first : first + rows * width].reshape(rows, width)
