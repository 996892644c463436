"""Precision is averaged over recall, and a box found twice is wrong the second time."""

import numpy as np
import pytest

from clary.algorithms.object_detection.detection import mean_average_precision
from clary.toolkit.batch import Floats

TRUTH = [
    np.array([[0, 0, 0, 0.5, 0.5], [0, 0.5, 0.5, 1, 1]], np.float32),
    np.array([[1, 0, 0, 1, 1]], np.float32),
]
ONE, OTHER, WHOLE = [0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1], [0, 0, 1, 1]


def found(*rows: list[float]) -> Floats:
    return np.array(rows, np.float32).reshape(-1, 6)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([[0, 0.9, *ONE], [0, 0.8, *OTHER]], [[1, 0.7, *WHOLE]], 1.0),
        ([[0, 0.9, *ONE]], [[1, 0.7, *WHOLE]], 0.75),
        ([[0, 0.9, *ONE], [0, 0.8, *ONE], [0, 0.7, *OTHER]], [], (0.5 + 0.5 * 2 / 3) / 2),
        ([[1, 0.9, *ONE]], [[1, 0.5, *WHOLE]], 0.25),
        ([], [], 0.0),
    ],
)
def test_mean_average_precision(first: list[list[float]], second: list[list[float]], expected: float) -> None:
    score = mean_average_precision([found(*first), found(*second)], TRUTH, 3, 0.5)
    assert score == pytest.approx(expected)


def test_without_objects_there_is_nothing_to_find() -> None:
    assert mean_average_precision([found()], [np.empty((0, 5), np.float32)], 2, 0.5) == 0
