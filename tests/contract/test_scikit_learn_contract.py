"""The classic learners keep the algorithm contract; the reference for quality is scikit-learn itself."""

from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Lasso as ReferenceLasso
from sklearn.linear_model import Ridge as ReferenceRidge
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

from clary.algorithms.scikit_learn.decision_tree import DecisionTree
from clary.algorithms.scikit_learn.lasso import Lasso
from clary.algorithms.scikit_learn.naive_bayes import NaiveBayes
from clary.algorithms.scikit_learn.random_forest import RandomForest
from clary.algorithms.scikit_learn.ridge import Ridge
from clary.algorithms.scikit_learn.svm import SVM
from clary.testing.tabular_contract import Data, TabularContract
from clary.toolkit.batch import Floats
from clary.toolkit.predictions import Predictions

pytestmark = pytest.mark.contract


def split(features: Floats, labels: Floats) -> tuple[Data, Data]:
    parts = train_test_split(features, labels, test_size=0.25, random_state=0)
    train_x, fresh_x, train_y, fresh_y = (np.asarray(part, np.float32) for part in parts)
    return (train_x, train_y), (fresh_x, fresh_y)


class _Contract(TabularContract):
    """A data set of scikit-learn, split once, and the estimator that must not be better."""

    data: ClassVar[tuple[Data, Data]]
    reference: ClassVar[Any]

    def training_data(self) -> Data:
        return self.data[0]

    def fresh_data(self) -> Data:
        return self.data[1]

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return float(np.mean(predictions.fields["predicted_label"] == labels))

    def reference_quality(self) -> float:
        return float(self.reference.fit(*self.data[0]).score(*self.data[1])) - 0.001


class _Regressor(_Contract):
    def score(self, predictions: Predictions, labels: Floats) -> float:
        error = np.square(predictions.fields["score"] - labels).sum()
        return float(1 - error / np.square(labels - labels.mean()).sum())


class TestSVM(_Contract):
    """Breast cancer, features on one scale."""

    algorithm = SVM
    hyperparameters = MappingProxyType({"predictor_type": "classifier", "normalize_data": "true"})
    illegal = ("kernel", "rational")
    data = split(*load_breast_cancer(return_X_y=True))
    reference = make_pipeline(StandardScaler(), SVC())


class TestDecisionTree(_Regressor):
    """Diabetes, by a tree of which few leaves are kept."""

    algorithm = DecisionTree
    hyperparameters = MappingProxyType({"predictor_type": "regressor", "max_depth": "4"})
    illegal = ("max_depth", "0")
    data = split(*load_diabetes(return_X_y=True, scaled=False))
    reference = DecisionTreeRegressor(max_depth=4, random_state=0)


class TestRandomForest(_Contract):
    """Iris: three classes."""

    algorithm = RandomForest
    hyperparameters = MappingProxyType({"predictor_type": "classifier", "n_estimators": "20"})
    illegal = ("max_features", "2")
    data = split(*load_iris(return_X_y=True))
    reference = RandomForestClassifier(20, random_state=0)


class TestNaiveBayes(_Contract):
    """Iris, whose features are nearly normal in each class."""

    algorithm = NaiveBayes
    hyperparameters = MappingProxyType({})
    illegal = ("distribution", "poisson")
    data = split(*load_iris(return_X_y=True))
    reference = GaussianNB()


class TestRidge(_Regressor):
    """Diabetes."""

    algorithm = Ridge
    hyperparameters = MappingProxyType({"predictor_type": "regressor"})
    illegal = ("alpha", "-1")
    data = split(*load_diabetes(return_X_y=True, scaled=False))
    reference = ReferenceRidge()


class TestLasso(_Regressor):
    """Diabetes, of whose features some are left out."""

    algorithm = Lasso
    hyperparameters = MappingProxyType({"alpha": "0.5", "normalize_data": "true"})
    illegal = ("alpha", "0")
    data = split(*load_diabetes(return_X_y=True, scaled=False))
    reference = make_pipeline(StandardScaler(), ReferenceLasso(alpha=0.5))
