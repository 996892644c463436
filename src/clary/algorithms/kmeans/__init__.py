"""K-means: clusters of rows found in one pass over the data."""

from clary.algorithms.kmeans.kmeans import KMeans

__all__ = ["KMeans"]
