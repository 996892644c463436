"""The linear learner: classification and regression by many linear models trained in one pass."""

from clary.algorithms.linear_learner.linear_learner import LinearLearner

__all__ = ["LinearLearner"]
