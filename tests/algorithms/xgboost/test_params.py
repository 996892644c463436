"""Hyperparameters reach the library as a job gives them, and what does not go together is named."""

from typing import Any

import pytest

from clary.algorithms.xgboost.params import XGBoostParams
from clary.toolkit.errors import ClientError


def parsed(**given: str) -> XGBoostParams:
    return XGBoostParams.parse({"num_round": "10", **given})


def test_the_library_is_told_what_is_given_and_nothing_else() -> None:
    assert parsed().settings(3) == {
        "objective": "reg:squarederror", "nthread": 3, "tree_method": "hist", "device": "cpu",
    }  # fmt: skip
    told = parsed(
        learning_rate="0.1", reg_lambda="2", nthread="1", sketch_eps="0.1", max_depth="3.0"
    ).settings(3)
    assert told == {
        "objective": "reg:squarederror", "nthread": 1, "tree_method": "hist", "device": "cpu", "eta": 0.1,
        "lambda": 2.0, "max_depth": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"tree_method": "gpu_hist"}, {"tree_method": "hist", "device": "cuda"}),
        ({"updater": "grow_colmaker,prune"}, {"tree_method": "exact"}),
        ({"updater": "grow_histmaker"}, {"tree_method": "approx"}),
        ({"process_type": "update", "updater": "refresh, prune"}, {"updater": "refresh,prune"}),
        ({"booster": "gblinear", "updater": "shotgun"}, {"updater": "shotgun", "booster": "gblinear"}),
        ({"objective": "reg:linear"}, {"objective": "reg:squarederror"}),
        ({"monotone_constraints": "(1, -1)"}, {"monotone_constraints": "(1,-1)"}),
        ({"monotone_constraints": "[0,1]"}, {"monotone_constraints": "(0,1)"}),
        ({"interaction_constraints": "[[0, 1], [2]]"}, {"interaction_constraints": "[[0, 1], [2]]"}),
        ({"quantile_alpha": "[0.1, 0.9]"}, {"quantile_alpha": [0.1, 0.9]}),
    ],
)
def test_older_names_and_lists_are_the_librarys(given: dict[str, str], expected: dict[str, Any]) -> None:
    told = parsed(**given).settings(1)
    assert {name: told[name] for name in expected} == expected


def test_metrics_are_those_given_and_the_tuners() -> None:
    params = parsed(eval_metric="['rmse', 'mae']", _tuning_objective_metric="validation:mape")
    assert params.watched == ("rmse", "mae", "mape")
    assert params.tuned == ("mape",)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"objective": "multi:softmax"}, "Require input for parameter 'num_class'"),
        ({"num_class": "3"}, "Do not need to setup parameter 'num_class'"),
        ({"eval_metric": "auc"}, "Metric 'auc' can only be applied for classification and ranking"),
        ({"eval_metric": "aft-nloglik"}, "Metric 'aft-nloglik' can only be applied for 'survival:aft'"),
        ({"eval_metric": "beauty"}, "'beauty' is not a valid value of hyperparameter 'eval_metric'"),
        ({"eval_metric": "rmse@3"}, "'rmse@3' is not a valid value"),
        ({"eval_metric": "error@x"}, "'error@x' is not a valid value"),
        ({"_tuning_objective_metric": "validation:beauty"}, "'beauty' of hyperparameter '_tuning_objective"),
        ({"updater": "distcol"}, "updater 'distcol' is no longer a part of XGBoost"),
        ({"updater": "grow_colmaker,grow_histmaker"}, "Only one tree grow plugin can be selected"),
        ({"updater": "shotgun"}, "Only one tree grow plugin"),
        ({"booster": "gblinear", "updater": "prune"}, "Linear updater should be one of"),
        ({"process_type": "update", "updater": "grow_colmaker"}, "can only be used with updater 'refresh'"),
        ({"process_type": "update", "_kfold": "3"}, "'_kfold' makes new models"),
        ({"monotone_constraints": "(2,1)"}, "a tuple of -1, 0 and 1, such as"),
        ({"interaction_constraints": "[1,2]"}, r"a nested list of feature numbers, such as"),
        ({"quantile_alpha": "1.5"}, "numbers between 0 and 1"),
        ({"_kfold": "1"}, "an integer of at least 2"),
    ],
)
def test_what_does_not_go_together_is_named(given: dict[str, str], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        parsed(**given)
