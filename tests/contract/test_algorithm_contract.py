"""The built-in algorithms keep the algorithm contract, with scikit-learn as the reference for quality."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import ClassVar

import numpy as np
import pytest
from sklearn import decomposition
from sklearn.cluster import MiniBatchKMeans
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from clary.algorithms.factorization_machines import FactorizationMachines
from clary.algorithms.kmeans import KMeans
from clary.algorithms.knn import KNN
from clary.algorithms.linear_learner import LinearLearner
from clary.algorithms.pca import PCA
from clary.testing.tabular_contract import Data, TabularContract
from clary.toolkit.algorithm import AlgorithmType
from clary.toolkit.batch import Floats
from clary.toolkit.predictions import Predictions

pytestmark = pytest.mark.contract


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Give the algorithm one core: its many small products gain nothing by more."""
    with threadpool_limits(1):
        yield


def split(features: Floats, labels: Floats) -> tuple[Data, Data]:
    parts = train_test_split(features, labels, test_size=0.2, random_state=0)
    train_x, fresh_x, train_y, fresh_y = (np.asarray(part, np.float32) for part in parts)
    return (train_x, train_y), (fresh_x, fresh_y)


class _Contract(TabularContract):
    """A data set of scikit-learn, split once."""

    algorithm: ClassVar[AlgorithmType] = LinearLearner
    data: tuple[Data, Data]

    def training_data(self) -> Data:
        return self.data[0]

    def fresh_data(self) -> Data:
        return self.data[1]


def accuracy(predictions: Predictions, labels: Floats) -> float:
    return float(np.mean(predictions.fields["predicted_label"] == labels))


class _Classifier(_Contract):
    """Accuracy against that of scikit-learn's logistic regression."""

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return accuracy(predictions, labels)

    def reference_quality(self) -> float:
        reference = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(*self.data[0])
        return float(reference.score(*self.data[1])) - 0.015


class TestBinaryClassifier(_Classifier):
    """Breast cancer: 455 rows to learn from, all defaults."""

    hyperparameters = MappingProxyType({"predictor_type": "binary_classifier"})
    illegal = ("learning_rate", "-1")
    data = split(*load_breast_cancer(return_X_y=True))

    def test_accuracy_is_at_least_95_percent(self) -> None:
        assert self.reference_quality() >= 0.949


class TestMulticlassClassifier(_Classifier):
    """Digits: ten classes."""

    hyperparameters = MappingProxyType(
        {"predictor_type": "multiclass_classifier", "num_classes": "10", "mini_batch_size": "100"}
    )
    illegal = ("num_classes", "2")
    data = split(*load_digits(return_X_y=True))


class TestRegressor(_Contract):
    """Diabetes: root mean squared error within three percent of ordinary least squares."""

    hyperparameters = MappingProxyType({"predictor_type": "regressor", "mini_batch_size": "32"})
    illegal = ("loss", "cubic")
    data = split(*load_diabetes(return_X_y=True, scaled=False))

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return -float(np.sqrt(np.mean((predictions.fields["score"] - labels) ** 2)))

    def reference_quality(self) -> float:
        reference = LinearRegression().fit(*self.data[0]).predict(self.data[1][0])
        return -1.03 * float(np.sqrt(np.mean((reference - self.data[1][1]) ** 2)))


class TestKMeans(_Contract):
    """Digits: the mean distance of fresh rows is within a percent of that of scikit-learn's minibatches."""

    algorithm = KMeans
    hyperparameters = MappingProxyType({"k": "10", "feature_dim": "64", "mini_batch_size": "500"})
    illegal = ("eval_metrics", '["rmse"]')
    data = split(*load_digits(return_X_y=True))

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return -float(np.square(predictions.fields["distance_to_cluster"]).mean())

    def reference_quality(self) -> float:
        reference = MiniBatchKMeans(10, n_init=3, random_state=0).fit(self.data[0][0])
        return 1.01 * float(reference.score(self.data[1][0])) / len(self.data[1][0])


