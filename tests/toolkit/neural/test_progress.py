"""Training that goes on from what was kept ends where it would have ended."""

import pytest
import torch

from clary.toolkit.neural import progress, seeding, weights
from clary.toolkit.neural.optimizers import OptimizerSettings, optimizer


@pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop"])
def test_an_interruption_leaves_no_trace(name: str) -> None:
    def step(network: torch.nn.Module, chosen: torch.optim.Optimizer) -> None:
        chosen.zero_grad()
        (network(torch.ones(3, 2)) ** 2).mean().backward()
        chosen.step()

    def made() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
        network = seeding.built(lambda: torch.nn.Linear(2, 1), 1)
        return network, optimizer(name, network.parameters(), OptimizerSettings(0.1))

    network, chosen = made()
    step(network, chosen)
    kept = progress.state(network, chosen)
    step(network, chosen)
    other, fresh = made()
    progress.resume(other, fresh, kept)
    step(other, fresh)
    assert weights.arrays(other)["weight"].tolist() == weights.arrays(network)["weight"].tolist()
