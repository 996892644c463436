"""Random Cut Forest: how unusual a row is among those of a sample, and so whether it is an anomaly."""

from clary.algorithms.random_cut_forest.random_cut_forest import RandomCutForest

__all__ = ["RandomCutForest"]
