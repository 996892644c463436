"""How the network of object detection is learnt."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import cross_entropy, smooth_l1_loss

from clary.algorithms.object_detection import boxes
from clary.algorithms.object_detection.box_set import BoxSet, augmented, frozen
from clary.algorithms.object_detection.detection import detected, mean_average_precision
from clary.algorithms.object_detection.network import SSD
from clary.algorithms.object_detection.params import ObjectDetectionParams
from clary.toolkit.batch import Floats
from clary.toolkit.host import Host
from clary.toolkit.neural import augmentation, schedule, seeding
from clary.toolkit.neural.fitting import Epoch, Fitting, Plan, shuffled
from clary.toolkit.neural.optimizers import OptimizerSettings
from clary.toolkit.neural.patience import Patience
from clary.toolkit.report import Report

_SEED = 59
_ENDLESS = 2**31
_NEGATIVES = 3  # anchors of nothing for each of something

Batch = tuple[npt.NDArray[np.int64], tuple[int, ...]]


def built(params: ObjectDetectionParams) -> SSD:
    """Return the network before it has learnt anything, always the same."""
    return seeding.built(lambda: SSD(params.base_network, params.num_classes, params.image_shape), _SEED)


class Trainer:
    """Learns from one set of images and watches another."""

    def __init__(self, network: SSD, params: ObjectDetectionParams, report: Report, host: Host) -> None:
        self._network, self._params, self._report, self._host = network, params, report, host
        self._device = next(network.parameters()).device
        self._sums = np.zeros(3)
        for name, parameter in network.named_parameters():
            parameter.requires_grad = not frozen(name, params.freeze_layer_pattern)

    def fit(self, train: BoxSet, validation: BoxSet) -> None:
        """Train through all epochs; leave the weights of the best in the network."""

        def batches(epoch: int) -> Iterator[Batch]:
            self._sums = np.zeros(3)
            parts = shuffled(len(train), self._params.mini_batch_size, epoch, self._host)
            for number, chosen in enumerate(parts):
                yield chosen, (_SEED, epoch, number, self._host.cluster.rank)

        def loss(batch: Batch) -> tuple[Any, int]:
            random = np.random.default_rng(batch[1])
            pairs = [augmented(train.store[i], train.objects[i], random) for i in batch[0].tolist()]
            images = augmentation.normalised(augmentation.tensor([pixels for pixels, _ in pairs]))
            return self._loss(images.to(self._device), [objects for _, objects in pairs]), len(pairs)

        def judge(epoch: Epoch) -> float:
            return self._told(epoch, validation)

        Fitting(self._network, _planned(self._params), self._host, self._report).run(batches, loss, judge)

    def _loss(self, images: Any, objects: list[Floats]) -> Any:
        scores, differences, sides = self._network(images)
        given = boxes.anchors(sides)
        labels, targets = (torch.from_numpy(each).to(self._device) for each in self._targets(objects, given))
        something = labels > 0
        count = something.sum().clamp(min=1)
        each = cross_entropy(scores.transpose(1, 2), labels, reduction="none")
        hardest = each.detach().masked_fill(something, -1).sort(1, descending=True).indices.argsort(1)
        asked = something | (hardest < (_NEGATIVES * something.sum(1).clamp(min=1))[:, None])
        told = (each * asked).sum() / count
        placed = smooth_l1_loss(differences[something], targets[something], reduction="sum") / count
        self._sums += float(told.detach()), float(placed.detach()), 1
        return told + placed

    def _targets(self, objects: list[Floats], given: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return the class of each anchor, 0 for nothing, and how its object differs from it."""
        labels = np.zeros((len(objects), len(given)), np.int64)
        targets = np.zeros((len(objects), len(given), 4), np.float32)
        for number, found in enumerate(objects):
            chosen = boxes.matched(found[:, 1:], given, self._params.overlap_threshold)
            own = chosen >= 0
            labels[number, own] = found[chosen[own], 0].astype(np.int64) + 1
            targets[number, own] = boxes.encoded(found[chosen[own], 1:], given[own])
        return labels, targets

    def _told(self, epoch: Epoch, validation: BoxSet) -> float:
        """Log an epoch; return the mAP, which the first host measures for all."""
        cluster = self._host.cluster
        told, placed, steps = cluster.merge(self._sums)
        score = self._score(validation) if cluster.leads else 0.0
        score = cluster.total(score)
        scope = f"#quality_metric: host={self._report.host}, epoch={epoch.number}"
        self._report.plain(f"{scope}, batch={int(steps)} train cross_entropy <loss>=({told / max(steps, 1)})")
        self._report.plain(f"{scope}, batch={int(steps)} train smooth_l1 <loss>=({placed / max(steps, 1)})")
        self._report.plain(f"{scope}, validation mAP <score>=({score})")
        self._report.progress(100 * (epoch.number + 1) // self._params.epochs)
        self._report.throughput(epoch.rows / epoch.seconds)
        return score

    def _score(self, images: BoxSet) -> float:
        found, size = [], self._params.mini_batch_size
        for start in range(0, len(images), size):
            taken = [images.store[i] for i in range(start, min(start + size, len(images)))]
            found += detected(self._network, taken, self._params.nms_threshold)
        return mean_average_precision(
            found, images.objects, self._params.num_classes, self._params.overlap_threshold
        )


def _planned(params: ObjectDetectionParams) -> Plan:
    patience = Patience(
        params.early_stopping_patience if params.early_stopping else _ENDLESS,
        tolerance=params.early_stopping_tolerance,
        at_least=params.early_stopping_min_epochs,
        maximize=True,
    )
    settings = OptimizerSettings(params.learning_rate, params.weight_decay, params.momentum)
    steps = params.lr_scheduler_step
    rates = schedule.stepped(steps, params.lr_scheduler_factor) if steps else schedule.constant
    return Plan(params.epochs, params.optimizer, settings, rates, patience)
