"""How the network of image classification is learnt, and how good it is."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from clary.algorithms.image_classification.image_set import ImageSet, Longs, in_order, tensors
from clary.algorithms.image_classification.params import ImageClassificationParams
from clary.toolkit.host import Host
from clary.toolkit.neural import schedule, seeding
from clary.toolkit.neural.fitting import Epoch, Fitting, Plan, shuffled
from clary.toolkit.neural.optimizers import OptimizerSettings
from clary.toolkit.neural.patience import Patience
from clary.toolkit.neural.resnet import Classifier, ResNet
from clary.toolkit.report import Report

_SEED = 41
_ENDLESS = 2**31


def built(params: ImageClassificationParams) -> Classifier:
    """Return the network before it has learnt anything, always the same."""
    colours, height, width = params.image_shape

    def make() -> Classifier:
        backbone = ResNet(params.num_layers, min(height, width), colours=colours)
        return Classifier(backbone, params.num_classes)

    return seeding.built(make, _SEED)


def planned(params: ImageClassificationParams) -> Plan:
    """Return how the hyperparameters want the network to be fitted."""
    patience = Patience(
        params.early_stopping_patience if params.early_stopping else _ENDLESS,
        tolerance=params.early_stopping_tolerance,
        at_least=params.early_stopping_min_epochs,
        maximize=True,
    )
    settings = OptimizerSettings(
        params.learning_rate,
        params.weight_decay,
        params.momentum,
        params.beta_1,
        params.beta_2,
        params.eps,
        params.gamma,
    )
    steps = params.lr_scheduler_step
    rates = schedule.stepped(steps, params.lr_scheduler_factor) if steps else schedule.constant
    return Plan(params.epochs, params.optimizer, settings, rates, patience, params.checkpoint_frequency)


class Trainer:
    """Learns from one set of images and watches another."""

    def __init__(
        self, network: Classifier, params: ImageClassificationParams, report: Report, host: Host
    ) -> None:
        self._network, self._params, self._report, self._host = network, params, report, host
        self._device = next(network.parameters()).device
        self._weights: Any = None
        self._hits = np.zeros(3)

    def fit(self, train: ImageSet, validation: ImageSet | None) -> None:
        """Train through all epochs; leave the weights of the most accurate in the network."""
        params = self._params
        if params.multi_label and params.use_weighted_loss:
            self._weights = self._rarity(train)
        fitting = Fitting(self._network, planned(params), self._host, self._report)

        def batches(epoch: int) -> Iterator[tuple[Longs, tuple[int, ...]]]:
            self._hits = np.zeros(3)
            parts = shuffled(len(train), params.mini_batch_size, epoch, self._host)
            for number, chosen in enumerate(parts):
                yield chosen, (_SEED, epoch, number, self._host.cluster.rank)

        def loss(batch: tuple[Longs, tuple[int, ...]]) -> tuple[Any, int]:
            chosen, seed = batch
            images, labels = tensors(train, chosen, params, seed)
            scores = self._network(images.to(self._device))
            target = torch.from_numpy(labels).to(self._device)
            self._hits += self._counted(scores.detach(), target)
            return self._loss(scores, target), len(chosen)

        def judge(epoch: Epoch) -> float:
            return self._told(epoch, validation)

        fitting.run(batches, loss, judge)
        self._report.info(f"Model of epoch {fitting.best_epoch} kept, the best by accuracy")

    def _loss(self, scores: Any, target: Any) -> Any:
        if self._params.multi_label:
            return binary_cross_entropy_with_logits(scores, target, pos_weight=self._weights)
        return cross_entropy(scores, target.long())

    def _rarity(self, train: ImageSet) -> Any:
        """Return for each class how many images lack it for one that has it, within reason."""
        counts = self._host.cluster.merge(np.append(train.labels.sum(axis=0), len(train)).astype(np.float64))
        rarity = (counts[-1] - counts[:-1]) / np.maximum(counts[:-1], 1)
        return torch.from_numpy(np.clip(rarity, 0.1, 100).astype(np.float32)).to(self._device)

    def _counted(self, scores: Any, target: Any) -> Any:
        """Return how many answers are right, how many are among the first, and how many there are."""
        if self._params.multi_label:
            right = ((scores > 0) == (target > 0.5)).float().mean(1).sum()
            return np.array([float(right), float(right), len(target)])
        first = scores.topk(self._params.top_k or 1, dim=1).indices == target.long()[:, None]
        return np.array([float(first[:, 0].sum()), float(first.sum()), len(target)])

    def _told(self, epoch: Epoch, validation: ImageSet | None) -> float:
        """Log an epoch as MXNet does; return the accuracy that is watched."""
        accuracy = self._shares("Train", self._host.cluster.merge(self._hits), epoch.number)
        self._report.info(f"Epoch[{epoch.number}] Train-cross-entropy={epoch.loss:.6f}")
        self._report.info(f"Epoch[{epoch.number}] Time cost={epoch.seconds:.3f}")
        self._report.progress(100 * (epoch.number + 1) // self._params.epochs)
        self._report.throughput(epoch.rows / epoch.seconds)
        if validation is None:
            return accuracy
        hits = self._host.cluster.merge(self._checked(validation))
        return self._shares("Validation", hits, epoch.number)

    def _shares(self, split: str, hits: Any, epoch: int) -> float:
        right, among, rows = hits
        accuracy = float(right / max(rows, 1))
        self._report.info(f"Epoch[{epoch}] {split}-accuracy={accuracy:.6f}")
        if self._params.top_k is not None and not self._params.multi_label:
            k = self._params.top_k
            self._report.info(f"Epoch[{epoch}] {split}-top_k_accuracy_{k}={among / max(rows, 1):.6f}")
        return accuracy

    def _checked(self, images: ImageSet) -> Any:
        self._network.eval()
        hits = np.zeros(3)
        with torch.no_grad():
            for chosen in in_order(len(images), self._params.mini_batch_size):
                batch, labels = tensors(images, chosen, self._params, None)
                scores = self._network(batch.to(self._device))
                hits += self._counted(scores, torch.from_numpy(labels).to(self._device))
        return hits
