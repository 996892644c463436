"""A trained model: the vectors of entities, and what makes vectors of addresses."""

import zipfile
from pathlib import Path
from typing import Self

import numpy as np

from clary.algorithms.ip_insights.encoder import Encoder
from clary.algorithms.ip_insights.pair import Pairs
from clary.algorithms.ip_insights.params import IPInsightsParams
from clary.algorithms.ip_insights.prefixes import Prefixes
from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.sparse import Longs

FILE = "model_algo-1"


class Network:
    """Vectors for the hashes of entities that were seen, out of ``size``; those of all others are 0.

    ``seen`` are these hashes, ascending, and ``entities`` their vectors, (seen + 1, vector_dim), the last of
    which is 0.
    """

    def __init__(self, size: int, seen: Longs, entities: Floats, encoder: Encoder) -> None:
        self.size, self.seen, self.entities, self.encoder = size, seen, entities, encoder

    @classmethod
    def fresh(
        cls, seen: Longs, prefixes: Prefixes, params: IPInsightsParams, random: np.random.Generator
    ) -> Self:
        """Return a network that has learnt nothing."""
        encoder = Encoder.fresh(prefixes, params.vector_dim, params.num_ip_encoder_layers, random)
        entities = np.zeros((len(seen) + 1, params.vector_dim), np.float32)
        return cls(params.num_entity_vectors, seen, entities, encoder)

    def numbers(self, pairs: Pairs) -> Longs:
        """Return the numbers of the vectors of the entities of ``pairs``."""
        hashes = hashed(pairs, self.size)
        places = np.searchsorted(self.seen, hashes)
        found = np.append(self.seen, -1)[places] == hashes
        return np.where(found, places, len(self.seen))

    def vectors(self, pairs: Pairs) -> tuple[Floats, Floats]:
        """Return the vectors of entities and of addresses, (pairs, vector_dim) each."""
        return self.entities[self.numbers(pairs)], self.encoder.forward(pairs[:, 1])[0]

    def scores(self, pairs: Pairs) -> Floats:
        """Return the products of the vectors of each pair, (pairs,)."""
        return np.asarray(np.einsum("ij,ij->i", *self.vectors(pairs)), np.float32)

    def is_finite(self) -> bool:
        """Tell whether training has not diverged."""
        parts = (self.entities, self.encoder.table, self.encoder.layers)
        return all(bool(np.isfinite(part).all()) for part in parts)

    def save(self, folder: Path) -> None:
        """Write NumPy arrays."""
        arrays = {
            "num_entity_vectors": np.array(self.size),
            "entities": self.seen,
            "entity_vectors": self.entities,
            "prefixes": self.encoder.prefixes.hashes,
            "prefix_vectors": self.encoder.table,
            "layers": self.encoder.layers,
        }
        with (folder / FILE).open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote; raises ClientError if there is none."""
        try:
            with np.load(folder / FILE, allow_pickle=False) as file:
                arrays = dict(file)
            encoder = Encoder(Prefixes(arrays["prefixes"]), arrays["prefix_vectors"], arrays["layers"])
            size = int(arrays["num_entity_vectors"])
            return cls(size, arrays["entities"], arrays["entity_vectors"], encoder)
        except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
            raise ClientError(
                f"{folder / FILE} is not a model of IP Insights ({error}): the model data must be what its "
                "training job saved."
            ) from error


def hashed(pairs: Pairs, size: int) -> Longs:
    """Return the hashes of the entities of ``pairs``, which are below ``size``."""
    return pairs[:, 0].astype(np.int64) % size
