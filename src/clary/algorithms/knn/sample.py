"""The sample of the rows that a stream of them leaves."""

from collections.abc import Callable

import numpy as np

from clary.algorithms.knn.params import KNNParams
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError
from clary.toolkit.reservoir import Reservoir

_SEED = 18


class Sample:
    """The rows of this host that are in the sample so far, as they lie in the index, and their labels."""

    def __init__(self, params: KNNParams, rank: int) -> None:
        self._reservoir = Reservoir(params.sample_size, np.random.default_rng((_SEED, rank)))
        try:
            self._rows = np.zeros((params.sample_size, params.width), np.float32)
        except (MemoryError, ValueError) as error:
            raise ClientError(
                f"A sample of {params.sample_size} rows of {params.width} features has no room in memory: "
                "lower 'sample_size', or reduce dimensions."
            ) from error
        self._labels = np.empty(params.sample_size, np.float32)

    @property
    def seen(self) -> int:
        """Rows that have passed."""
        return self._reservoir.seen

    def add(self, rows: Floats, labels: Floats, prepared: Callable[[Floats], Floats]) -> None:
        """Keep those of ``rows`` that the sample needs, as the function ``prepared`` returns them."""
        kept, places = self._reservoir.choose(len(rows))
        if len(kept):
            ready = prepared(rows[kept])
            self._rows[places, : ready.shape[1]] = ready
            self._labels[places] = labels[kept]

    def merged(self, cluster: Cluster) -> tuple[Floats, Floats]:
        """Return the sample of the rows of all hosts, and their labels."""
        if cluster.size == 1:
            count = len(self._reservoir)
            return self._rows[:count], self._labels[:count]
        places = self._reservoir.merged(cluster)
        return cluster.gather(self._rows[places]), cluster.gather(self._labels[places])
