"""The models of a pack differ where the user left a choice."""

import pytest

from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.algorithms.linear_learner.variants import Variant, variants


def made(rows: int = 1000, balance: float = 4.0, **given: str) -> list[Variant]:
    return variants(
        LinearLearnerParams.parse({"predictor_type": "binary_classifier", **given}), (rows, 30), balance
    )


def test_auto_trains_32_different_models() -> None:
    assert len(set(made())) == len(made()) == 32


def test_what_is_given_is_the_same_in_all_of_them() -> None:
    models = made(learning_rate="0.5", wd="0.1")
    assert {(model.learning_rate, model.wd) for model in models} == {(0.5, 0.1)}
    assert len({model.l1 for model in models}) == len(models) > 1


def test_nothing_left_to_choose_makes_one_model() -> None:
    assert made(learning_rate="0.5", wd="0.1", l1="0") == [Variant(0.5, 0.0, 0.1)]


def test_as_many_as_asked_for() -> None:
    assert len(made(num_models="5")) == 5
    assert len(made(num_models="70")) == 70


def test_a_tuning_job_trains_one() -> None:
    assert len(made(num_models="8", _tuning_objective_metric="validation:mse")) == 1


@pytest.mark.parametrize(
    ("asked", "weights"), [("1", {None}), ("2.5", {2.5}), ("balanced", {4.0}), ("auto", {1.0, 4.0})]
)
def test_weights_of_positive_rows(asked: str, weights: set[float | None]) -> None:
    assert {model.positive_weight for model in made(positive_example_weight_mult=asked)} == weights


def test_a_million_features_make_fewer_models() -> None:
    params = LinearLearnerParams.parse({"predictor_type": "binary_classifier"})
    assert len(variants(params, (1000, 1_000_000), 1.0)) == 4


def test_many_classes_make_fewer_models() -> None:
    params = LinearLearnerParams.parse({"predictor_type": "multiclass_classifier", "num_classes": "1000"})
    assert len(variants(params, (1000, 30), 1.0)) == 4
