"""Every optimizer reaches the minimum of the penalised objective."""

from collections.abc import Callable

import numpy as np
import pytest

from clary.algorithms.linear_learner.optimizers import SGD, Adam, Optimizer, Penalty, RMSProp
from clary.toolkit.batch import Floats

Maker = Callable[[Floats, Penalty], Optimizer]
MAKERS: list[tuple[str, Maker]] = [
    ("adam", lambda weights, penalty: Adam(weights, penalty, (0.9, 0.999))),
    ("rmsprop", lambda weights, penalty: RMSProp(weights, penalty, 0.9)),
    ("sgd", lambda weights, penalty: SGD(weights, penalty, 0.9)),
]


def minimum(make: Maker, l1: float, wd: float) -> Floats:
    """Minimise half the squared distance to (3, 0.1), plus the penalty, from 0."""
    target = np.array([[3.0], [0.1]], np.float32)
    weights = np.zeros((2, 1), np.float32)
    penalty = Penalty(np.full_like(weights, l1) if l1 else None, np.full_like(weights, wd) if wd else None)
    optimizer = make(weights, penalty)
    for step in range(3000):
        rates = np.full_like(weights, 0.05 * 0.998**step)
        optimizer.update(weights, weights - target, rates)
    return weights


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_the_minimum_is_found(name: str, make: Maker) -> None:
    np.testing.assert_allclose(minimum(make, 0, 0)[:, 0], [3.0, 0.1], atol=2e-3)


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_weight_decay_shrinks(name: str, make: Maker) -> None:
    np.testing.assert_allclose(minimum(make, 0, 1)[:, 0], [1.5, 0.05], atol=2e-3)


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_l1_makes_small_weights_exactly_zero(name: str, make: Maker) -> None:
    weights = minimum(make, 0.5, 0)
    assert weights[1, 0] == 0
    assert weights[0, 0] == pytest.approx(2.5, abs=2e-2)
