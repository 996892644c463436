"""What the three groups of weights start with."""

import numpy as np
import pytest

from clary.algorithms.factorization_machines.params import FactorizationMachinesParams
from clary.toolkit.errors import ClientError

GIVEN = {"feature_dim": "5", "num_factors": "2", "predictor_type": "regressor"}


def initial(group: str, **given: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    named = {f"{group}_init_{name}": value for name, value in given.items()}
    params = FactorizationMachinesParams.parse({**GIVEN, **named})
    return params.initial(group, (200, 100), np.random.default_rng(0))


@pytest.mark.parametrize(("group", "sigma"), [("bias", 0.01), ("linear", 0.01), ("factors", 0.001)])
def test_weights_are_normal_unless_told_otherwise(group: str, sigma: float) -> None:
    assert initial(group).std() == pytest.approx(sigma, rel=0.02)
    assert initial(group, sigma="3").std() == pytest.approx(3, rel=0.02)


@pytest.mark.parametrize("group", ["bias", "linear", "factors"])
def test_weights_are_uniform_or_constant(group: str) -> None:
    uniform = initial(group, method="uniform", scale="0.5")
    assert -0.5 <= uniform.min() < -0.49
    assert 0.49 < uniform.max() <= 0.5
    assert 0.06 < initial(group, method="uniform").max() <= 0.07
    assert (initial(group, method="constant", value="-2") == -2).all()
    assert not initial(group, method="constant").any()


def test_what_is_tuned_has_ranges_and_what_is_wrong_is_named() -> None:
    with pytest.raises(ClientError, match="'factors_lr'"):
        FactorizationMachinesParams.parse({**GIVEN, "factors_lr": "-1"})
    with pytest.raises(ClientError, match="'predictor_type'"):
        FactorizationMachinesParams.parse({**GIVEN, "predictor_type": "multiclass_classifier"})
    tunable = {name for name, each in FactorizationMachinesParams.declared.items() if each.tunable}
    assert {"epochs", "mini_batch_size", "bias_init_scale", "linear_lr", "factors_wd"} <= tunable
