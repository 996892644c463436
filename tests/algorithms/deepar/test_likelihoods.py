"""Losses are those of the distributions in torch, and samples follow them."""

import pytest
import torch
from torch import distributions
from torch.nn.functional import softplus

from clary.algorithms.deepar.likelihoods import LIKELIHOODS

SCALE = torch.tensor([[3.0], [0.5]])


def said(name: str) -> torch.Tensor:
    width = LIKELIHOODS[name].width
    return torch.linspace(-1, 1.5, 2 * 4 * width).reshape(2, 4, width)


def expected(name: str) -> distributions.Distribution:
    values = said(name)
    first, second = values[..., 0], softplus(values[..., -1] if name != "student-T" else values[..., 1])
    if name == "gaussian":
        return distributions.Normal(first * SCALE, (second + 1e-4) * SCALE)
    if name == "student-T":
        return distributions.StudentT(2 + softplus(values[..., 2]), first * SCALE, (second + 1e-4) * SCALE)
    if name == "beta":
        strength = 10 * (second + 1e-4)
        mean = torch.sigmoid(first)
        return distributions.Beta(strength * mean + 1e-4, strength * (1 - mean) + 1e-4)
    mean, shape = (softplus(first) + 1e-4) * SCALE, second / SCALE.sqrt() + 1e-4
    return distributions.NegativeBinomial(1 / shape, logits=torch.log(mean * shape))


@pytest.mark.parametrize("name", ["gaussian", "student-T", "beta", "negative-binomial"])
def test_a_loss_is_the_negative_logarithm_of_the_density(name: str) -> None:
    target = torch.tensor([[0.1, 0.4, 0.6, 0.9]] * 2)
    if name == "negative-binomial":
        target = torch.tensor([[0.0, 1.0, 4.0, 9.0]] * 2)
    loss = LIKELIHOODS[name].loss(said(name), target, SCALE)
    torch.testing.assert_close(loss, -expected(name).log_prob(target), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["gaussian", "beta", "negative-binomial"])
def test_samples_have_the_distributions_mean_and_spread(name: str) -> None:
    torch.manual_seed(0)
    values = said(name)[None].expand(4000, -1, -1, -1)
    samples = LIKELIHOODS[name].sample(values, SCALE.expand(4000, -1, -1))
    reference = expected(name)
    torch.testing.assert_close(samples.mean(0), reference.mean, rtol=0.15, atol=0.1)
    torch.testing.assert_close(samples.std(0), reference.stddev, rtol=0.2, atol=0.05)


def test_samples_of_student_t_have_its_quartiles() -> None:
    torch.manual_seed(0)
    values = said("student-T")[None].expand(4000, -1, -1, -1)
    samples = LIKELIHOODS["student-T"].sample(values, SCALE.expand(4000, -1, -1))
    drawn = expected("student-T").sample(torch.Size([4000]))
    for level in (0.25, 0.5, 0.75):
        torch.testing.assert_close(samples.quantile(level, 0), drawn.quantile(level, 0), rtol=0.15, atol=0.15)


def test_a_point_forecast_is_off_by_its_distance() -> None:
    likelihood = LIKELIHOODS["deterministic-L1"]
    target = torch.ones(2, 4)
    point = likelihood.sample(said("deterministic-L1"), SCALE)
    torch.testing.assert_close(
        likelihood.loss(said("deterministic-L1"), target, SCALE), (target - point).abs()
    )


def test_the_ends_of_a_beta_distribution_do_no_harm() -> None:
    target = torch.tensor([[0.0, 1.0, 0.0, 1.0]] * 2)
    assert torch.isfinite(LIKELIHOODS["beta"].loss(said("beta"), target, SCALE)).all()
