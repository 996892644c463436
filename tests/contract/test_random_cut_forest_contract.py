"""Random Cut Forest keeps the algorithm contract, with scikit-learn's isolation forest as the reference."""

from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

from clary.algorithms.random_cut_forest import RandomCutForest
from clary.testing.tabular_contract import Data, TabularContract
from clary.toolkit import media_type
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.predictions import Predictions

pytestmark = pytest.mark.contract


def ring(seed: int, odd: int) -> Data:
    """Return rows around a ring in three columns of eight, the last of them inside it or beyond."""
    random = np.random.default_rng(seed)
    rows = random.normal(0, 0.3, (1500, 8))
    angles, radii = random.uniform(0, 2 * np.pi, 1500), np.full(1500, 4.0)
    labels = np.arange(1500) >= 1500 - odd
    radii[labels] = random.choice([0.0, 8.0], odd)
    rows[:, 0] += radii * np.cos(angles)
    rows[:, 1] += radii * np.sin(angles)
    return rows.astype(np.float32), labels.astype(np.float32)


class TestRandomCutForest(TabularContract):
    """Planted anomalies: ranked as well as by an isolation forest."""

    algorithm = RandomCutForest
    hyperparameters = MappingProxyType({"feature_dim": "8", "num_trees": "50"})
    illegal = ("num_trees", "49")

    def training_data(self) -> Data:
        return ring(0, 15)

    def fresh_data(self) -> Data:
        return ring(1, 60)

    def channels_of(self, folder: Path, content_type: str) -> dict[str, Channel]:
        """Write CSV without the labels, which this algorithm does not take."""
        channels = super().channels_of(folder, content_type)
        if content_type == media_type.CSV:
            lines = [",".join(map(repr, row)) for row in self.training_data()[0].tolist()]
            (folder / "train" / "part-0").write_text("\n".join(lines))
            return {"train": Channel("train", folder / "train", "text/csv;label_size=0")}
        return channels

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return float(roc_auc_score(labels, predictions.fields["score"]))

    def reference_quality(self) -> float:
        reference = IsolationForest(n_estimators=50, random_state=0).fit(self.training_data()[0])
        rows, labels = self.fresh_data()
        return float(roc_auc_score(labels, -reference.score_samples(rows)))
