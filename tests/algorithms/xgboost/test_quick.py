"""A quick booster answers as the library does, or there is none."""

from typing import Any

import numpy as np
import pytest
import xgboost

from clary.algorithms.xgboost import quick
from clary.algorithms.xgboost.quick import QuickBooster
from clary.toolkit.native import kernels

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(300, 4)).astype(np.float32)
ROWS[RANDOM.random(ROWS.shape) < 0.1] = np.nan
LABELS = (np.nan_to_num(ROWS[:, 0]) > 0).astype(np.float32)

compiled = pytest.mark.skipif(kernels is None, reason="there is no compiler")


def booster_of(objective: str, **settings: Any) -> Any:
    matrix = xgboost.DMatrix(ROWS, LABELS + (objective == "reg:gamma"))
    if objective == "survival:aft":
        matrix.set_info(label_lower_bound=LABELS + 1, label_upper_bound=LABELS + 2)
    return xgboost.train({"objective": objective, "nthread": 1, **settings}, matrix, 5)


@compiled
@pytest.mark.parametrize(
    ("objective", "settings"),
    [
        ("reg:squarederror", {}),
        ("reg:squarederror", {"num_parallel_tree": 3, "subsample": 0.5, "base_score": 0.7}),
        ("reg:absoluteerror", {"max_depth": 1}),
        ("reg:quantileerror", {"quantile_alpha": [0.1, 0.9]}),
        ("reg:logistic", {}),
        ("reg:gamma", {}),
        ("reg:tweedie", {}),
        ("count:poisson", {}),
        ("binary:logistic", {"grow_policy": "lossguide", "max_leaves": 7, "max_depth": 0}),
        ("binary:logistic", {"scale_pos_weight": 4, "base_score": 0.2}),
        ("binary:logitraw", {}),
        ("binary:hinge", {}),
        ("binary:logistic", {"booster": "dart", "rate_drop": 0.5, "one_drop": 1}),
        ("multi:softmax", {"num_class": 2}),
        ("multi:softprob", {"num_class": 3}),
        ("rank:pairwise", {}),
        ("survival:aft", {}),
        ("survival:cox", {}),
    ],
)
def test_it_answers_as_the_library_does(objective: str, settings: dict[str, Any]) -> None:
    booster = booster_of(objective, **settings)
    made = QuickBooster.of(booster, objective)
    assert made is not None
    expected = booster.inplace_predict(ROWS)
    for rows in (1, 300):
        found = made.predict(ROWS[:rows])
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected[:rows], rtol=1e-5, atol=1e-6)


def test_there_is_none_of_linear_models_and_categories() -> None:
    linear = xgboost.train(
        {"booster": "gblinear", "nthread": 1}, xgboost.DMatrix(np.nan_to_num(ROWS), LABELS), 2
    )
    assert QuickBooster.of(linear, "reg:squarederror") is None
    kinds = np.floor(np.abs(np.nan_to_num(ROWS)) * 3)
    matrix = xgboost.DMatrix(kinds, LABELS, feature_types=["c"] * 4, enable_categorical=True)
    assert QuickBooster.of(xgboost.train({"nthread": 1}, matrix, 2), "reg:squarederror") is None


@compiled
def test_there_is_none_where_the_answers_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    booster = booster_of("binary:logistic")
    assert QuickBooster.of(booster, "reg:squarederror") is None
    assert QuickBooster.of(booster, "reg:unheard-of") is None
    monkeypatch.setattr(quick, "kernels", None)
    assert QuickBooster.of(booster, "binary:logistic") is None


def test_what_an_early_stop_left_over_is_cut_off() -> None:
    matrix = xgboost.DMatrix(ROWS, LABELS)
    booster = xgboost.train({"nthread": 1}, matrix, 6)
    assert quick.sliced(booster) is booster
    booster.set_attr(best_iteration="3")
    assert quick.sliced(booster).num_boosted_rounds() == 4
