"""IP Insights keeps the algorithm contract; a factorized matrix of users and networks is the reference."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from clary.algorithms.ip_insights import IPInsights
from clary.testing.algorithm_contract import AlgorithmContract
from clary.toolkit.algorithm import Algorithm
from clary.toolkit.channel import Channel
from clary.toolkit.request import Request
from tests.algorithms.ip_insights.conftest import USERS, log_ins, written

pytestmark = pytest.mark.contract

ROWS = (("user_1", "60.1.2.3"), ("user_2", "200.7.8.9"), ("stranger", "60.1.2.3"))


def fresh() -> tuple[np.ndarray, np.ndarray]:
    """Return pairs that are not among those learnt from, half of them with addresses of others, and which."""
    pairs = log_ins(4000, 1)
    pairs[2000:, 1] = np.random.default_rng(0).permutation(pairs[2000:, 1])
    return pairs, np.arange(len(pairs)) < 2000


class TestIPInsights(AlgorithmContract):
    """Log-ins of 300 users from 60 networks."""

    algorithm = IPInsights
    hyperparameters = MappingProxyType(
        {
            "num_entity_vectors": "1000",
            "vector_dim": "32",
            "learning_rate": "0.01",
            "mini_batch_size": "500",
            "shuffled_negative_sampling_rate": "3",
        }
    )
    illegal = ("vector_dim", "3")

    def channels(self, folder: Path) -> dict[str, Channel]:
        return {"train": written(folder / "train", log_ins())}

    def requests(self) -> Sequence[Request]:
        instances = [{"features": list(row)} for row in ROWS]
        bodies = {
            "text/csv": "\n".join(map(",".join, ROWS)),
            "application/json": json.dumps({"instances": instances}),
            "application/jsonlines": "\n".join(map(json.dumps, instances)),
        }
        return [
            Request("POST", "/invocations", given, wanted + verbose, bodies[given].encode())
            for given in self.algorithm.requests
            for wanted in self.algorithm.responses
            for verbose in ("", "; verbose=True")
        ]

    def quality(self, model: Algorithm[Any]) -> float:
        pairs, genuine = fresh()
        lines = (
            f"user_{user},{'.'.join(map(str, int(address).to_bytes(4)))}" for user, address in pairs.tolist()
        )
        request = Request("POST", "/invocations", "text/csv", "application/json", "\n".join(lines).encode())
        body = model.answer(request).body
        assert isinstance(body, bytes)
        scores = [each["dot_product"] for each in json.loads(body)["predictions"]]
        return float(roc_auc_score(genuine, scores))

    def reference_quality(self) -> float:
        """Return the best area of a factorized matrix, less what 4,000 pairs cannot tell.

        The networks are those of 12, 16 or 20 bits, whatever serves it best.
        """
        return max(_factorized(bits) for bits in (12, 16, 20)) - 0.003


def _factorized(bits: int) -> float:
    train, (pairs, genuine) = log_ins(), fresh()
    known = np.unique(train[:, 1] >> (32 - bits))
    counts = np.zeros((USERS, len(known)), np.float32)
    np.add.at(counts, (train[:, 0], np.searchsorted(known, train[:, 1] >> (32 - bits))), 1)
    users, values, networks = np.linalg.svd(np.log1p(counts), full_matrices=False)
    networks_of = pairs[:, 1] >> (32 - bits)
    places = np.minimum(np.searchsorted(known, networks_of), len(known) - 1)
    products = np.einsum("ij,ij->i", users[pairs[:, 0], :32] * values[:32], networks[:32, places].T)
    return float(roc_auc_score(genuine, np.where(known[places] == networks_of, products, 0)))
