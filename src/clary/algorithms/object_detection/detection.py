"""Boxes found on images, and how good they are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from clary.algorithms.object_detection import boxes
from clary.algorithms.object_detection.network import SSD
from clary.toolkit.batch import Floats
from clary.toolkit.formats.image import Bytes
from clary.toolkit.neural import augmentation

_UNLIKELY = 0.01
_CANDIDATES, _MOST = 400, 100


def detected(network: SSD, pictures: list[Bytes], threshold: float) -> list[Floats]:
    """Return what is on each picture: (boxes, 6), class, score, left, top, right, bottom, likeliest first."""
    network.eval()
    device = next(network.parameters()).device
    with torch.no_grad():
        images = augmentation.normalised(augmentation.tensor(pictures)).to(device)
        scores, differences, sides = network(images)
        shares = torch.softmax(scores, 2).cpu().numpy()
    given = boxes.anchors(sides)
    told = differences.cpu().numpy()
    return [_chosen(boxes.decoded(told[i], given), shares[i], threshold) for i in range(len(pictures))]


def _chosen(places: Floats, shares: Any, threshold: float) -> Floats:
    found = []
    for label in range(1, shares.shape[1]):
        likely = np.flatnonzero(shares[:, label] > _UNLIKELY)
        likely = likely[np.argsort(-shares[likely, label], kind="stable")[:_CANDIDATES]]
        chosen = likely[boxes.kept(places[likely], shares[likely, label], threshold)]
        classes = np.full((len(chosen), 1), label - 1)
        found.append(np.concatenate([classes, shares[chosen, label, None], places[chosen]], axis=1))
    rows = np.concatenate(found).astype(np.float32)
    return rows[np.argsort(-rows[:, 1], kind="stable")[:_MOST]]


def mean_average_precision(
    found: Sequence[Floats], truth: Sequence[Floats], classes: int, threshold: float
) -> float:
    """Return the mean over classes of the area below precision by recall.

    ``found`` are as ``detected`` returns them, ``truth`` are (objects, 5), class and box. A box is right if
    it overlaps by ``threshold`` an object of its class that no likelier one has.
    """
    areas = [
        _average_precision(
            [each[each[:, 0] == label][:, 1:] for each in found],
            [each[each[:, 0] == label][:, 1:] for each in truth],
            threshold,
        )
        for label in range(classes)
        if any((each[:, 0] == label).any() for each in truth)
    ]
    return float(np.mean(areas)) if areas else 0.0


def _average_precision(found: Sequence[Floats], truth: Sequence[Floats], threshold: float) -> float:
    rows = [(float(box[0]), number, box[1:]) for number, each in enumerate(found) for box in each]
    rows.sort(key=lambda row: -row[0])
    taken = [np.zeros(len(each), bool) for each in truth]
    right = np.zeros(len(rows))
    for place, (_, number, box) in enumerate(rows):
        if not len(truth[number]):
            continue
        shares = boxes.overlaps(box[None], truth[number])[0]
        best = int(shares.argmax())
        if shares[best] >= threshold and not taken[number][best]:
            taken[number][best] = True
            right[place] = 1
    recall = np.cumsum(right) / sum(map(len, truth))
    precision = np.cumsum(right) / np.arange(1, len(rows) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0.0], recall])) * envelope))
