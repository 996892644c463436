"""XGBoost keeps the contract, learns as the library does, and answers as SageMaker's container."""

from types import MappingProxyType

import xgboost
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score

from clary.algorithms.xgboost import XGBoost
from clary.testing.tabular_contract import Data, TabularContract
from clary.toolkit.batch import Floats
from clary.toolkit.predictions import Predictions


class TestContract(TabularContract):
    """The contract of algorithms, kept by a classifier of tumours."""

    algorithm = XGBoost
    hyperparameters = MappingProxyType(
        {
            "num_round": "20", "objective": "binary:logistic", "max_depth": "3", "subsample": "0.8",
            "nthread": "1", "eval_metric": "auc,error,accuracy",
        }
    )  # fmt: skip
    illegal = ("eta", "1.5")

    def training_data(self) -> Data:
        features, labels = load_breast_cancer(return_X_y=True)
        return features[::2].astype("float32"), labels[::2].astype("float32")

    def fresh_data(self) -> Data:
        features, labels = load_breast_cancer(return_X_y=True)
        return features[1::2].astype("float32"), labels[1::2].astype("float32")

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return float(roc_auc_score(labels, predictions.fields["score"]))

    def reference_quality(self) -> float:
        settings = {"objective": "binary:logistic", "max_depth": 3, "subsample": 0.8, "nthread": 1}
        booster = xgboost.train(settings, xgboost.DMatrix(*self.training_data()), 20)
        features, labels = self.fresh_data()
        return float(roc_auc_score(labels, booster.predict(xgboost.DMatrix(features)))) - 0.002
