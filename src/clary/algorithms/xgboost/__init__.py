"""XGBoost: boosted trees by the library of that name, trained and hosted as SageMaker's container does."""

from clary.algorithms.xgboost.xgboost import XGBoost

__all__ = ["XGBoost"]
