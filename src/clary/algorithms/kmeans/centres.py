"""The centres that a stream of rows moves, and what they stand for in the end."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.kmeans.params import KMeansParams
from clary.algorithms.kmeans.seeding import START, drawn_by, squared_distances
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError
from clary.toolkit.nearest import Nearest

Doubles = npt.NDArray[np.float64]

_SEED = 11
_CANDIDATES = 4  # rows of a minibatch that may become centres


@dataclass(frozen=True, slots=True)
class Summary:
    """Points that stand for the data, (points, features), less ``origin``, and the weight of each.

    ``rows``, ``sums`` and ``squares`` are how many rows each point stands for, their sums, and the squares
    of all of them summed: enough to tell the squared distance of the rows to where their point belongs.
    """

    origin: Doubles
    points: Doubles
    weights: Doubles
    rows: Doubles
    sums: Doubles
    squares: float

    def deviation(self, centres: Doubles, nearest: npt.NDArray[np.int32]) -> float:
        """Return the mean squared distance of all rows to the one of ``centres`` nearest to their point."""
        own = centres[nearest]
        cross = np.einsum("ij,ij->", self.sums, own)
        total = self.squares - 2 * cross + self.rows @ np.square(own).sum(axis=1)
        return float(max(total, 0.0) / self.rows.sum())


class Centres:
    """The centres that move as rows pass, and what they have seen since ``forget``.

    Everything is kept relative to ``origin``, the mean of the first rows: single precision is enough then.
    """

    def __init__(self, origin: Doubles, points: Floats, params: KMeansParams) -> None:
        self.origin, self._points = origin, points.astype(np.float64)
        self._weights = np.zeros(len(points))
        self._half_life = params.half_life_time_size
        self._shift = origin.astype(np.float32)
        self._random = np.random.default_rng(_SEED)
        self.forget()

    @classmethod
    def drawn(cls, minibatches: Iterator[Floats], params: KMeansParams, cluster: Cluster) -> "Centres":
        """Choose the first centres among the first rows of all hosts, by ``init_method``, and count these."""
        first: list[Floats] = []
        wanted = -(-max(params.centres, params.mini_batch_size) // cluster.size)
        while sum(map(len, first)) < wanted and (rows := next(minibatches, None)) is not None:
            first.append(rows.copy())
        own = np.concatenate(first) if first else np.empty((0, params.feature_dim), np.float32)
        everywhere = cluster.gather(own)
        if len(everywhere) < params.k:
            raise ClientError(
                f"Channel 'train' has {len(everywhere)} rows, fewer than the {params.k} clusters that "
                "hyperparameter 'k' asks for: lower it or add data."
            )
        origin = everywhere.mean(axis=0, dtype=np.float64)
        points = everywhere - origin
        ones = np.ones(len(points))
        random = np.random.default_rng(_SEED)
        chosen = START[params.init_method](points, ones, min(params.centres, len(points)), random)
        centres = cls(origin, points[chosen].astype(np.float32), params)
        for rows in first:
            centres.update(rows)
        return centres

    def forget(self) -> None:
        """Begin to count anew, with the centres where they are."""
        self.rows, self._sums, self._squares = np.zeros(len(self._points)), np.zeros(self._points.shape), 0.0

    def update(self, rows: Floats) -> None:
        """Move each centre to the mean of its rows so far, those of ``rows`` included."""
        shifted = rows - self._shift
        found = Nearest(self._points.astype(np.float32)).gather(shifted)
        if self._opened(
            shifted.astype(np.float64), found.squares.astype(np.float64), self._weights + found.counts
        ):
            found = Nearest(self._points.astype(np.float32)).gather(shifted)
        if self._half_life:
            self._weights *= 0.5 ** (len(rows) / self._half_life)
        self._weights += found.counts
        step = np.divide(1, self._weights, out=np.zeros(len(self._points)), where=found.counts > 0)
        self._points += (found.sums - found.counts[:, None] * self._points) * step[:, None]
        self.rows += found.counts
        self._sums += found.sums
        self._squares += found.total

    def _opened(self, rows: Doubles, squares: Doubles, claims: Doubles) -> bool:
        """Open centres among ``rows`` that no centre is near to; tells whether there were any.

        Each takes the place of one that is put together with its neighbour, where that costs less than half
        of what the new one gains on these rows alone: rows that come sorted find centres of their own.
        ``claims`` are the weights with these rows.
        """
        opened = False
        for _ in range(len(self._points)):
            drawn = drawn_by(np.cumsum(squares), _CANDIDATES, self._random)
            reach = squared_distances(rows, rows[drawn])
            gains = np.maximum(squares[:, None] - reach, 0).sum(axis=0)
            best = int(gains.argmax())
            if not gains[best] > 2 * claims.mean() * squares.mean():
                return opened
            pair, cost = self._cheapest_pair(claims)
            if not gains[best] > 2 * cost:
                return opened
            self._put_together(*pair)
            self._points[pair[0]] = rows[drawn[best]]
            claims[pair[1]] += claims[pair[0]]
            claims[pair[0]] = np.count_nonzero(reach[:, best] < squares)
            squares = np.minimum(squares, reach[:, best])
            opened = True
        return opened

    def _cheapest_pair(self, weights: Doubles) -> tuple[tuple[int, int], float]:
        """Return the two centres that lose least by becoming one, and how much (Ward, 1963)."""
        shares = weights[:, None] * weights / np.maximum(weights[:, None] + weights, 1)
        losses = shares * squared_distances(self._points, self._points)
        np.fill_diagonal(losses, np.inf)
        one, other = np.unravel_index(losses.argmin(), losses.shape)
        return (int(one), int(other)), float(losses[one, other])

    def _put_together(self, gone: int, kept: int) -> None:
        """Add what the centre ``gone`` stands for to ``kept``."""
        weight = self._weights[gone] + self._weights[kept]
        if weight:
            shares = self._weights[[gone, kept]] / weight
            self._points[kept] = shares @ self._points[[gone, kept]]
        for each in (self._weights, self.rows, self._sums):
            each[kept] += each[gone]
            each[gone] = 0

    def summary(self, cluster: Cluster) -> Summary:
        """Return the centres of all hosts together."""
        arrays = (self._points, self._weights, self.rows, self._sums)
        points, weights, rows, sums = (cluster.gather(array) for array in arrays)
        return Summary(self.origin, points, weights, rows, sums, cluster.total(self._squares))
