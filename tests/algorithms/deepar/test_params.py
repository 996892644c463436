"""Hyperparameters of DeepAR take the spellings that the guide allows."""

from typing import Any

import pytest

from clary.algorithms.deepar import DeepAR
from clary.toolkit.errors import ClientError

REQUIRED = {"context_length": "3", "prediction_length": "2", "epochs": "1", "time_freq": "5min"}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("cardinality", "auto", "auto"),
        ("cardinality", "ignore", "ignore"),
        ("cardinality", "", "ignore"),
        ("cardinality", "[3, 10]", (3, 10)),
        ("num_dynamic_feat", "2", 2),
        ("num_dynamic_feat", "", "ignore"),
        ("num_dynamic_feat", "auto", "auto"),
        ("test_quantiles", "[0.5, 0.9]", (0.5, 0.9)),
        ("likelihood", "deterministic-L1", "deterministic-L1"),
        ("early_stopping_patience", "40", 40),
    ],
)
def test_legal_values(name: str, text: str, value: Any) -> None:
    assert getattr(DeepAR.Params.parse({**REQUIRED, name: text}), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("time_freq", "5 parsecs"),
        ("cardinality", "[0]"),
        ("cardinality", "3"),
        ("num_dynamic_feat", "0"),
        ("num_dynamic_feat", "many"),
        ("test_quantiles", "[1.5]"),
        ("test_quantiles", "[]"),
        ("test_quantiles", "0.5"),
        ("likelihood", "poisson"),
    ],
)
def test_illegal_values_are_named(name: str, text: str) -> None:
    with pytest.raises(ClientError, match=f"'{name}'"):
        DeepAR.Params.parse({**REQUIRED, name: text})


def test_defaults_are_the_guides() -> None:
    params = DeepAR.Params.parse(REQUIRED)
    assert params.early_stopping_patience is None
    assert (params.num_cells, params.num_layers, params.likelihood) == (40, 2, "student-T")
    assert params.test_quantiles == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
