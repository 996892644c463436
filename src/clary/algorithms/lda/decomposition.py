"""The orthogonal decomposition of a symmetric tensor, by alternating least squares."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Limits:
    """How often to start anew, how many iterations to take at most, and the relative gain to end below."""

    restarts: int
    iterations: int
    tolerance: float


def decompose(tensor: Doubles, limits: Limits, random: np.random.Generator) -> tuple[Doubles, Doubles]:
    """Return weights, (size,), and orthonormal ``vectors``, (size, size), that make up ``tensor`` best.

    The tensor, (size, size, size), is near the sum of the weights times the third powers of the columns of
    the vectors. In turn two of its three factors are held and the third is solved for by least squares, which
    is a product because the factors are orthonormal; then the nearest orthonormal vectors are all three
    (Chen and Saad, "On the tensor SVD and the optimal low rank orthogonal approximation of tensors", 2009).
    """
    if not tensor.size:
        return np.empty(0), np.empty((0, 0))
    found = [_ascended(tensor, limits, random) for _ in range(limits.restarts)]
    weights, vectors = max(found, key=lambda pair: float(np.square(pair[0]).sum()))
    return np.abs(weights), vectors * np.where(weights < 0, -1.0, 1.0)


def _ascended(tensor: Doubles, limits: Limits, random: np.random.Generator) -> tuple[Doubles, Doubles]:
    """Return weights and vectors from one random start."""
    size = len(tensor)
    vectors, _ = np.linalg.qr(random.normal(size=(size, size)))
    weights, before = np.zeros(size), 0.0
    for _ in range(limits.iterations):
        solved = np.einsum("abr,br->ar", np.tensordot(tensor, vectors, 1), vectors)
        weights = np.sum(solved * vectors, axis=0)
        held = float(np.square(weights).sum())
        if held - before <= limits.tolerance * held:
            break
        before = held
        left, _, right = np.linalg.svd(solved * weights)
        vectors = left @ right
    return weights, vectors