class TestPCA(_Contract):
    """Digits: the components hold what scikit-learn's hold."""

    algorithm = PCA
    hyperparameters = MappingProxyType({"num_components": "5", "feature_dim": "64", "mini_batch_size": "200"})
    illegal = ("algorithm_mode", "exact")
    data = split(*load_digits(return_X_y=True))

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return float(np.square(predictions.fields["projection"]).sum())

    def reference_quality(self) -> float:
        reference = decomposition.PCA(5, svd_solver="full").fit(self.data[0][0])
        return 0.999 * float(np.square(reference.transform(self.data[1][0])).sum())


def pairs(count: int = 2000) -> tuple[Floats, Floats]:
    """Return rows whose class depends on pairs of their features, and with some chance on nothing."""
    random = np.random.default_rng(0)
    rows, factors = random.normal(size=(count, 10)), np.random.default_rng(1).normal(size=(10, 2))
    sums = np.square(rows @ factors).sum(axis=1) - (np.square(rows) @ np.square(factors)).sum(axis=1)
    labels = rows[:, 0] + sums / 4 + random.logistic(size=count) > 0
    return rows.astype(np.float32), labels.astype(np.float32)


class TestFactorizationMachines(_Contract):
    """Pairs of features: as accurate as a logistic regression that is given every product."""

    algorithm = FactorizationMachines
    hyperparameters = MappingProxyType(
        {
            "feature_dim": "10",
            "num_factors": "3",
            "predictor_type": "binary_classifier",
            "mini_batch_size": "100",
            "epochs": "20",
            "linear_lr": "0.02",
            "factors_lr": "0.02",
            "factors_init_sigma": "0.1",
        }
    )
    illegal = ("factors_init_method", "xavier")
    data = split(*pairs())

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return accuracy(predictions, labels)

    def reference_quality(self) -> float:
        products = PolynomialFeatures(2, interaction_only=True, include_bias=False)
        reference = make_pipeline(products, LogisticRegression(max_iter=1000)).fit(*self.data[0])
        return float(reference.score(*self.data[1])) - 0.01


class TestKNNClassifier(_Contract):
    """Digits: as accurate as scikit-learn's exact neighbours."""

    algorithm = KNN
    hyperparameters = MappingProxyType(
        {"feature_dim": "64", "k": "5", "predictor_type": "classifier", "sample_size": "2000"}
    )
    illegal = ("index_metric", "L1")
    data = split(*load_digits(return_X_y=True))

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return accuracy(predictions, labels)

    def reference_quality(self) -> float:
        reference = KNeighborsClassifier(5, algorithm="brute").fit(*self.data[0])
        return float(reference.score(*self.data[1]))


class TestKNNRegressor(_Contract):
    """Diabetes, of which a sample is kept: root mean squared error within three percent of scikit-learn's."""

    algorithm = KNN
    hyperparameters = MappingProxyType(
        {"feature_dim": "10", "k": "20", "predictor_type": "regressor", "sample_size": "300"}
    )
    illegal = ("sample_size", "0")
    data = split(*load_diabetes(return_X_y=True))

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return -float(np.sqrt(np.mean((predictions.fields["predicted_label"] - labels) ** 2)))

    def reference_quality(self) -> float:
        reference = KNeighborsRegressor(20).fit(*self.data[0]).predict(self.data[1][0])
        return -1.03 * float(np.sqrt(np.mean((reference - self.data[1][1]) ** 2)))


class TestKNNInverted(TestKNNClassifier):
    """Digits by inverted lists of faiss: within three percent of exact neighbours."""

    hyperparameters = MappingProxyType(
        {**TestKNNClassifier.hyperparameters, "index_type": "faiss.IVFFlat", "faiss_index_ivf_nlists": "20"}
    )

    def reference_quality(self) -> float:
        return super().reference_quality() - 0.03
