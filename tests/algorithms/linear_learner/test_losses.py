"""Each loss is what its name says, and its gradient is its derivative."""

import numpy as np
import pytest

from clary.algorithms.linear_learner import losses
from clary.algorithms.linear_learner.losses import Loss, Softmax, make_loss, sigmoid, softmax
from clary.algorithms.linear_learner.params import BINARY, LOSSES, MULTICLASS, LinearLearnerParams
from clary.toolkit.batch import Floats

ALL = [(kind, loss) for kind, names in LOSSES.items() for loss in names]


def made(kind: str, loss: str, scale: float = 1.0, **more: str) -> Loss:
    classes = {"num_classes": "4"} if kind == MULTICLASS else {}
    return make_loss(
        LinearLearnerParams.parse({"predictor_type": kind, "loss": loss, **classes, **more}), scale
    )


def cases(kind: str) -> tuple[Floats, Floats]:
    random = np.random.default_rng(0)
    scores = random.normal(0, 3, (50, 2, 4) if kind == MULTICLASS else (50, 2)).astype(np.float32)
    if kind == MULTICLASS:
        labels = random.integers(0, 4, 50)
    elif kind == BINARY:
        labels = random.integers(0, 2, 50)
    else:
        return scores, random.normal(0, 3, (50, 1)).astype(np.float32)
    return scores, labels.astype(np.float32)[:, None]


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_gradient_is_the_derivative(kind: str, name: str) -> None:
    loss = made(kind, name, loss_insensitivity="0.5", quantile="0.3", margin="1.5")
    scores, labels = cases(kind)
    gradient = loss.gradient(scores.copy(), labels)
    step = np.float32(2e-2)
    # Central differences along each score; kinks are crossed by few of the cases, which may differ.
    shift = np.zeros_like(scores)
    numeric = np.zeros_like(scores)
    for index in np.ndindex(scores.shape[2:]):
        shift[...] = 0
        shift[(..., *index)] = step
        slope = (loss.values(scores + shift, labels) - loss.values(scores - shift, labels)) / (2 * step)
        numeric[(..., *index)] = slope
    close = np.isclose(gradient, numeric, atol=5e-3)
    assert close.mean() > 0.95


@pytest.mark.parametrize(
    ("name", "score", "label", "expected"),
    [
        ("squared_loss", 3.0, 1.0, 4.0),
        ("absolute_loss", 3.0, 1.0, 2.0),
        ("eps_insensitive_squared_loss", 3.0, 1.0, 2.25),
        ("eps_insensitive_absolute_loss", 3.0, 1.0, 1.5),
        ("eps_insensitive_absolute_loss", 1.4, 1.0, 0.0),
        ("quantile_loss", 3.0, 1.0, 1.4),
        ("quantile_loss", 1.0, 3.0, 0.6),
        ("huber_loss", 1.5, 1.0, 0.125),
        ("huber_loss", 4.0, 1.0, 2.5),
    ],
)
def test_regression_losses_by_hand(name: str, score: float, label: float, expected: float) -> None:
    loss = made("regressor", name, loss_insensitivity="0.5", quantile="0.3")
    value = loss.values(np.array([[score]], np.float32), np.array([[label]], np.float32))
    assert value[0, 0] == pytest.approx(expected, abs=1e-6)


def test_classification_losses_by_hand() -> None:
    scores, one, zero = (np.array([[value]], np.float32) for value in (0.25, 1, 0))
    assert made(BINARY, "hinge_loss").values(scores, one)[0, 0] == pytest.approx(0.75)
    assert made(BINARY, "hinge_loss").values(scores, zero)[0, 0] == pytest.approx(1.25)
    assert made(BINARY, "logistic").values(scores, one)[0, 0] == pytest.approx(np.log1p(np.exp(-0.25)))
    even = np.zeros((1, 1, 4), np.float32)
    assert Softmax().values(even, one)[0, 0] == pytest.approx(np.log(4))


@pytest.mark.parametrize("name", LOSSES["regressor"])
def test_losses_scale_with_the_label_by_their_degree(name: str) -> None:
    scores, labels = cases("regressor")
    plain, scaled = made("regressor", name), made("regressor", name, 10.0)
    np.testing.assert_allclose(
        np.asarray(scaled.values(scores / np.float32(10), labels / np.float32(10)) * 10**scaled.degree),
        np.asarray(plain.values(scores, labels)),
        rtol=1e-3,
        atol=1e-5,
    )


@pytest.mark.parametrize("column", [[0, 1, 1, 0, 1, 0, 1], [1]])
def test_the_kernel_of_the_logistic_loss_is_numpys(
    column: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = np.random.default_rng(0).normal(0, 20, (7, 37)).astype(np.float32)
    scores[0, :6] = 0, 100, -100, 1e30, -1e30, np.nan
    labels = np.array(column, np.float32)[:, None]
    loss = made(BINARY, "logistic")
    compiled = loss.values(scores, labels), loss.gradient(scores.copy(), labels)
    monkeypatch.setattr(losses, "kernels", None)
    plain = loss.values(scores, labels), loss.gradient(scores.copy(), labels)
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_links_do_not_overflow() -> None:
    extremes = np.array([[-1e30, -100, 0, 100, 1e30]], np.float32)
    np.testing.assert_allclose(sigmoid(extremes.copy()), [[0, 0, 0.5, 1, 1]], atol=1e-30)
    np.testing.assert_allclose(softmax(extremes[None].copy())[0], [[0, 0, 0, 0, 1]])
    assert np.isfinite(made(BINARY, "logistic").values(extremes, np.ones((1, 1), np.float32))).all()
