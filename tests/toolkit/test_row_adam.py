"""Adam's steps are those of torch; rows that are not touched stay as they are."""

import numpy as np
import pytest
import torch

from clary.toolkit import row_adam
from clary.toolkit.row_adam import RowAdam

RATES = np.array([0.1, 0.02, 0.02], np.float32)
DECAYS = np.array([0.001, 0.00001, 0.00001], np.float32)


@pytest.fixture(params=["kernels", "numpy"], autouse=True)
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "numpy":
        monkeypatch.setattr(row_adam, "kernels", None)


def test_steps_are_those_of_torch() -> None:
    random = np.random.default_rng(0)
    weights = random.normal(size=(5, 3)).astype(np.float32)
    linear, factors = (
        torch.tensor(part.copy(), requires_grad=True) for part in (weights[:, :1], weights[:, 1:])
    )
    groups = [
        {"params": [linear], "lr": 0.1, "weight_decay": 0.001},
        {"params": [factors], "lr": 0.02, "weight_decay": 0.00001},
    ]
    reference = torch.optim.Adam(groups)
    ours = RowAdam(weights, RATES, DECAYS)
    for _ in range(20):
        gradient = random.normal(size=(5, 3)).astype(np.float32)
        linear.grad, factors.grad = torch.tensor(gradient[:, :1]) / 4, torch.tensor(gradient[:, 1:]) / 4
        reference.step()
        ours.update(gradient, np.arange(5), 0.25)
    np.testing.assert_allclose(weights[:, :1], linear.detach().numpy(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(weights[:, 1:], factors.detach().numpy(), rtol=1e-4, atol=1e-5)


def test_rows_without_a_gradient_stay() -> None:
    before = np.ones((5, 3), np.float32)
    weights = before.copy()
    ours = RowAdam(weights, RATES, DECAYS)
    ours.update(np.ones((2, 3), np.float32), np.array([3, 1]), 1)
    np.testing.assert_array_equal(weights[[0, 2, 4]], before[[0, 2, 4]])
    assert (weights[[1, 3]] < before[[1, 3]]).all()


def test_a_gradient_is_clipped_and_epsilon_divides() -> None:
    weights = np.zeros((5, 3), np.float32)
    ones, none = np.ones(3, np.float32), np.zeros(3, np.float32)
    RowAdam(weights, ones, none, epsilon=1.0, limit=-0.5).update(
        np.full((1, 3), -8, np.float32), np.array([2]), 1
    )
    # With the corrections the first step is rate * clipped / (clipped + eps).
    assert weights[2, 0] == pytest.approx(0.5 / (0.5 + 1.0), rel=1e-5)
