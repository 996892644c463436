"""Random projections on fewer dimensions that keep distances and inner products, made again from a seed."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from clary.toolkit.batch import Floats

Project = Callable[[Floats], Floats]
Maker = Callable[[np.random.RandomState, int, int], Project]


class Projection:
    """A projection of rows from ``width`` to ``target`` dimensions by the method ``kind``."""

    def __init__(self, kind: str, seed: int, width: int, target: int) -> None:
        self.kind, self.seed, self.width, self.target = kind, seed, width, target
        # Not default_rng: the numbers of a RandomState are promised to be the same in every version of NumPy.
        self._project = METHODS[kind](np.random.RandomState(seed), width, target)

    def __call__(self, rows: Floats) -> Floats:
        """Return ``rows``, (rows, width), projected, (rows, target)."""
        return self._project(rows)

    def about(self) -> dict[str, Any]:
        """Return what the projection can be made of again."""
        return {"type": self.kind, "seed": self.seed, "target_dim": self.target, "input_dim": self.width}


def _signs(random: np.random.RandomState, *shape: int) -> Floats:
    return (random.randint(0, 2, shape) * 2 - 1).astype(np.float32)


def _sign(random: np.random.RandomState, width: int, target: int) -> Project:
    """Return the product with random signs (Achlioptas, "Database-friendly random projections", 2003)."""
    directions = _signs(random, width, target) / np.float32(np.sqrt(target))
    return lambda rows: rows @ directions


def _fjlt(random: np.random.RandomState, width: int, target: int) -> Project:
    """Return the subsampled Hadamard transform of rows with random signs.

    After Ailon and Chazelle, "The fast Johnson-Lindenstrauss transform and approximate nearest neighbors"
    (2009), and Tropp, "Improved analysis of the subsampled randomized Hadamard transform" (2011).
    """
    places = 1 << (max(width, target) - 1).bit_length()
    signs = _signs(random, width) / np.float32(np.sqrt(target))
    kept = np.sort(random.permutation(places)[:target])

    def project(rows: Floats) -> Floats:
        table = np.zeros((len(rows), places), np.float32)
        table[:, :width] = rows * signs
        half = 1
        while half < places:
            pairs = table.reshape(len(rows), -1, 2, half)
            table = np.stack([pairs[:, :, 0] + pairs[:, :, 1], pairs[:, :, 0] - pairs[:, :, 1]], axis=2)
            half *= 2
        return table.reshape(len(rows), places)[:, kept]

    return project


METHODS: Mapping[str, Maker] = MappingProxyType({"sign": _sign, "fjlt": _fjlt})
"""How projections are made, by ``dimension_reduction_type``."""
