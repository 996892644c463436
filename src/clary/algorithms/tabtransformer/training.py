"""Trains the network and asks it, a batch of rows at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from clary.algorithms.tabtransformer.encoder import Encoder
from clary.algorithms.tabtransformer.network import Network, Shape
from clary.algorithms.tabtransformer.params import TabTransformerParams
from clary.toolkit.batch import Floats
from clary.toolkit.neural import seeding, weights
from clary.toolkit.neural.patience import Patience
from clary.toolkit.report import Report
from clary.toolkit.row_store import Rows
from clary.toolkit.tabular_data import TabularData

_SEED = 1
_ASKED = 4096
"""Rows that are asked at once."""


@dataclass(frozen=True, slots=True)
class Asker:
    """A trained network with what its rows must become; ``center`` and ``scale`` are those of amounts."""

    network: Any
    encoder: Encoder
    device: Any
    center: float = 0.0
    scale: float = 1.0

    def scores(self, rows: Floats) -> npt.NDArray[np.float32]:
        """Return the probabilities of rows, (rows, classes), or their amounts, (rows,)."""
        parts = [self._asked(rows[at : at + _ASKED]) for at in range(0, len(rows), _ASKED)]
        return np.concatenate(parts)

    def _asked(self, rows: Floats) -> npt.NDArray[np.float32]:
        self.network.eval()
        with torch.no_grad():
            codes, amounts = (torch.from_numpy(part).to(self.device) for part in self.encoder.encode(rows))
            outputs = self.network(codes, amounts)
            if self.encoder.schema.classes is not None:
                outputs = torch.softmax(outputs, dim=1)
            found: npt.NDArray[np.float32] = outputs.cpu().numpy()
        return found if self.encoder.schema.classes is not None else found[:, 0] * self.scale + self.center


def shape_of(params: TabTransformerParams, encoder: Encoder) -> Shape:
    """Return the size of the network for rows of ``encoder``."""
    classes = encoder.schema.classes
    return Shape(
        encoder.sizes,
        len(encoder.means),
        1 if classes is None else len(classes),
        int(params.input_dim),
        params.n_blocks,
        params.frac_shared_embed,
        params.attn_dropout,
        params.mlp_dropout,
    )


def fit(params: TabTransformerParams, data: TabularData, report: Report, device: Any) -> Asker:
    """Train until the loss of validation has not fallen for a while; returns the best network there was."""
    seeding.fix(_SEED)
    encoder = Encoder.of(data.train.features, data.schema)
    network = seeding.built(lambda: Network(shape_of(params, encoder)), _SEED).to(device)
    center, scale = _moments(data)
    asker = Asker(network, encoder, device, center, scale)
    optimizer = torch.optim.Adam(network.parameters(), params.learning_rate)
    patience = Patience(params.patience)
    random = np.random.default_rng(_SEED)
    best = weights.arrays(network)
    for epoch in range(1, params.n_epochs + 1):
        for rows, labels in _batches(data.train, params.batch_size, random):
            if report.stopping:
                break
            _step(asker, optimizer, rows, labels)
        loss = _evaluate(asker, data.validation, report, epoch)
        if patience.is_better(loss):
            best = weights.arrays(network)
        if patience.is_over(loss) or report.stopping:
            break
    weights.restore(network, best)
    return asker


def _moments(data: TabularData) -> tuple[float, float]:
    """Return mean and deviation of the amounts to train on; 0 and 1 of classes."""
    if data.schema.classes is not None:
        return 0.0, 1.0
    labels = data.train.labels.astype(np.float64)
    return float(labels.mean()), float(labels.std()) or 1.0


def _batches(rows: Rows, size: int, random: np.random.Generator) -> Iterator[tuple[Floats, Floats]]:
    order = random.permutation(len(rows))
    for at in range(0, len(order), size):
        chosen = np.sort(order[at : at + size])  # what lies in a file is read forwards
        yield rows.features[chosen], rows.labels[chosen]


def _step(asker: Asker, optimizer: Any, rows: Floats, labels: Floats) -> None:
    asker.network.train()
    codes, amounts = (torch.from_numpy(part).to(asker.device) for part in asker.encoder.encode(rows))
    truth = torch.from_numpy(labels).to(asker.device)
    outputs = asker.network(codes, amounts)
    if asker.encoder.schema.classes is None:
        loss = functional.mse_loss(outputs[:, 0], (truth - asker.center) / asker.scale)
    else:
        loss = functional.cross_entropy(outputs, truth.long())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def _evaluate(asker: Asker, rows: Rows, report: Report, epoch: int) -> float:
    """Tell how good the network is on validation data; returns its loss."""
    scores, labels = asker.scores(rows.features).astype(np.float64), rows.labels
    if asker.encoder.schema.classes is None:
        loss = float(np.square(scores - labels).mean())
        metrics = {"r2": 1 - loss / max(float(labels.var()), 1e-12)}
    else:
        numbers = labels.astype(np.intp)
        loss = float(-np.log(scores[np.arange(len(labels)), numbers].clip(1e-12)).mean())
        metrics = _right(scores.argmax(axis=1), numbers, scores.shape[1])
    for name, value in metrics.items():
        report.plain(f"epoch {epoch}: valid loss={loss:.6g}, metrics={{'{name}': {value:.6f}}}")
    return loss


def _right(found: npt.NDArray[np.intp], truth: npt.NDArray[np.intp], classes: int) -> dict[str, float]:
    """Return the share of right answers, and of two classes the F1 of the second."""
    metrics = {"accuracy": float((found == truth).mean())}
    if classes == 2:
        both = float(found.sum() + truth.sum())
        metrics["f1"] = 2 * float((found & truth).sum()) / both if both else 0.0
    return metrics
