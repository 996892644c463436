"""k-NN: classification and regression by the nearest of a sample of rows."""

from clary.algorithms.knn.knn import KNN

__all__ = ["KNN"]
