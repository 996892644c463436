"""Lloyd's algorithm on weighted points: the best k centres of some trials."""

import numpy as np
import numpy.typing as npt

from clary.algorithms.kmeans.centres import Summary
from clary.algorithms.kmeans.params import KMeansParams
from clary.algorithms.kmeans.seeding import START, squared_distances
from clary.toolkit.report import Report

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

_SEED = 12
_TRIALS, _IDLE = 10, 2  # local_lloyd_num_trials=auto: at most so many, until so many have gained nothing


def reduced(summary: Summary, params: KMeansParams, report: Report) -> tuple[Doubles, float]:
    """Return k centres, (k, features), and the mean squared distance to them: the best of some trials."""
    random = np.random.default_rng(_SEED)
    best, least, idle = summary.points[: params.k], np.inf, 0
    for trial in range(params.local_lloyd_num_trials or _TRIALS):
        centres, nearest = _lloyd(summary.points, summary.weights, params, random)
        msd = summary.deviation(centres, nearest)
        report.info(f"local kmeans attempt #{trial}. Current mean square distance {msd:.6f}")
        idle = idle + 1 if msd > (1 - params.local_lloyd_tol) * least else 0
        if msd < least:
            best, least = centres, msd
        if params.local_lloyd_num_trials is None and idle == _IDLE:
            break
    return best, least


def _lloyd(
    points: Doubles, weights: Doubles, params: KMeansParams, random: np.random.Generator
) -> tuple[Doubles, Ints]:
    """Return k centres of weighted ``points``, (k, features), and which is nearest to each point.

    After Lloyd, "Least squares quantization in PCM" (1982); a centre that loses its points goes where
    they are farthest.
    """
    centres = points[START[params.local_lloyd_init_method](points, weights, params.k, random)]
    previous = np.inf
    for _ in range(params.local_lloyd_max_iter):
        squares = squared_distances(points, centres)
        nearest = squares.argmin(axis=1).astype(np.int32)
        least = squares.min(axis=1) * weights
        cost = float(least.sum())
        if previous - cost <= params.local_lloyd_tol * cost:
            break
        previous = cost
        mass = np.bincount(nearest, weights, minlength=params.k)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, weights[:, None] * points)
        empty = np.flatnonzero(mass == 0)
        centres = sums / np.where(mass == 0, 1, mass)[:, None]
        centres[empty] = points[np.argsort(-least, kind="stable")[: len(empty)]]
    return centres, nearest
