"""The hyperparameters are those that SageMaker documents, and those that do not go together are refused."""

import pytest

from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.toolkit.errors import ClientError


def test_documented_names_and_defaults() -> None:
    assert len(LinearLearnerParams.declared) == 44
    defaults = LinearLearnerParams.defaults()
    assert (defaults["epochs"], defaults["mini_batch_size"], defaults["num_models"]) == ("15", "1000", "auto")
    assert (defaults["init_scale"], defaults["early_stopping_tolerance"]) == ("0.07", "0.001")


def test_documented_tunable_hyperparameters() -> None:
    tunable = {name for name, field in LinearLearnerParams.declared.items() if field.tunable}
    assert tunable == {
        "wd", "l1", "learning_rate", "mini_batch_size", "use_bias", "positive_example_weight_mult",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"predictor_type": "multiclass_classifier"}, "'num_classes' is required for multiclass_classifier"),
        (
            {"predictor_type": "regressor", "num_classes": "3"},
            "'num_classes' is for multiclass_classifier only",
        ),
        (
            {"predictor_type": "regressor", "loss": "logistic"},
            "loss 'logistic' does not go with predictor_type 'regressor': give auto or squared_loss",
        ),
        (
            {"predictor_type": "regressor", "use_bias": "false", "unbias_data": "true"},
            "'unbias_data' is true, but a model without a bias cannot make up for the shift",
        ),
        (
            {"predictor_type": "regressor", "use_bias": "False", "unbias_label": "True"},
            "'unbias_label' is true, but a model without a bias",
        ),
    ],
)
def test_what_does_not_go_together(given: dict[str, str], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        LinearLearnerParams.parse(given)
