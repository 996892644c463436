"""How the network of semantic segmentation is learnt, and how good it is."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import cross_entropy

from clary.algorithms.semantic_segmentation.mask_set import IGNORED, MaskSet, pieces
from clary.algorithms.semantic_segmentation.network import Network
from clary.algorithms.semantic_segmentation.params import SemanticSegmentationParams
from clary.toolkit.host import Host
from clary.toolkit.neural import augmentation, schedule, seeding
from clary.toolkit.neural.fitting import Epoch, Fitting, Plan, shuffled
from clary.toolkit.neural.optimizers import OptimizerSettings
from clary.toolkit.neural.patience import Patience
from clary.toolkit.report import Report

_SEED = 53
_ENDLESS = 2**31

Batch = tuple[npt.NDArray[np.int64], tuple[int, ...]]


def built(params: SemanticSegmentationParams) -> Network:
    """Return the network before it has learnt anything, always the same."""
    layers = int(params.backbone.removeprefix("resnet-"))
    return seeding.built(lambda: Network(layers, params.algorithm, params.num_classes), _SEED)


def fit(
    network: Network,
    data: tuple[MaskSet, MaskSet],
    params: SemanticSegmentationParams,
    report: Report,
    host: Host,
) -> None:
    """Learn from the first set, watch the mIOU of the second."""
    train, validation = data
    device = next(network.parameters()).device

    def batches(epoch: int) -> Iterator[Batch]:
        for number, chosen in enumerate(shuffled(len(train), params.mini_batch_size, epoch, host)):
            yield chosen, (_SEED, epoch, number)

    def loss(batch: Batch) -> tuple[Any, int]:
        taken, masks = pieces(train, batch[0].tolist(), params, batch[1])
        images = augmentation.normalised(augmentation.tensor(taken)).to(device)
        target = torch.from_numpy(masks.astype(np.int64)).to(device)
        counted = (target != IGNORED).sum().clamp(min=1)
        found = cross_entropy(network(images), target, ignore_index=IGNORED, reduction="sum")
        return found / counted, len(taken)

    def judge(epoch: Epoch) -> float:
        report.info(f"epoch: {epoch.number} train loss: {epoch.loss:.6f}")
        report.info(f"train throughput: {epoch.rows / epoch.seconds:.3f} samples/s")
        overlap, accuracy = evaluated(network, validation, params)
        report.info(f"validation mIOU: {overlap:.6f}")
        report.info(f"validation pixel_accuracy: {accuracy:.6f}")
        report.progress(100 * (epoch.number + 1) // params.epochs)
        return overlap

    Fitting(network, _planned(params), host, report).run(batches, loss, judge)


def evaluated(network: Network, images: MaskSet, params: SemanticSegmentationParams) -> tuple[float, float]:
    """Return the mean over classes of intersection by union, and the share of pixels told right."""
    classes = params.num_classes
    counts = np.zeros(classes * classes, np.int64)
    device = next(network.parameters()).device
    network.eval()
    size = params.validation_mini_batch_size
    with torch.no_grad():
        for start in range(0, len(images), size):
            taken, masks = pieces(images, range(start, min(start + size, len(images))), params, None)
            scores = network(augmentation.normalised(augmentation.tensor(taken)).to(device))
            told = scores.argmax(1).cpu().numpy()
            known = masks != IGNORED
            pairs = masks[known].astype(np.int64) * classes + told[known]
            counts += np.bincount(pairs, minlength=classes * classes)
    table = counts.reshape(classes, classes)
    right = np.diag(table)
    union = table.sum(axis=0) + table.sum(axis=1) - right
    present = union > 0
    overlap = float(np.mean(right[present] / union[present])) if present.any() else 0.0
    return overlap, float(right.sum() / max(table.sum(), 1))


def _planned(params: SemanticSegmentationParams) -> Plan:
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
        decay=params.gamma1,
        inertia=params.gamma2,
    )
    rates = {
        "poly": schedule.polynomial(params.epochs),
        "cosine": schedule.cosine(params.epochs),
        "step": schedule.stepped(params.lr_scheduler_step or (), params.lr_scheduler_factor),
    }
    return Plan(params.epochs, params.optimizer, settings, rates[params.lr_scheduler], patience)
