"""The same seed draws the same network, whatever else draws."""

import torch

from clary.toolkit.neural import seeding


def test_a_network_is_drawn_from_its_seed_alone() -> None:
    def make() -> torch.Tensor:
        return torch.rand(3)

    seeding.fix(5)
    before = torch.get_rng_state()
    first = seeding.built(make, 1)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    assert torch.equal(first, seeding.built(make, 1))
    assert not torch.equal(first, seeding.built(make, 2))


def test_fixing_begins_anew() -> None:
    seeding.fix(5)
    first = torch.rand(3)
    seeding.fix(5)
    assert torch.equal(first, torch.rand(3))
