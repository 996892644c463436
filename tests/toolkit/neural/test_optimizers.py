"""Each of SageMaker's optimizers goes downhill and takes its settings."""

import pytest
import torch

from clary.toolkit.neural.optimizers import OptimizerSettings, optimizer, set_learning_rate

NAMES = ("sgd", "nag", "nesterov", "adam", "adamw", "rmsprop", "adagrad", "adadelta")


@pytest.mark.parametrize("name", NAMES)
def test_an_optimizer_goes_downhill(name: str) -> None:
    parameter = torch.nn.Parameter(torch.tensor([3.0]))
    chosen = optimizer(name, [parameter], OptimizerSettings(0.05, weight_decay=0.01))
    for _ in range(20):
        chosen.zero_grad()
        (parameter**2).sum().backward()
        chosen.step()
    assert abs(parameter.item()) < 3


def test_settings_reach_the_optimizer() -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    settings = OptimizerSettings(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.11)
    groups = {name: optimizer(name, [parameter], settings).param_groups[0] for name in NAMES}
    assert {group["lr"] for group in groups.values()} == {0.1}
    assert {group["weight_decay"] for group in groups.values()} == {0.2}
    assert (groups["sgd"]["momentum"], groups["sgd"]["nesterov"]) == (0.3, False)
    assert groups["nag"]["nesterov"]
    assert groups["adam"]["betas"] == (0.4, 0.5)
    assert groups["adam"]["eps"] == 0.6
    assert groups["rmsprop"]["alpha"] == 0.7
    assert groups["rmsprop"]["momentum"] == 0.11
    assert groups["adadelta"]["rho"] == 0.8
    assert groups["adagrad"]["initial_accumulator_value"] == 0.9


def test_nesterov_without_momentum_is_plain_descent() -> None:
    group = optimizer("nag", [torch.nn.Parameter(torch.zeros(1))], OptimizerSettings(0.1, momentum=0.0))
    assert not group.param_groups[0]["nesterov"]


def test_the_rate_is_set_for_all_parameters() -> None:
    chosen = optimizer("sgd", [torch.nn.Parameter(torch.zeros(1))], OptimizerSettings(0.1))
    set_learning_rate(chosen, 0.02)
    assert [group["lr"] for group in chosen.param_groups] == [0.02]
