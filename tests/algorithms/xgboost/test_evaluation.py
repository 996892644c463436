"""The container's metrics are scikit-learn's, also when hosts add up what they are made of."""

import numpy as np
import pytest
from sklearn import metrics

from clary.algorithms.xgboost import evaluation
from clary.algorithms.xgboost.evaluation import Doubles

RANDOM = np.random.default_rng(1)
BINARY = RANDOM.integers(0, 2, 300).astype(float)
CHANCES = np.clip(BINARY * 0.3 + RANDOM.random(300) * 0.7, 0, 1)
CLASSES = RANDOM.integers(0, 3, 300).astype(float)
ROWS = RANDOM.random((300, 3)) + np.eye(3)[CLASSES.astype(int)] * 0.4

AVERAGED = {
    "accuracy": metrics.accuracy_score,
    "balanced_accuracy": metrics.balanced_accuracy_score,
    "f1": lambda truth, found: metrics.f1_score(truth, found, average="macro"),
    "f1_macro": lambda truth, found: metrics.f1_score(truth, found, average="macro"),
    "precision_macro": lambda truth, found: metrics.precision_score(truth, found, average="macro"),
    "precision_micro": lambda truth, found: metrics.precision_score(truth, found, average="micro"),
    "recall_macro": lambda truth, found: metrics.recall_score(truth, found, average="macro"),
    "recall_micro": lambda truth, found: metrics.recall_score(truth, found, average="micro"),
}
OF_TWO = {"f1_binary": metrics.f1_score, "precision": metrics.precision_score, "recall": metrics.recall_score}


def alone(values: Doubles) -> Doubles:
    return values


@pytest.mark.parametrize("name", [*AVERAGED, *OF_TWO])
def test_two_classes(name: str) -> None:
    ((_, value),) = evaluation.evaluated([name], CHANCES, BINARY, 2, alone)
    assert value == pytest.approx({**AVERAGED, **OF_TWO}[name](BINARY, np.rint(CHANCES)))


@pytest.mark.parametrize("name", AVERAGED)
def test_several_classes(name: str) -> None:
    ((_, value),) = evaluation.evaluated([name], ROWS, CLASSES, 3, alone)
    assert value == pytest.approx(AVERAGED[name](CLASSES, ROWS.argmax(axis=1)))


def test_numbers() -> None:
    found = dict(evaluation.evaluated(["r2", "mse"], CHANCES, BINARY, 2, alone))
    assert found["mse"] == pytest.approx(metrics.mean_squared_error(BINARY, CHANCES))
    assert found["r2"] == pytest.approx(metrics.r2_score(BINARY, CHANCES))


def test_hosts_add_up() -> None:
    whole = evaluation.evaluated(evaluation.NAMES, CHANCES, BINARY, 2, alone)
    sums: list[Doubles] = []
    for turn in range(2):
        steps = iter(range(9))

        def merge(values: Doubles, turn: int = turn, steps: object = steps) -> Doubles:
            step = next(steps)  # type: ignore[call-overload]
            if turn == 0:
                sums.append(values)
                return values
            return np.asarray(sums[step] + values)

        half = slice(turn, None, 2)
        parts = evaluation.evaluated(["accuracy", "f1"], CHANCES[half], BINARY[half], 2, merge)
    assert dict(parts)["f1"] == pytest.approx(dict(whole)["f1"])
