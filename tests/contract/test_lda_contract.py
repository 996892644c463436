"""LDA keeps the algorithm contract, with scikit-learn's latent Dirichlet allocation as the reference."""

from types import MappingProxyType

import numpy as np
import pytest
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.metrics import normalized_mutual_info_score

from clary.algorithms.lda import LDA
from clary.testing.tabular_contract import Data, TabularContract
from clary.toolkit.batch import Floats
from clary.toolkit.predictions import Predictions

pytestmark = pytest.mark.contract

TOPICS, WORDS = 6, 60


def documents(count: int, seed: int) -> Data:
    """Return counts of words in documents, and the topic that each document has most of."""
    random, fixed = np.random.default_rng(seed), np.random.default_rng(5)
    words = fixed.dirichlet(np.full(WORDS, 0.1), TOPICS)
    mixtures = random.dirichlet(np.full(TOPICS, 1 / TOPICS), count)
    counts = [random.multinomial(50, mixture @ words) for mixture in mixtures]
    return np.array(counts, np.float32), mixtures.argmax(axis=1).astype(np.float32)


class TestLDA(TabularContract):
    """Topics without labels: those that documents have most of agree with the truth as scikit-learn's do."""

    algorithm = LDA
    hyperparameters = MappingProxyType(
        {"num_topics": str(TOPICS), "feature_dim": str(WORDS), "mini_batch_size": "800"}
    )
    illegal = ("alpha0", "0")

    def training_data(self) -> Data:
        return documents(800, 0)

    def fresh_data(self) -> Data:
        return documents(300, 1)

    def score(self, predictions: Predictions, labels: Floats) -> float:
        found = predictions.fields["topic_mixture"].argmax(axis=1)
        return float(normalized_mutual_info_score(labels, found))

    def reference_quality(self) -> float:
        reference = LatentDirichletAllocation(TOPICS, max_iter=5, learning_method="batch", random_state=0)
        rows, labels = self.fresh_data()
        found = reference.fit(self.training_data()[0]).transform(rows).argmax(axis=1)
        return float(normalized_mutual_info_score(labels, found)) - 0.02
