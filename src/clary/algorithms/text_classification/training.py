"""How the network of text classification is learnt, and how good it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from clary.algorithms.text_classification.network import Network
from clary.algorithms.text_classification.params import TextClassificationParams
from clary.algorithms.text_classification.texts import Texts
from clary.algorithms.text_classification.vocabulary import Longs, Vocabulary
from clary.toolkit.host import Host
from clary.toolkit.neural import schedule, seeding
from clary.toolkit.neural.fitting import Epoch, Fitting, Plan, shuffled
from clary.toolkit.neural.optimizers import OptimizerSettings
from clary.toolkit.neural.patience import Patience
from clary.toolkit.report import Report

_SEED = 47
_ENDLESS = 2**31
_AT_ONCE = 256


def built(words: int, classes: int, dropout: float) -> Network:
    """Return the network before it has learnt anything, always the same."""
    return seeding.built(lambda: Network(words, classes, dropout), _SEED)


@dataclass(frozen=True, slots=True)
class TextModel:
    """A network with what it reads and what it tells."""

    network: Network
    vocabulary: Vocabulary
    labels: tuple[str, ...]

    def scores(self, texts: tuple[str, ...]) -> Any:
        """Return the scores of each label, (texts, labels)."""
        device = next(self.network.parameters()).device
        return self.network(torch.from_numpy(self.vocabulary.numbers(texts)).to(device))

    def targets(self, texts: Texts) -> Longs:
        """Return the number of each text's label, -1 for one that is not known."""
        numbers = {label: number for number, label in enumerate(self.labels)}
        return np.array([numbers.get(label, -1) for label in texts.labels], np.int64)


def fit(
    model: TextModel, data: tuple[Texts, Texts], params: TextClassificationParams, report: Report, host: Host
) -> None:
    """Learn from the first part, watch the loss of the second."""
    train, validation = data
    targets = model.targets(train)
    device = next(model.network.parameters()).device
    right = np.zeros(2)

    def batches(epoch: int) -> Iterator[Longs]:
        right[:] = 0
        return shuffled(len(train), params.batch_size, epoch, host)

    def loss(chosen: Longs) -> tuple[Any, int]:
        scores = model.scores(train.part(chosen.tolist()).texts)
        target = torch.from_numpy(targets[chosen]).to(device)
        right[:] += float((scores.argmax(1) == target).sum()), len(chosen)
        decay = params.regularizers_l2 * model.network.top.weight.square().sum()
        return cross_entropy(scores, target) + decay, len(chosen)

    def judge(epoch: Epoch) -> float:
        said = f"Epoch {epoch.number + 1}/{params.epochs} - loss={epoch.loss:.4f} - "
        said += f"accuracy={right[0] / max(right[1], 1):.4f}"
        report.throughput(epoch.rows / epoch.seconds)
        if not len(validation):
            report.info(said)
            return -epoch.loss
        watched, accuracy = evaluated(model, validation)
        report.info(f"{said} - val_loss={watched:.4f} - val_accuracy={accuracy:.4f}")
        return -watched

    Fitting(model.network, _planned(params), host, report).run(batches, loss, judge)


def evaluated(model: TextModel, texts: Texts) -> tuple[float, float]:
    """Return mean loss and accuracy; a label that is not known is never told."""
    targets = torch.from_numpy(model.targets(texts))
    model.network.eval()
    with torch.no_grad():
        starts = range(0, len(texts), _AT_ONCE)
        parts = [model.scores(texts.texts[start : start + _AT_ONCE]).cpu() for start in starts]
    scores = torch.cat(parts)
    loss = float(cross_entropy(scores, targets, ignore_index=-1)) if (targets >= 0).any() else 0.0
    return loss, float((scores.argmax(1) == targets).float().mean())


def _planned(params: TextClassificationParams) -> Plan:
    patience = Patience(
        params.early_stopping_patience if params.early_stopping else _ENDLESS,
        delta=params.early_stopping_min_delta,
        maximize=True,
    )
    settings = OptimizerSettings(
        params.learning_rate,
        0.01 if params.optimizer == "adamw" else 0.0,
        params.momentum,
        params.beta_1,
        params.beta_2,
        params.epsilon,
        params.rho,
        params.rho,
        params.initial_accumulator_value,
    )
    rates: schedule.Schedule = schedule.constant
    if params.optimizer == "adamw":
        rates = schedule.warmed(
            schedule.polynomial(params.epochs, 1.0), params.epochs * params.warmup_steps_fraction
        )
    return Plan(params.epochs, params.optimizer, settings, rates, patience)
